//! Token decoding without verification: no crypto, no HTTP.

mod base64;
mod compact;
mod error;
mod guess;
mod header;
mod token;

#[cfg(any(feature = "jsonwebtoken", feature = "test-tokens"))]
pub(crate) use base64::encode as encode_base64;
#[cfg(feature = "validate")]
pub(crate) use base64::{decode as decode_base64, decode_into};
#[cfg(feature = "validate")]
pub(crate) use compact::{Compact, MAX_TOKEN};
pub use error::{DecodeError, Part};
pub use guess::KindGuess;
pub use header::Header;
#[cfg(feature = "validate")]
pub(crate) use header::{Marks, RawHeader, is_proof_of_possession};
#[cfg(all(test, feature = "http"))]
pub(crate) use token::DECODED;
pub use token::UnverifiedToken;
#[cfg(feature = "validate")]
pub(crate) use token::decode_claims;

/// Containers inside containers that a token, a key set or metadata may have. Entra ID needs
/// three; claims that a tenant adds may have more. Lengths are bounded before they are read.
pub(crate) const JSON_LIMITS: entra_parts::json::Limits = entra_parts::json::Limits::depth(64);
