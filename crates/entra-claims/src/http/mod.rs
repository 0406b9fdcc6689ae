//! Discovery, key sets and the authenticator.

mod authenticator;
mod authority;
mod authority_keys;
mod budget;
mod builder;
mod decision;
mod discovery;
pub mod keys;
mod meter;
mod pace;
pub mod registry;
mod token_cache;
pub mod transport;

pub use authenticator::Authenticator;
pub use builder::AuthenticatorBuilder;
pub use decision::{Decision, PendingDecision};
use keys::{FetchReason, HttpKeys, KeyAuthority, KeyHealth, KeySource, KeySourceError};
pub use token_cache::TokenCacheLimits;
