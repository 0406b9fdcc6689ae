//! The validator: every check, in the published order.

mod advice;
mod audiences;
mod claims;
mod config;
mod header;
mod id_token;
mod tenants;
mod validator;
mod verify;
mod version;

pub use audiences::AcceptedAudiences;
pub use config::ConfigError;
pub use id_token::{ExpectedSignIn, SignedIn};
pub use tenants::TenantPolicy;
pub(crate) use validator::BoundTokens;
pub use validator::Validator;
pub(crate) use validator::{LEAST_MAX_TOKEN, MAX_LEEWAY, MOST_MAX_TOKEN};
pub use version::TokenVersion;
