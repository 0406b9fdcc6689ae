//! Managed identities: tokens that the platform gives to what runs on it.

mod answer;
mod builder;
mod detect;
mod identity;
mod source;

pub use builder::ManagedIdentityBuilder;
pub use identity::ManagedIdentity;
pub use source::IdentitySelector;
