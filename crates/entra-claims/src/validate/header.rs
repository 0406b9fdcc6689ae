//! What a header must be like. Nothing of it chooses anything but one of our own keys.

use std::borrow::Cow;

use crate::decode::{Marks, RawHeader};
use crate::reject::Detail;
use crate::{Algorithm, Reason, Rejection};

/// Applies the rules and gives the `kid`.
pub(super) fn check<'h>(header: &'h RawHeader<'_>) -> Result<&'h str, Rejection> {
    if header.alg.as_deref() != Some(Algorithm::Rs256.as_str()) {
        let found = header.alg.as_deref().unwrap_or("no algorithm");
        let detail = Detail::found(found).needed(Algorithm::Rs256.as_str());
        return Err(Rejection::with(Reason::UnsupportedAlgorithm, detail));
    }
    for (mark, name) in [
        (Marks::CRIT, "crit"),
        (Marks::ZIP, "zip"),
        (Marks::B64, "b64"),
        (Marks::ENC, "enc"),
    ] {
        if header.marks.has(mark) {
            return Err(Rejection::with(
                Reason::UnsupportedHeader,
                Detail::found(name).needed("a header without crit, zip, b64 and enc"),
            ));
        }
    }
    if header.marks.has(Marks::NONCE) {
        return Err(Rejection::with(
            Reason::GraphStyleToken,
            Detail::advice(
                "the header carries a nonce, so only Microsoft Graph can check the signature; \
                 the client asked for no scope of this API: request api://<client id>/<scope>",
            ),
        ));
    }
    if header
        .typ
        .as_deref()
        .is_some_and(|typ| typ.eq_ignore_ascii_case("pop"))
    {
        return Err(Rejection::with(
            Reason::ProofOfPossession,
            Detail::advice("send the access token itself with the scheme Bearer"),
        ));
    }
    match header.kid.as_ref().map(Cow::as_ref) {
        Some(kid) if !kid.is_empty() => Ok(kid),
        _ => Err(Rejection::bare(Reason::MissingKeyId)),
    }
}
