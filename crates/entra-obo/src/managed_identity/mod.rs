//! Managed identities: tokens from the Azure platform, without a configured secret.

mod answer;
mod arc;
mod builder;
mod detect;
mod identity;
mod source;

pub use builder::ManagedIdentityBuilder;
pub use identity::ManagedIdentity;
pub use source::IdentitySelector;
