//! Shared token store: the trait, and above it sealing, keyed names, epochs, a deadline and a
//! circuit breaker.
//!
//! A store sees names and sealed bytes. Whatever it answers, late, cut, changed, another
//! name's value or a value of yesterday, is at worst a miss.

mod guarded;
mod keys;
mod record;
mod seal;
mod shared;
mod token_store;

pub use keys::{InvalidSealingSecret, SealingKeys, SealingSecret};
pub use token_store::{MAX_STORED_VALUE, StoreError, TokenStore};

pub(crate) use guarded::{Guarded, StoreCounters};
pub(crate) use keys::Ring;
pub(crate) use shared::{SharedCache, Wanted};
