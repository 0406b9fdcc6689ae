//! Managed identities: tokens from the Azure platform, without a configured secret.

mod answer;
mod builder;
mod detect;
mod identity;
mod source;

pub use builder::ManagedIdentityBuilder;
pub use identity::ManagedIdentity;
pub use source::IdentitySelector;
