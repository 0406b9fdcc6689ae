//! Which hosts and origins a guard answers (DNS rebinding), and CORS for those origins.

mod allowed;
mod cors;
mod error;
mod fault;
mod hosts;
mod rules;

pub use allowed::{AllowedHost, AllowedOrigin};
pub use error::AllowListError;

pub(crate) use cors::Cors;
pub(crate) use fault::OriginFault;
pub(crate) use rules::{Entry, OriginRules};
