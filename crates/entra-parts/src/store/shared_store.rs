//! The trait for shared state: bytes under names, each with a lifetime.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::error::StoreError;

/// A place outside of the process where several processes keep state: Redis, or anything that
/// keeps bytes under names for a time.
///
/// Wrap it in a [`SharedTier`](super::SharedTier) with the keys that values are sealed with.
/// An implementation needs no care for secrecy: it sees names that are keyed hashes, and
/// values that only a process with the same [`SealingKeys`](crate::seal::SealingKeys) can
/// open. Nor for isolation: a value is bound to its name, so a reply that belongs to another
/// name is a miss.
///
/// All else is done above it as well:
///
/// - a call waits 100 ms at most;
/// - after five failures in a row the store is left out, and asked again every 5 s by a task
///   that no caller waits for;
/// - values are at most [`MAX_STORED_VALUE`](super::MAX_STORED_VALUE) bytes long; longer ones are neither written nor
///   read.
///
/// What is left to the implementation: names and values byte for byte, TTLs, the atomicity
/// that each method states, and a connection that survives a dropped future. A call that ran
/// out of time is dropped where it stands. If its reply can then reach another call, give the
/// connection up: here it is a miss, elsewhere it is another user's data.
#[async_trait]
pub trait SharedStore: fmt::Debug + Send + Sync {
    /// The values of these names, as many and in the same order, in one round trip (`MGET`,
    /// or a pipeline). A value that is longer than [`MAX_STORED_VALUE`](super::MAX_STORED_VALUE) may be left out or
    /// cut: it is not used anyway.
    ///
    /// # Errors
    ///
    /// What kept the store from answering.
    async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// Keeps a value for `ttl` at the longest, in the place of any other (`SET` with `PX`).
    ///
    /// # Errors
    ///
    /// What kept the store from keeping it.
    async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError>;

    /// Keeps a value unless there is one, and says whether it did (`SET` with `NX` and
    /// `PX`). Of two callers at once only one may hear that it did.
    ///
    /// # Errors
    ///
    /// What kept the store from keeping it.
    async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError>;

    /// Removes a value, if there is one (`DEL`).
    ///
    /// # Errors
    ///
    /// What kept the store from removing it.
    async fn delete(&self, name: &str) -> Result<(), StoreError>;

    /// Removes a value and gives it (`GETDEL`). Of two callers at once only one may get it.
    ///
    /// # Errors
    ///
    /// What kept the store from answering.
    async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Adds `n` to a counter and gives the sum; one that is not there starts at 0 and lives
    /// for `ttl` from then on, however often it is added to (`INCRBY`, and `PEXPIRE` with
    /// `NX`, in one transaction). No addition of two callers at once may be lost. Names of
    /// counters are never names of values.
    ///
    /// # Errors
    ///
    /// What kept the store from adding.
    async fn add(&self, name: &str, n: u64, ttl: Duration) -> Result<u64, StoreError>;
}

#[async_trait]
impl<S: SharedStore + ?Sized> SharedStore for Arc<S> {
    async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        (**self).get(names).await
    }

    async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        (**self).put(name, value, ttl).await
    }

    async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        (**self).put_if_absent(name, value, ttl).await
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        (**self).delete(name).await
    }

    async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).take(name).await
    }

    async fn add(&self, name: &str, n: u64, ttl: Duration) -> Result<u64, StoreError> {
        (**self).add(name, n, ttl).await
    }
}
