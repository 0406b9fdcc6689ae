//! Any payload behind a good header, without a signature.

use super::{token, verify};
use crate::check::base64url;

/// `UnverifiedToken::decode` and `Validator::verify` on `data` as the JSON of a payload.
///
/// What the accessors say is what a second reader says, and whatever it is, it is not accepted
/// without the signature over it. The target `signed` has the signature.
pub fn claims(data: &[u8]) {
    let payload = base64url(data);
    token::decode(&format!("{}.{payload}.", token::HEADER));
    verify::in_place_of(1, &payload);
}
