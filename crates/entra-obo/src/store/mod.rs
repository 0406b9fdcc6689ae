//! Tokens that several processes share: a store, and the keys that its values are sealed with.
//!
//! Give [`ExchangeClientBuilder::shared`](crate::ExchangeClientBuilder::shared) a
//! [`SharedTier`]: Redis, or any [`SharedStore`] of your own, and [`SealingKeys`]. A store sees
//! names that are keyed hashes and sealed bytes. Whatever it answers, late, cut, changed,
//! another name's value or a value of yesterday, is at worst a miss, and no failure of a caller:
//! the token then comes from Entra ID.
//!
//! ```
//! use std::collections::HashMap;
//! use std::sync::Mutex;
//! use std::time::Duration;
//! use async_trait::async_trait;
//! use entra_obo::store::{SealingKeys, SealingSecret, SharedStore, SharedTier, StoreError};
//!
//! /// One process's own, which forgets nothing: for the shape only.
//! #[derive(Debug, Default)]
//! struct Plain(Mutex<HashMap<String, Vec<u8>>>);
//!
//! #[async_trait]
//! impl SharedStore for Plain {
//!     async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
//!         let map = self.0.lock().map_err(|_| StoreError::failed("poisoned"))?;
//!         Ok(names.iter().map(|&name| map.get(name).cloned()).collect())
//!     }
//!
//!     async fn put(&self, name: &str, value: &[u8], _: Duration) -> Result<(), StoreError> {
//!         let mut map = self.0.lock().map_err(|_| StoreError::failed("poisoned"))?;
//!         map.insert(name.to_owned(), value.to_owned());
//!         Ok(())
//!     }
//!
//!     async fn put_if_absent(&self, name: &str, value: &[u8], _: Duration) -> Result<bool, StoreError> {
//!         let mut map = self.0.lock().map_err(|_| StoreError::failed("poisoned"))?;
//!         let absent = !map.contains_key(name);
//!         map.entry(name.to_owned()).or_insert_with(|| value.to_owned());
//!         Ok(absent)
//!     }
//!
//!     async fn delete(&self, name: &str) -> Result<(), StoreError> {
//!         self.take(name).await.map(drop)
//!     }
//!
//!     async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
//!         let mut map = self.0.lock().map_err(|_| StoreError::failed("poisoned"))?;
//!         Ok(map.remove(name))
//!     }
//!
//!     async fn add(&self, name: &str, n: u64, _: Duration) -> Result<u64, StoreError> {
//!         let mut map = self.0.lock().map_err(|_| StoreError::failed("poisoned"))?;
//!         let value = map.entry(name.to_owned()).or_insert_with(|| vec![0; 8]);
//!         let count = value.first_chunk().map_or(0, |count| u64::from_le_bytes(*count)) + n;
//!         *value = count.to_le_bytes().to_vec();
//!         Ok(count)
//!     }
//! }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Plain::default();
//! assert!(store.put_if_absent("a", b"1", Duration::from_secs(60)).await?);
//! assert!(!store.put_if_absent("a", b"2", Duration::from_secs(60)).await?);
//! assert_eq!(store.get(&["b", "a"]).await?, [None, Some(b"1".to_vec())]);
//!
//! // Secrets of your own, from a secret store. During a rotation there are two of them.
//! let old = SealingSecret::from_base64("8tSLVZVNZ6cT2Xkka9gMsnU9SfkVHN84W3SkRm0ZVnE=")?;
//! let new = SealingSecret::from_base64("T5fI1kUq0PyfUJIn/PqUqoR0kDVKvTnIF4gWVG1Y4Zs=")?;
//! assert!(SealingSecret::from_base64("too short").is_err());
//! let keys = SealingKeys::new(new).also_reading(old);
//! assert_eq!(format!("{keys:?}"), "SealingKeys(2, <redacted>)");
//!
//! let tier = SharedTier::new(store, keys);
//! # let _ = tier;
//! # Ok(())
//! # }
//! ```

mod record;
mod shared;

#[doc(inline)]
pub use entra_parts::seal::{InvalidSealingSecret, SealError, SealingKeys, SealingSecret};
#[doc(inline)]
pub use entra_parts::store::{MAX_STORED_VALUE, SharedStore, SharedTier, StoreError};

pub(crate) use shared::{LookupFor, SharedCache, StoreCounters};
