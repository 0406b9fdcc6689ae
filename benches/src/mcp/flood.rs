//! `mcp.flood`: what 5,000 requests a second with made-up key ids cost those that are valid.
//!
//! A hundred valid requests a second beside the flood, 100,000 made-up keys in all, in turns of two seconds.
//! In the turns between them the same flood goes to another server of this process, without a guard: a
//! machine of two cores makes both loads itself, and that alone costs as much as can be measured. The figure
//! is the 99th percentile of the valid ones' latency, and the median over the turns counts.

use std::error::Error;

use base64_simd::URL_SAFE_NO_PAD;

use super::apps::{guarded_on_all_cores, unguarded};
use super::load::{Load, Pace};
use crate::claims::issuer::Issuer;
use crate::figure::Figure;
use crate::harness::Measured;

const ROUNDS: usize = 10;
const MADE_UP: usize = 100_000;
const VALID: Pace = Pace {
    connections: 2,
    milliseconds: 20,
};
/// `wrk` waits in whole milliseconds, so that its connections ask at the same moment: few of them, or the
/// figure is the length of their queue.
const FLOOD: Pace = Pace {
    connections: 5,
    milliseconds: 1,
};

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let issuer = Issuer::new()?;
    let valid = issuer.tokens(100)?;
    let (_, rest) = valid
        .first()
        .and_then(|token| token.split_once('.'))
        .ok_or("no token")?;
    let hostile: Vec<String> = (0..MADE_UP / ROUNDS)
        .map(|n| {
            let header = format!(r#"{{"typ":"JWT","alg":"RS256","kid":"made-up-{n}"}}"#);
            format!("{}.{rest}", URL_SAFE_NO_PAD.encode_to_string(header))
        })
        .collect();
    let server = guarded_on_all_cores(&issuer)?;
    let elsewhere = unguarded()?;
    let load = Load::new()?;
    let valid = load.tokens("valid", &valid)?;
    let hostile = load.tokens("hostile", &hostile)?;

    let mut rounds = vec![Vec::new(); 2];
    for round in 0..=ROUNDS {
        let flood = load.start(elsewhere.address, &hostile, FLOOD)?;
        let spared = load.latency(server.address, &valid, VALID)?;
        flood.all_answered()?;
        let flood = load.start(server.address, &hostile, FLOOD)?;
        let beside = load.latency(server.address, &valid, VALID)?;
        flood.all_refused()?;
        if round > 0 {
            for (times, time) in rounds.iter_mut().zip([beside, spared]) {
                times.push(time);
            }
        }
    }
    let measured = Measured::new(rounds);
    Ok(vec![Figure {
        bench: "mcp.flood",
        against: "the flood at another server, 99th percentile",
        ours: measured.time(0),
        theirs: measured.time(1),
        ratio: measured.ratio(0, 1),
        limit: 1.2,
    }])
}
