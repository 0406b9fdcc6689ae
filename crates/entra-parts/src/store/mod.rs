//! State that several processes share: the trait that a store implements, and all that must
//! hold above it: sealing, keyed names, a deadline and a circuit breaker.
//!
//! A store sees names that are keyed hashes and values that are sealed. Whatever it answers,
//! late, cut, changed, another name's value or a value of yesterday, is at worst a miss.

mod breaker;
mod error;
mod memory;
mod shared_store;
mod space;
mod tier;

pub use error::{MAX_STORED_VALUE, StoreError};
pub use memory::MemoryStore;
pub use shared_store::SharedStore;
pub use space::{SharedSpace, StoreEvent};
pub use tier::SharedTier;
