//! Host and Origin checks (DNS rebinding), and CORS for allowed origins.

mod allowed;
mod cors;
mod hosts;
mod rules;

pub use allowed::{AllowListError, AllowedHost, AllowedOrigin};

pub(crate) use cors::Cors;
pub(crate) use rules::{Entry, OriginError, OriginRules};
