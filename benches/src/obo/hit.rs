//! `obo.hit`: a token that is held, against one SHA-256 of the user's token, which is what finding it by
//! the token costs at least.
//!
//! Whoever verifies a token hashes it, so the hash is in both: `obo.hit` is the hash and the look-up. In
//! `obo.hit.verified` the caller holds the verified token, whose hash is known. The users' tokens are in
//! the processor's caches, since they have just come in and been verified; what is held for a million
//! users is not.

use std::cell::Cell;
use std::error::Error;
use std::hint::black_box;

use aws_lc_rs::digest::{SHA256, digest};
use tokio::runtime::Builder;

use super::world::{User, World};
use crate::figure::Figure;
use crate::harness::interleaved_after;

const USERS: usize = 1_000_000;
/// Of these so many come to be served, one after the other.
const COMING: usize = 50_000;
/// In one round; what is held for them has left the processor's caches when they come again.
const CALLS: usize = 100;
const GROUPS: usize = 20;
/// The contestants before are one user's.
const FIRST_OF_CROWD: usize = 3;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let alone = World::new(100)?;
    let only = User::new(0, GROUPS)?;
    let crowd = World::new(100)?;
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let coming: Vec<User> = runtime.block_on(async {
        alone.api.token_for(&only.assertion).await?;
        let mut coming = Vec::with_capacity(COMING);
        for n in 0..USERS {
            // Spread over all that came.
            let stays = n % (USERS / COMING) == 0;
            let user = User::new(n, if stays { GROUPS } else { 0 })?;
            crowd.api.token_for(&user.assertion).await?;
            if stays {
                coming.push(user);
            }
        }
        Ok::<_, Box<dyn Error>>(coming)
    })?;
    if (alone.client.stats().entries, crowd.client.stats().entries) != (1, USERS) {
        return Err("not all users are held".into());
    }

    // Each contestant of the crowd has a place of its own in the queue, far from the others':
    // else one would find in the caches what another has just read.
    let place = [0, 1, 2].map(|third| Cell::new(third * COMING / 3));
    let user =
        |contestant: usize, item: usize| coming.get((place.get(contestant)?.get() + item) % COMING);
    let arrive = |contestant: usize| {
        let Some(place) = contestant
            .checked_sub(FIRST_OF_CROWD)
            .and_then(|n| place.get(n))
        else {
            return;
        };
        place.set((place.get() + CALLS) % COMING);
        let users = (0..CALLS).filter_map(|item| user(contestant - FIRST_OF_CROWD, item));
        // Its text, and all that a look-up reads of a verified token.
        users.for_each(|user| {
            let known = alone.api.cached(&user.assertion);
            black_box((hash(user), known, user.assertion.principal()));
        });
    };
    let measured = interleaved_after(
        &arrive,
        CALLS,
        &[
            Box::new(|_| hash(&only)),
            Box::new(|_| hash(&only) && alone.hit(&only.assertion)),
            Box::new(|_| alone.hit(&only.assertion)),
            Box::new(|item| user(0, item).is_some_and(hash)),
            Box::new(|item| {
                user(1, item).is_some_and(|user| hash(user) && crowd.hit(&user.assertion))
            }),
            Box::new(|item| user(2, item).is_some_and(|user| crowd.hit(&user.assertion))),
        ],
    )?;
    let figure = |bench, against, ours, theirs, limit| Figure {
        bench,
        against,
        ours: measured.time(ours),
        theirs: measured.time(theirs),
        ratio: measured.ratio(ours, theirs),
        limit,
    };
    let floor = "one SHA-256 of the assertion";
    Ok(vec![
        figure("obo.hit", floor, 1, 0, 1.5),
        figure("obo.hit.million_users", floor, 4, 3, 1.5),
        figure("obo.hit.million_users.scale", "one user", 4, 1, 1.3),
        // A fifth of what is allowed with the hash.
        figure("obo.hit.verified", floor, 2, 0, 0.3),
        figure("obo.hit.verified.million_users", floor, 5, 3, 0.3),
    ])
}

fn hash(user: &User) -> bool {
    let hash = digest(&SHA256, black_box(user.text.as_bytes()));
    black_box(hash).as_ref().len() == 32
}
