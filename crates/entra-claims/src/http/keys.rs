//! Where an [`Authenticator`](crate::Authenticator) gets its keys from, and how they are.

pub use super::authority::KeyAuthority;
pub use super::discovery::HttpKeys;
pub use super::health::KeyHealth;
pub use super::key_source::{FetchReason, KeyFile, KeySource, KeySourceError, StaticKeys};
