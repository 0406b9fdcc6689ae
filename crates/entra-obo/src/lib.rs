//! entra-obo
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod aadsts;
#[cfg(feature = "client")]
mod assertion;
#[cfg(feature = "client")]
mod cache;
mod challenge;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod credential;
mod error;
#[cfg(feature = "client")]
mod request;
#[cfg(feature = "client")]
mod response;
#[cfg(feature = "client")]
mod secret;
#[cfg(feature = "client")]
mod stats;
#[cfg(feature = "client")]
mod throttle;
#[cfg(feature = "client")]
mod token;

#[cfg(feature = "client")]
pub use assertion::{AssertionError, UserAssertion};
pub use challenge::{ClaimsChallenge, InvalidChallenge};
#[cfg(feature = "client")]
pub use client::{Downstream, ExchangeClient, ExchangeClientBuilder};
#[cfg(feature = "client")]
pub use credential::ClientCredential;
#[cfg(feature = "client")]
pub use error::ExchangeError;
pub use error::{EntraError, ErrorKind, Next};
#[cfg(feature = "client")]
pub use secret::ClientSecret;
#[cfg(feature = "client")]
pub use stats::Stats;
#[cfg(feature = "client")]
pub use token::AccessToken;
