//! The trait of a shared token store, and its error.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

/// A place outside of the process where tokens wait for other processes: Redis, or anything
/// that keeps bytes under names for a time.
///
/// Given to a client with [`ExchangeClientBuilder::shared_store`], together with the keys
/// that the values are sealed with. An implementation needs no care for secrecy: it sees
/// names that are keyed hashes and values that only a client with the same [`SealingKeys`]
/// can open. Nor for isolation: a value is bound to everything that shaped the request for
/// it, so a reply that belongs to another name is a miss.
///
/// Everything else is the client's as well:
///
/// - a call waits 100 ms at most, and its failure is no failure of a caller: the token then
///   comes from Entra ID;
/// - after five failures in a row the store is left out, and asked again every 5 s by a task
///   that nobody waits for;
/// - values are at most [`MAX_STORED_VALUE`] bytes long; longer ones are
///   neither written nor read.
///
/// What is left to the implementation: names and values byte for byte, TTLs, and a
/// connection that survives a dropped future. A call that ran out of time is dropped where
/// it stands. If its reply can then reach another call, give the connection up: here it is a
/// miss and a figure in [`Stats::remote_rejected`], elsewhere it is another user's data.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use std::time::Duration;
/// use async_trait::async_trait;
/// use entra_obo::{StoreError, TokenStore};
///
/// /// One process's own, which forgets nothing: for the shape only.
/// #[derive(Debug, Default)]
/// struct Plain(Mutex<HashMap<String, Vec<u8>>>);
///
/// #[async_trait]
/// impl TokenStore for Plain {
///     async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
///         let map = self.0.lock().map_err(|_| StoreError::failed("poisoned"))?;
///         Ok(names.iter().map(|&name| map.get(name).cloned()).collect())
///     }
///
///     async fn put(&self, name: &str, value: &[u8], _: Duration) -> Result<(), StoreError> {
///         let mut map = self.0.lock().map_err(|_| StoreError::failed("poisoned"))?;
///         map.insert(name.to_owned(), value.to_owned());
///         Ok(())
///     }
///
///     async fn put_if_absent(&self, name: &str, value: &[u8], _: Duration) -> Result<bool, StoreError> {
///         let mut map = self.0.lock().map_err(|_| StoreError::failed("poisoned"))?;
///         let absent = !map.contains_key(name);
///         map.entry(name.to_owned()).or_insert_with(|| value.to_owned());
///         Ok(absent)
///     }
///
///     async fn delete(&self, name: &str) -> Result<(), StoreError> {
///         let mut map = self.0.lock().map_err(|_| StoreError::failed("poisoned"))?;
///         map.remove(name);
///         Ok(())
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let store = Plain::default();
/// assert!(store.put_if_absent("a", b"1", Duration::from_secs(60)).await?);
/// assert!(!store.put_if_absent("a", b"2", Duration::from_secs(60)).await?);
/// assert_eq!(store.get(&["b", "a"]).await?, [None, Some(b"1".to_vec())]);
/// # Ok(())
/// # }
/// ```
///
/// [`ExchangeClientBuilder::shared_store`]: crate::ExchangeClientBuilder::shared_store
/// [`SealingKeys`]: crate::SealingKeys
/// [`Stats::remote_rejected`]: crate::Stats::remote_rejected
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// The values of these names, as many and in the same order, in one round trip (`MGET`,
    /// or a pipeline). A value that is longer than [`MAX_STORED_VALUE`] may be
    /// left out or cut: it is not used anyway.
    ///
    /// # Errors
    ///
    /// Whatever kept the store from answering.
    async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// Keeps a value for `ttl` at the longest, in the place of any other (`SET` with `PX`).
    ///
    /// # Errors
    ///
    /// Whatever kept the store from keeping it.
    async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError>;

    /// Keeps a value unless there is one, and says whether it did (`SET` with `NX` and
    /// `PX`). Two callers at once must not both hear that they did.
    ///
    /// # Errors
    ///
    /// Whatever kept the store from keeping it.
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
    /// Whatever kept the store from removing it.
    async fn delete(&self, name: &str) -> Result<(), StoreError>;
}

/// The longest value that is written to a [`TokenStore`] or taken from one: 64 KiB.
pub const MAX_STORED_VALUE: usize = 64 * 1024;

/// Why a shared store did not do what it was asked. No caller who wants a token sees it: the
/// token then comes from Entra ID. [`ExchangeClient::forget`] returns it.
///
/// ```
/// use entra_obo::StoreError;
///
/// let error = StoreError::failed("READONLY");
/// assert_eq!(error.to_string(), "the shared store failed: READONLY");
/// ```
///
/// [`ExchangeClient::forget`]: crate::ExchangeClient::forget
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store answered with an error, or not in a form that can be used.
    #[error("the shared store failed: {reason}")]
    Failed {
        /// What the implementation says. It is logged.
        reason: String,
    },
    /// The store did not answer in time.
    #[error("the shared store did not answer in time")]
    TimedOut,
    /// The store is left out after failures, until it answers again. It was not asked.
    #[error("the shared store is left out, after failures, until it answers again")]
    LeftOut,
}

impl StoreError {
    /// For a [`TokenStore`](crate::TokenStore) of your own. The reason is logged: no password
    /// and no address with one in it.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
        }
    }
}
