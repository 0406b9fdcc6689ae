//! Any header before a good payload and its signature.

use super::{token, verify};
use crate::check::base64url;

/// `UnverifiedToken::decode` and `Validator::verify` on `data` as the JSON of a header.
///
/// The one header that was signed is accepted, and no other: not one that names another
/// algorithm, another key or a key of its own.
pub fn header(data: &[u8]) {
    let header = base64url(data);
    token::decode(&format!("{header}.e30."));
    verify::in_place_of(0, &header);
}
