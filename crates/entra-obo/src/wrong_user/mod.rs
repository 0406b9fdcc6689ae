//! No caller ever gets the token of another user, whatever happens at the same time.
//!
//! The endpoint writes into each token whose it is and what for, so every caller can tell
//! whether it is his own. Two processes share a store whose replies are off by one now and
//! then; callers go away, entries are evicted, requests fail, users are forgotten, and time
//! passes.
//!
//! A zero means something only if the test can count to one. `cargo xtask test` builds the
//! crate with each of three faults (`--cfg entra_obo_broken="..."`) and demands that the
//! short run here fails.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod drop_after;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use drop_after::DropAfter;
use world::{Dice, SCOPES, USERS, World, hash};

const WORKERS: u64 = 64;

#[test]
fn the_witness_hashes_as_others_do() {
    // A published value: SHA-256 of this word, in base64url.
    assert_eq!(
        hash("assertion"),
        "fFsdSeaHX9iH_VIhI8SzQWnUzBGmUCzATLfrj3wWaXI"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_caller_gets_his_own_token() {
    run(20_000, 500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a minute or two; cargo xtask test"]
async fn every_caller_gets_his_own_token_a_million_times() {
    run(1_000_000, USERS).await;
}

/// What the workers saw.
#[derive(Debug, Default)]
struct Tally {
    operations: AtomicU64,
    served: AtomicU64,
    dropped: AtomicU64,
    refused: AtomicU64,
    mismatches: AtomicU64,
}

async fn run(operations: u64, users: u32) {
    let world = Arc::new(World::new(users));
    let tally = Arc::new(Tally::default());
    let start = Instant::now();
    let workers: Vec<_> = (1..=WORKERS)
        .map(|seed| {
            let dice = Dice::new(seed);
            tokio::spawn(work(
                world.clone(),
                tally.clone(),
                dice,
                operations / WORKERS,
            ))
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let took = start.elapsed();
    let [one, two] = world.settled().await;
    let swapped = world.store.swapped();
    println!(
        "{tally:?} in {took:?}\n{} upstream calls, {swapped} replies swapped\n{one:?}\n{two:?}",
        world.endpoint.calls()
    );
    assert_eq!(
        tally.mismatches.load(Ordering::Relaxed),
        0,
        "another user's token"
    );
    let served = tally.served.load(Ordering::Relaxed);
    assert!(
        served > operations / 2,
        "{served} of {operations} were served"
    );
    // The run means something only if all of this happened in it.
    for stats in [one, two] {
        assert_eq!(stats.in_flight, 0);
        assert!(
            stats.hits > 0 && stats.misses > 0 && stats.evictions > 0,
            "{stats:?}"
        );
        assert!(stats.coalesced > 0 && stats.refreshes > 0, "{stats:?}");
        assert!(
            stats.remote_hits > 0 && stats.remote_rejected > 0,
            "{stats:?}"
        );
    }
    assert!(swapped > 0);
    assert!(tally.dropped.load(Ordering::Relaxed) > 0);
    assert!(tally.refused.load(Ordering::Relaxed) > 0);
}

async fn work(world: Arc<World>, tally: Arc<Tally>, mut dice: Dice, operations: u64) {
    for _ in 0..operations {
        // One is enough; what comes after it only takes time.
        if tally.mismatches.load(Ordering::Relaxed) > 0 {
            return;
        }
        tally.operations.fetch_add(1, Ordering::Relaxed);
        let person = world.person(&mut dice);
        match dice.roll(4_000) {
            0 => person.forgotten(&world, &mut dice).await,
            1 => world.clock.advance(Duration::from_secs(5)),
            2 => world.store.swap_every(3),
            3..=12 => world.store.swap_every(0),
            _ => {}
        }
        // One in five goes away before it is answered.
        let polls = match dice.roll(5) {
            0 => dice.roll(8) as usize,
            _ => usize::MAX,
        };
        let scope = dice.roll(SCOPES.len() as u64) as usize;
        let api = world.api(person, scope, &mut dice);
        match DropAfter::new(api.token_on_behalf_of(&person.assertion), polls).await {
            None => tally.dropped.fetch_add(1, Ordering::Relaxed),
            Some(Err(_)) => tally.refused.fetch_add(1, Ordering::Relaxed),
            Some(Ok(got)) if person.owns(got.expose(), scope) => {
                tally.served.fetch_add(1, Ordering::Relaxed)
            }
            Some(Ok(_)) => tally.mismatches.fetch_add(1, Ordering::Relaxed),
        };
    }
}
