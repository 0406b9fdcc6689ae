//! For tests of applications: a store in memory that can misbehave.
//!
//! ```
//! use std::time::Duration;
//! use entra_obo::store::SharedStore;
//! use entra_obo::testing::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), entra_obo::store::StoreError> {
//! let store = MemoryStore::default();
//! store.put("a", b"1", Duration::from_secs(60)).await?;
//! store.put("b", b"2", Duration::from_secs(60)).await?;
//! assert_eq!(store.get(&["a"]).await?, [Some(b"1".to_vec())]);
//!
//! store.swap_every(1);
//! assert_eq!(store.get(&["b"]).await?, [Some(b"1".to_vec())]);
//! assert_eq!(store.swapped(), 1);
//! # Ok(())
//! # }
//! ```

#[doc(inline)]
pub use entra_parts::store::MemoryStore;
