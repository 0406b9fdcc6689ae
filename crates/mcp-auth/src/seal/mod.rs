//! What this server hands out and wants back unchanged.

mod handle;
mod key;

pub use handle::{HandleError, Handles};
pub use key::{KeyError, SealingKey};
