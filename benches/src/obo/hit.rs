//! `obo.hit`: a token that is held, against one SHA-256 of the user's token, which is what finding it by
//! the token costs at least.
//!
//! Whoever verifies a token hashes it, so the hash is in both: `obo.hit` is the hash and the look-up. In
//! `obo.hit.verified` the caller holds the verified token, whose hash is known.
//!
//! `million_users` is one user's hit while a million users' tokens are held. In `obo.hit.active_users` 4,096
//! of the million come one after the other, in `obo.hit.idle_users` 50,000 who have not been there for long:
//! what is held for them has left the processor's caches, and the memory itself is what takes the time. The
//! users' own tokens are in the caches in the last, since they have just come in and been verified.

use std::cell::Cell;
use std::error::Error;
use std::hint::black_box;

use aws_lc_rs::digest::{SHA256, digest};
use tokio::runtime::Builder;

use super::world::{User, World};
use crate::figure::Figure;
use crate::harness::{Measured, interleaved_after};

const USERS: usize = 1_000_000;
/// Of these so many come to be served, one after the other; what is held for them has left the processor's
/// caches when they come again.
const IDLE: usize = 50_000;
/// So many of these are active, for whom it has not.
const ACTIVE: usize = 4_096;
/// So many calls in one round.
const CALLS: usize = 100;
const GROUPS: usize = 20;
/// The contestants before are one user's.
const FIRST_OF_CROWD: usize = 3;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let alone = World::new(100)?;
    let only = User::new(0, GROUPS)?;
    let crowd = World::new(100)?;
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let idle: Vec<User> = runtime.block_on(async {
        alone.api.token_on_behalf_of(&only.assertion).await?;
        let mut coming = Vec::with_capacity(IDLE);
        for n in 0..USERS {
            // Spread over all that came.
            let stays = n % (USERS / IDLE) == 0;
            let user = User::new(n, if stays { GROUPS } else { 0 })?;
            crowd.api.token_on_behalf_of(&user.assertion).await?;
            if stays {
                coming.push(user);
            }
        }
        Ok::<_, Box<dyn Error>>(coming)
    })?;
    if (alone.client.stats().entries, crowd.client.stats().entries) != (1, USERS) {
        return Err("not all users are held".into());
    }

    let one: Vec<&User> = idle.iter().skip(IDLE / 2).take(1).collect();
    let active: Vec<&User> = idle.iter().step_by(IDLE / ACTIVE).take(ACTIVE).collect();
    let idle: Vec<&User> = idle.iter().collect();
    let one = measure((&alone, &only), &crowd, &one, CALLS)?;
    let active = measure((&alone, &only), &crowd, &active, ACTIVE)?;
    let idle = measure((&alone, &only), &crowd, &idle, CALLS)?;
    let figure = |measured: &Measured, bench, against, ours, theirs, limit| Figure {
        bench,
        against,
        ours: measured.time(ours),
        theirs: measured.time(theirs),
        ratio: measured.ratio(ours, theirs),
        limit,
    };
    let floor = "one SHA-256 of the assertion";
    Ok(vec![
        figure(&one, "obo.hit", floor, 1, 0, 1.5),
        figure(&one, "obo.hit.million_users", floor, 4, 3, 1.5),
        figure(&one, "obo.hit.million_users.scale", "one user", 4, 1, 1.3),
        // A fifth of what is allowed with the hash.
        figure(&one, "obo.hit.verified", floor, 2, 0, 0.3),
        figure(&one, "obo.hit.verified.million_users", floor, 5, 3, 0.3),
        figure(&active, "obo.hit.active_users", floor, 4, 3, 2.0),
        figure(&idle, "obo.hit.idle_users", floor, 4, 3, 2.5),
    ])
}

/// One user with a cache of his own, and the users of a crowd who come in turn.
fn measure(
    (alone, only): (&World, &User),
    crowd: &World,
    coming: &[&User],
    calls: usize,
) -> Result<Measured, String> {
    // Each contestant of the crowd has a place of its own in the queue, far from the others':
    // else one would find in the caches what another has just read.
    let place = [0, 1, 2].map(|third| Cell::new(third * coming.len() / 3));
    let user = |contestant: usize, item: usize| {
        coming.get((place.get(contestant)?.get() + item) % coming.len())
    };
    let arrive = |contestant: usize| {
        let Some(place) = contestant
            .checked_sub(FIRST_OF_CROWD)
            .and_then(|n| place.get(n))
        else {
            return;
        };
        if calls >= coming.len() {
            return; // All come in each round: nothing is away for long.
        }
        place.set((place.get() + calls) % coming.len());
        let users = (0..calls).filter_map(|item| user(contestant - FIRST_OF_CROWD, item));
        // Its text, and all that a look-up reads of a verified token.
        users.for_each(|user| {
            let known = alone.api.cached(&user.assertion);
            black_box((hash(user), known, user.assertion.principal()));
        });
    };
    interleaved_after(
        &arrive,
        calls,
        &[
            Box::new(|_| hash(only)),
            Box::new(|_| hash(only) && alone.hit(&only.assertion)),
            Box::new(|_| alone.hit(&only.assertion)),
            Box::new(|item| user(0, item).is_some_and(|user| hash(user))),
            Box::new(|item| {
                user(1, item).is_some_and(|user| hash(user) && crowd.hit(&user.assertion))
            }),
            Box::new(|item| user(2, item).is_some_and(|user| crowd.hit(&user.assertion))),
        ],
    )
}

fn hash(user: &User) -> bool {
    let hash = digest(&SHA256, black_box(user.text.as_bytes()));
    black_box(hash).as_ref().len() == 32
}
