//! What this server hands out and wants back unchanged.

mod handle;
mod key;

pub use handle::{HandleError, SealedHandles};
pub use key::{KeyError, SealingKey};

#[cfg(feature = "rmcp")]
pub(crate) use key::Bound;
#[cfg(feature = "obo")]
pub(crate) use key::random_id;
