//! Parts that the entra crates share.
//!
//! **No API of its own**: anything here may change in any release, and `entra-claims`,
//! `entra-obo` and `mcp-auth` pin the exact version. What applications need is re-exported
//! where they look: `entra_claims::Clock`, `entra_obo::store`, `mcp_auth::shared`.
//!
//! | module | feature | what it holds |
//! |---|---|---|
//! | [`lock`] | | locks that survive a panic |
//! | [`clock`] | | wall time and monotonic time, replaceable |
//! | [`bounded`] | | a map with limits and eviction |
//! | [`foreign`] | | foreign text in log lines, cut and escaped |
//! | `flight` | `flight` | one request for many callers |
//! | `json` | `json` | strict JSON, read by typed visitors |
//! | `seal` | `seal` | AES-256-GCM with keys for one purpose each |
//! | `store` | `store` | the trait for shared state; sealing, deadline and breaker above it |
//! | `testing` | `testing` | what an implementation of that trait has to pass |
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod bounded;
pub mod clock;
#[cfg(feature = "flight")]
pub mod flight;
pub mod foreign;
#[cfg(feature = "json")]
pub mod json;
pub mod lock;
#[cfg(feature = "seal")]
pub mod seal;
#[cfg(feature = "store")]
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
