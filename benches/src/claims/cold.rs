//! `claims.cold`: full validation of a token that was not seen before.

use std::error::Error;

use entra_claims::{AcceptedAudiences, KeySet, TenantPolicy, Validator};
use foundry_scopes::{ClientId, Cloud, TenantId};

use super::floor::{Floor, Signed};
use super::issuer::{CLIENT, Issuer, TENANT};
use super::peer::JsonWebToken;
use crate::figure::Figure;
use crate::harness::interleaved;

const TOKENS: usize = 64;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let issuer = Issuer::new()?;
    let tokens = issuer.tokens(TOKENS)?;
    let forged = forged(tokens.first().ok_or("no token")?);
    let key_set = issuer.key_set();

    let validator = validator()?;
    let keys = KeySet::from_json(&key_set)?;
    let ours = |token: &str| validator.verify(token, &keys).is_ok();
    let floor = Floor::new(&issuer.signer()?)?;
    let peer = JsonWebToken::new(&key_set, &Issuer::url(), CLIENT)?;

    // A contestant that accepts a forged signature does not do the work.
    for (name, accepts) in [
        ("entra-claims", ours(&forged)),
        ("the floor", floor.run(&forged)),
        ("jsonwebtoken", peer.run(&forged)),
    ] {
        if accepts {
            return Err(format!("{name} accepts a forged token").into());
        }
    }

    let token = |item: usize| tokens.get(item).map_or("", String::as_str);
    let signed = Signed::all(&tokens)?;
    let verify = |item: usize| signed.get(item).is_some_and(|signed| floor.verify(signed));
    let measured = interleaved(
        tokens.len(),
        &[
            Box::new(|item| ours(token(item))),
            Box::new(|item| floor.run(token(item))),
            Box::new(|item| peer.run(token(item))),
            Box::new(verify),
        ],
    )?;
    let figure = |bench, against, theirs, limit| Figure {
        bench,
        against,
        ours: measured.time(0),
        theirs: measured.time(theirs),
        ratio: measured.ratio(0, theirs),
        limit,
    };
    Ok(vec![
        figure("claims.cold", "one RS256 verification", 3, 1.2),
        figure(
            "claims.cold.parsing",
            "signature, base64 and JSON alone",
            1,
            1.2,
        ),
        figure(
            "claims.cold.jsonwebtoken",
            "jsonwebtoken 11 with aws-lc-rs",
            2,
            0.8,
        ),
    ])
}

pub(crate) fn validator() -> Result<Validator, Box<dyn Error>> {
    Ok(Validator::new(
        Cloud::public(),
        TenantPolicy::single(TENANT.parse::<TenantId>()?),
        AcceptedAudiences::for_client(CLIENT.parse::<ClientId>()?),
    ))
}

/// The token with one character of its signature changed.
pub(crate) fn forged(token: &str) -> String {
    let middle = token.rfind('.').map_or(0, |dot| dot + 100);
    token
        .char_indices()
        .map(
            |(position, character)| match (position == middle, character) {
                (false, _) => character,
                (true, 'A') => 'B',
                (true, _) => 'A',
            },
        )
        .collect()
}
