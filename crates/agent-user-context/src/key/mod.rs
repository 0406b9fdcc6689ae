//! Keys of issuers: algorithms, public halves, thumbprints, verification.

mod public;
mod set;

pub(crate) use public::VerifyingKey;
pub use public::{Algorithm, PublicKey, PublicKeyError};
pub use set::{ContextKeys, ContextKeysError};
