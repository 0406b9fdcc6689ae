//! State that several instances share, and the keys that sealed values need.
//!
//! [`SealingKeys`] seal what clients hold: [`SealedHandles`](crate::SealedHandles) and the
//! states of multi round-trip requests. One instance takes [random](SealingKeys::random)
//! ones and is done; what it sealed is void after a restart. Several instances, or values that
//! outlive a restart, need secrets of your own from a secret store.
//!
//! A [`SharedTier`] is a [`SharedStore`], Redis for example, with such keys: what a server
//! remembers of its callers then holds on every instance. The types are those of
//! `entra_obo::store`: one tier serves both.
//!
//! ```
//! use mcp_auth::shared::{SealingKeys, SealingSecret};
//!
//! let old = SealingSecret::from_base64("8tSLVZVNZ6cT2Xkka9gMsnU9SfkVHN84W3SkRm0ZVnE=")?;
//! let new = SealingSecret::from_base64("T5fI1kUq0PyfUJIn/PqUqoR0kDVKvTnIF4gWVG1Y4Zs=")?;
//! assert!(SealingSecret::from_base64("too short").is_err());
//!
//! // The new one seals, both open; the old one goes when its values have expired.
//! let keys = SealingKeys::new(new).also_reading(old);
//! assert_eq!(format!("{keys:?}"), "SealingKeys(2, <redacted>)");
//!
//! // The same, as a setting may hold it.
//! SealingKeys::parse(
//!     "T5fI1kUq0PyfUJIn/PqUqoR0kDVKvTnIF4gWVG1Y4Zs=,8tSLVZVNZ6cT2Xkka9gMsnU9SfkVHN84W3SkRm0ZVnE=",
//! )?;
//! # Ok::<(), mcp_auth::shared::InvalidSealingSecret>(())
//! ```

#[doc(inline)]
pub use entra_parts::seal::{InvalidSealingSecret, SealError, SealingKeys, SealingSecret};
#[doc(inline)]
pub use entra_parts::store::{MAX_STORED_VALUE, MemoryStore, SharedStore, SharedTier, StoreError};
