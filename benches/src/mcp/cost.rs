//! `mcp.cost`: a handler over HTTP, guarded and not, under load.
//!
//! Each contestant is a server with one thread, and the figure is the time that this thread works for one
//! request: on a busy machine the requests per second of a saturated core are its inverse, without the other
//! processes. They take turns, a second each, and the median of the rounds counts.

use std::error::Error;

use super::apps::{TokenCache, by_hand, guarded, layered, unguarded};
use super::least::least;
use super::load::Load;
use super::peers::{axum_jwt_auth, jwt_authorizer, tower_oauth2};
use super::server::Server;
use crate::claims::cold::forged;
use crate::claims::issuer::Issuer;
use crate::figure::Figure;
use crate::harness::Measured;

const USERS: usize = 1000;
const ROUNDS: usize = 7;

const UNGUARDED: usize = 0;
const LAYERED: usize = 1;
const LEAST: usize = 2;
const CACHED: usize = 3;
const UNCACHED: usize = 4;
const BY_HAND: usize = 5;
const TOWER_OAUTH2: usize = 6;
const JWT_AUTHORIZER: usize = 7;
const AXUM_JWT_AUTH: usize = 8;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let issuer = Issuer::new()?;
    let tokens = issuer.tokens(USERS)?;
    let servers = [
        unguarded()?,
        layered()?,
        least(&tokens)?,
        guarded(&issuer, TokenCache::On)?,
        guarded(&issuer, TokenCache::Off)?,
        by_hand(&issuer)?,
        tower_oauth2(&issuer)?,
        jwt_authorizer(&issuer)?,
        axum_jwt_auth(&issuer)?,
    ];
    // A contestant that lets a forged token in does not do the work.
    let forged = forged(tokens.first().ok_or("no token")?);
    for (number, server) in servers.iter().enumerate().skip(CACHED) {
        let status = server.status(&forged)?;
        if status != 401 {
            return Err(format!("contestant {number} answers {status} to a forged token").into());
        }
    }
    let load = Load::new()?;
    let one = load.tokens("one", tokens.get(..1).unwrap_or_default())?;
    let many = load.tokens("many", &tokens)?;

    let hot = measure(&servers[..=CACHED], &load, &one)?;
    let users = measure(&servers, &load, &many)?;
    let figure = |measured: &Measured, bench, against, ours, theirs, limit| Figure {
        bench,
        against,
        ours: measured.time(ours),
        theirs: measured.time(theirs),
        ratio: measured.ratio(ours, theirs),
        limit,
    };
    Ok(vec![
        figure(
            &hot,
            "mcp.cost.layer",
            "the handler without a layer, where ours is an empty one",
            LAYERED,
            UNGUARDED,
            1.10,
        ),
        figure(
            &hot,
            "mcp.cost.least",
            "the handler without a guard, where ours is the least that a guard does",
            LEAST,
            UNGUARDED,
            1.25,
        ),
        figure(
            &hot,
            "mcp.cost.hot",
            "the least that a guard does, one token",
            CACHED,
            LEAST,
            1.15,
        ),
        figure(
            &users,
            "mcp.cost.users",
            "the least that a guard does, 1,000 users",
            CACHED,
            LEAST,
            1.15,
        ),
        // At least 1.3 times the requests per second.
        figure(
            &users,
            "mcp.cost.by_hand",
            "an extractor on jsonwebtoken 11, no token cache",
            UNCACHED,
            BY_HAND,
            0.769,
        ),
        figure(
            &users,
            "mcp.cost.tower_oauth2",
            "tower-oauth2-resource-server, no token cache",
            UNCACHED,
            TOWER_OAUTH2,
            1.0,
        ),
        figure(
            &users,
            "mcp.cost.jwt_authorizer",
            "jwt-authorizer, no token cache",
            UNCACHED,
            JWT_AUTHORIZER,
            1.0,
        ),
        figure(
            &users,
            "mcp.cost.axum_jwt_auth",
            "axum-jwt-auth, no token cache",
            UNCACHED,
            AXUM_JWT_AUTH,
            1.0,
        ),
    ])
}

/// The contestants take turns for a second each, starting with another one each time. One round more, which
/// does not count, warms them up.
fn measure(
    servers: &[Server],
    load: &Load,
    tokens: &std::path::Path,
) -> Result<Measured, Box<dyn Error>> {
    let mut rounds = vec![Vec::with_capacity(ROUNDS); servers.len()];
    for round in 0..=ROUNDS {
        for turn in 0..servers.len() {
            let number = (round + turn) % servers.len();
            let (Some(server), Some(times)) = (servers.get(number), rounds.get_mut(number)) else {
                continue;
            };
            let start = server.worked()?;
            let requests = load
                .run(server.address, tokens)
                .map_err(|error| format!("contestant {number}: {error}"))?;
            let took = server.worked()?.saturating_sub(start);
            if round > 0 {
                times.push(took.as_secs_f64() * 1e9 / requests as f64);
            }
        }
    }
    Ok(Measured::new(rounds))
}
