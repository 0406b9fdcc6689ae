//! Checks of the JOSE header. Nothing of it chooses anything but one of the configured keys.

use std::borrow::Cow;

use crate::decode::{Marks, RawHeader, is_proof_of_possession};
use crate::key::Algorithm;
use crate::reject::{Detail, Reason, Rejection};

/// Applies the rules and gives the `kid` and which of the configured algorithms it is.
pub(super) fn check<'h>(
    header: &'h RawHeader<'_>,
    algorithms: &[Algorithm],
) -> Result<(&'h str, Algorithm), Rejection> {
    let named = |algorithm: &&Algorithm| header.alg.as_deref() == Some(algorithm.as_str());
    let Some(algorithm) = algorithms.iter().find(named) else {
        let found = header.alg.as_deref().unwrap_or("no algorithm");
        let names: Vec<_> = algorithms.iter().map(|known| known.as_str()).collect();
        let detail = Detail::found(found).needed(names.join(" or "));
        return Err(Rejection::with(Reason::UnsupportedAlgorithm, detail));
    };
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
    check_type(header)?;
    match header.kid.as_ref().map(Cow::as_ref) {
        Some(kid) if !kid.is_empty() => Ok((kid, *algorithm)),
        _ => Err(Rejection::bare(Reason::MissingKeyId)),
    }
}

/// Entra ID writes `JWT` on access tokens; RFC 9068 has `at+jwt`. Whatever says that it is
/// something else is something else (RFC 8725, section 3.11).
fn check_type(header: &RawHeader<'_>) -> Result<(), Rejection> {
    let Some(typ) = header.typ.as_deref() else {
        return Ok(());
    };
    if is_proof_of_possession(Some(typ)) {
        return Err(Rejection::with(
            Reason::ProofOfPossession,
            Detail::advice("send the access token itself with the scheme Bearer"),
        ));
    }
    // RFC 7515, section 4.1.9: `application/` may be left out.
    if ["JWT", "at+jwt", "application/jwt", "application/at+jwt"]
        .into_iter()
        .any(|name| typ.eq_ignore_ascii_case(name))
    {
        return Ok(());
    }
    let detail = Detail::found(typ).needed("JWT or at+jwt");
    Err(Rejection::with(Reason::UnsupportedType, detail))
}
