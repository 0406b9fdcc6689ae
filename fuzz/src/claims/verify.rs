//! Verification of a signed token that was tampered with.

use super::world::{ORIGINAL, WORLD, tells_nothing};
use crate::check::base64url;

/// `Validator::verify` on `data` as a token, and as the header, the payload and the signature of
/// a token that was signed.
///
/// The one text that was signed is accepted, and nothing that differs from it.
pub fn verify(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        only_the_original(text);
    }
    let segment = base64url(data);
    for place in 0..3 {
        in_place_of(place, &segment);
    }
}

/// The signed token with another segment at this place.
pub(super) fn in_place_of(place: usize, segment: &str) {
    let mut parts: Vec<&str> = ORIGINAL.split('.').collect();
    parts[place] = segment;
    only_the_original(&parts.join("."));
}

fn only_the_original(token: &str) {
    let result = WORLD.validator.verify(token, &WORLD.keys);
    assert_eq!(result.is_ok(), token == ORIGINAL, "{token}");
    if let Err(rejection) = result {
        tells_nothing(token, &rejection);
        assert!(!rejection.signature_checked());
    }
}
