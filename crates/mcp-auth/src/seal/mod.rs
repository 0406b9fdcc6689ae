//! What this server hands out and wants back unchanged.

mod handle;
mod key;
#[cfg(feature = "obo")]
mod random;

pub use handle::{HandleError, Handles};
pub use key::{KeyError, SealingKey};

#[cfg(feature = "rmcp")]
pub(crate) use key::Bound;
#[cfg(feature = "obo")]
pub(crate) use random::random_id;
