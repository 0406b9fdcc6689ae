//! Calls of the Rust allocator for one token. C code allocates beside this count: 25 times in aws-lc for one
//! verification.

use std::error::Error;
use std::hint::black_box;

use entra_claims::{KeySet, Reason};

use super::cold::validator;
use super::issuer::Issuer;
use crate::figure::Figure;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let issuer = Issuer::new()?;
    let tokens = issuer.tokens(1)?;
    let good = tokens.first().ok_or("no token")?;
    let unknown = issuer.changed(0, "WlpaWlpaWlpaWlpaWlpaWlpaWlo", |_| {})?;
    let validator = validator()?;
    let keys = KeySet::from_json(&issuer.key_set())?;
    let refused = |token: &str| {
        let reason = validator.verify(token, &keys).err()?.reason();
        Some(reason)
    };
    if refused(good).is_some() || refused(&unknown) != Some(Reason::UnknownKey) {
        return Err("the tokens are not what they should be".into());
    }
    let counted = |token: &str| {
        let counted = allocation_counter::measure(|| {
            black_box(refused(token));
        });
        counted.count_total as f64
    };
    let figure = |bench, ours, limit| Figure {
        bench,
        against: "none",
        ours,
        theirs: 0.0,
        ratio: ours,
        limit,
    };
    Ok(vec![
        figure("claims.cold.allocations", counted(good), 10.0),
        figure(
            "claims.refused.unknown_key.allocations",
            counted(&unknown),
            0.0,
        ),
    ])
}
