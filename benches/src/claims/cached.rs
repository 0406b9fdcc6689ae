//! `claims.cached`: a token that is remembered, among a thousand. A look into a memory, and no validation.

use std::error::Error;
use std::sync::Arc;

use entra_claims::keys::StaticKeys;
use entra_claims::{Authenticator, KeySet};

use super::cold::validator;
use super::floor::{Floor, Signed};
use super::issuer::Issuer;
use crate::figure::Figure;
use crate::harness::interleaved;

const TOKENS: usize = 1000;
/// In a round all tokens are asked for so many times, against as many verifications: else the floor
/// would take nearly all of the time, in which other processes push the tokens out of the processor's
/// caches.
const PASSES: usize = 16;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let issuer = Issuer::new()?;
    let tokens = issuer.tokens(TOKENS)?;
    let signed = Signed::all(tokens.get(..PASSES).unwrap_or_default())?;
    let floor = Floor::new(&issuer.signer()?)?;
    let authenticator = authenticator(&issuer)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    for token in &tokens {
        runtime.block_on(authenticator.authenticate(token))?;
    }

    let measured = interleaved(
        PASSES,
        &[
            Box::new(|_| {
                tokens
                    .iter()
                    .all(|token| authenticator.cached(token).is_some())
            }),
            Box::new(|item| signed.get(item).is_some_and(|signed| floor.verify(signed))),
        ],
    )?;
    Ok(vec![Figure {
        bench: "claims.cached",
        against: "one RS256 verification",
        ours: measured.time(0) / TOKENS as f64,
        theirs: measured.time(1),
        ratio: measured.ratio(0, 1) / TOKENS as f64,
        limit: 0.025,
    }])
}

pub(crate) fn authenticator(issuer: &Issuer) -> Result<Authenticator, Box<dyn Error>> {
    let keys = KeySet::from_json(&issuer.key_set())?;
    let builder = Authenticator::builder(validator()?);
    Ok(builder
        .key_source(Arc::new(StaticKeys::new(keys)))
        .build()?)
}
