//! The validator: every check, in the published order.

mod advice;
mod audiences;
mod b2c;
mod claims;
mod config;
mod header;
mod id_token;
mod lifetime;
mod tenants;
mod validator;
mod verify;
mod version;

pub use audiences::AcceptedAudiences;
pub use config::ConfigError;
pub use id_token::{ExpectedSignIn, SignedIn};
pub use tenants::TenantPolicy;
pub use validator::Validator;
pub use version::TokenVersion;

pub(crate) use validator::BoundTokens;
use validator::{LEAST_MAX_TOKEN, MAX_LEEWAY, MOST_MAX_TOKEN};
