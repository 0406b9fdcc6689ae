//! entra-obo
mod challenge;
mod error;

pub mod aadsts;
pub use challenge::{ClaimsChallenge, InvalidChallenge};
pub use error::{EntraError, ErrorKind, Next};
