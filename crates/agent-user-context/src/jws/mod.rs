//! Compact JWS of a context: three parts, strict base64url, a closed header (RFC 7515, RFC 8725).

mod compact;
mod header;

pub(crate) use compact::{Compact, decode, encode, encode_into};
pub(crate) use header::{Header, Kind};

use entra_parts::json::Limits;

/// The longest context that is read.
pub(crate) const MAX_CONTEXT: usize = 4 * 1024;

/// Claims hold `act` within `act` at most; no member needs more.
pub(crate) const JSON_LIMITS: Limits = Limits::depth(8);
