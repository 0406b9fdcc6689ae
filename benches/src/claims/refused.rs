//! `claims.refused`: what an attacker's tokens cost.

use std::error::Error;

use entra_claims::{KeySet, Reason};
use serde_json::json;

use super::cold::validator;
use super::floor::{Floor, Signed};
use super::issuer::Issuer;
use crate::figure::Figure;
use crate::harness::interleaved;

const TOKENS: usize = 64;
const NO_KEY: f64 = 0.025;
const NO_SIGNATURE: f64 = 0.167;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let issuer = Issuer::new()?;
    let good = issuer.tokens(TOKENS)?;
    let floor = Floor::new(&issuer.signer()?)?;
    let signed = Signed::all(&good)?;
    let keys = KeySet::from_json(&issuer.key_set())?;
    let validator = validator()?;

    let each = |change: &dyn Fn(usize) -> Result<String, Box<dyn Error>>| {
        (0..TOKENS).map(change).collect::<Result<Vec<_>, _>>()
    };
    let kid = Issuer::signing_kid();
    let cases = [
        (
            "claims.refused.malformed",
            Reason::NotCompact,
            NO_KEY,
            each(&|item| {
                Ok(good
                    .get(item)
                    .and_then(|token| token.rsplit_once('.'))
                    .ok_or("no token")?
                    .0
                    .to_owned())
            })?,
        ),
        (
            "claims.refused.base64",
            Reason::BadBase64,
            NO_KEY,
            each(&|item| Ok(format!("*{}", good.get(item).ok_or("no token")?)))?,
        ),
        (
            "claims.refused.unknown_key",
            Reason::UnknownKey,
            NO_KEY,
            each(&|item| issuer.changed(item, "WlpaWlpaWlpaWlpaWlpaWlpaWlo", |_| {}))?,
        ),
        (
            "claims.refused.expired",
            Reason::Expired,
            NO_SIGNATURE,
            each(&|item| {
                issuer.changed(item, &kid, |claims| {
                    claims["nbf"] = json!(1_699_990_000);
                    claims["exp"] = json!(1_700_000_000);
                })
            })?,
        ),
        (
            "claims.refused.audience",
            Reason::WrongAudience,
            NO_SIGNATURE,
            each(&|item| {
                issuer.changed(item, &kid, |claims| claims["aud"] = json!("api://other"))
            })?,
        ),
        (
            "claims.refused.issuer",
            Reason::WrongIssuer,
            NO_SIGNATURE,
            each(&|item| {
                issuer.changed(item, &kid, |claims| {
                    claims["iss"] = json!("https://sts.example/");
                })
            })?,
        ),
    ];

    let refuses = |token: &str, reason: Reason| {
        validator
            .verify(token, &keys)
            .is_err_and(|rejection| rejection.reason() == reason)
    };
    let mut figures = Vec::new();
    for (bench, reason, limit, tokens) in &cases {
        let run = |item: usize| {
            tokens
                .get(item)
                .is_some_and(|token| refuses(token, *reason))
        };
        let measured = interleaved(
            TOKENS,
            &[
                Box::new(run),
                Box::new(|item| signed.get(item).is_some_and(|signed| floor.verify(signed))),
            ],
        )
        .map_err(|error| format!("{bench}: {error}"))?;
        figures.push(Figure {
            bench,
            against: "one RS256 verification",
            ours: measured.time(0),
            theirs: measured.time(1),
            ratio: measured.ratio(0, 1),
            limit: *limit,
        });
    }
    Ok(figures)
}
