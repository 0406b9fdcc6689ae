//! Bearer tokens for outgoing requests, and answers to claims challenges of the API.
//!
//! [`AttachToken`] puts the token of one user or application identity into requests to the
//! [`ApiOrigins`] of one API: as a layer (feature `tower`) or with a `reqwest` client.

mod call;
mod error;
mod message;
mod origins;
#[cfg(feature = "reqwest")]
mod reqwest;
mod token;
#[cfg(feature = "tower")]
mod tower;

pub use error::{AttachError, InvalidOrigin};
pub use origins::ApiOrigins;
pub use token::AttachToken;
#[cfg(feature = "tower")]
pub use tower::{AttachTokenService, AttachWithoutRetry, WithRetry, WithoutRetry};
