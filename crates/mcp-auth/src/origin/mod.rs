//! Which hosts and origins a guard answers (DNS rebinding), and CORS for those origins.

mod allowed;
mod cors;
mod hosts;
mod rules;

pub use allowed::{AllowListError, AllowedHost, AllowedOrigin};

pub(crate) use cors::Cors;
pub(crate) use rules::{Entry, OriginFault, OriginRules};
