//! No caller ever gets the token of another user, whatever happens at the same time.
#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use entra_claims::transport::TransportError;
use entra_obo::UserAssertion;
use support::*;

const USERS: u32 = 64;
const WORKERS: u64 = 16;
const STEPS: u64 = 1_500;
const SCOPES: [&str; 3] = [
    "api://downstream/orders.read",
    "api://downstream/orders.write api://downstream/orders.read",
    "https://graph.microsoft.com/User.Read",
];

/// A small generator with a fixed seed: a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[test]
fn the_witness_hashes_as_others_do() {
    // A published value: SHA-256 of this word, in base64url.
    assert_eq!(
        hash("assertion"),
        "fFsdSeaHX9iH_VIhI8SzQWnUzBGmUCzATLfrj3wWaXI"
    );
}

/// The endpoint puts the hash of the assertion and the scope into each token, so every
/// caller can tell whether it is his own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_caller_gets_his_own_token() {
    let endpoint = Endpoint::new(|seen, n| match n % 23 {
        0 => Ok(refuse(400, "invalid_grant", "", 50173)),
        1 => Err(TransportError::Timeout),
        _ => grant(seen, 120, r#""refresh_in":20,"#),
    });
    endpoint.yields.store(2, Ordering::SeqCst);
    let world = Arc::new(World::with(endpoint, |builder| builder.cache_entries(100)));
    let people: Arc<Vec<(String, UserAssertion)>> = Arc::new(
        (0..USERS)
            .map(|n| {
                let token = token([TENANT, OTHER_TENANT][n as usize % 2], n / 2, "");
                let assertion = assertion_of(&token);
                (token, assertion)
            })
            .collect(),
    );
    let apis: Arc<Vec<_>> = Arc::new(
        [TENANT, OTHER_TENANT]
            .iter()
            .map(|&text| {
                let client = world.client.for_tenant(tenant(text));
                SCOPES.map(|text| client.downstream(scopes(text)).unwrap())
            })
            .collect(),
    );
    let served = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (1..=WORKERS)
        .map(|seed| {
            let (world, people, apis, served) =
                (world.clone(), people.clone(), apis.clone(), served.clone());
            tokio::spawn(async move {
                let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                for _ in 0..STEPS {
                    // The smaller of two rolls: some users are much busier than others.
                    let user = dice.roll(USERS.into()).min(dice.roll(USERS.into())) as usize;
                    let (token, assertion) = &people[user];
                    let scope = dice.roll(3) as usize;
                    let api = &apis[user % 2][scope];
                    let polls = if dice.roll(5) == 0 {
                        dice.roll(8) as usize
                    } else {
                        usize::MAX
                    };
                    match dice.roll(400) {
                        0 => world.client.forget(assertion.principal()).await.unwrap(),
                        1 => world.clock.advance(Duration::from_secs(5)),
                        _ => {}
                    }
                    if let Some(Ok(got)) = DropAfter::new(api.token_for(assertion), polls).await {
                        let own = expected(token, &scopes(SCOPES[scope]).to_string());
                        assert_eq!(got.expose(), own, "another user's token");
                        served.fetch_add(1, Ordering::SeqCst);
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    world.settle().await;
    let (served, stats) = (served.load(Ordering::SeqCst), world.client.stats());
    assert!(served as u64 > WORKERS * STEPS / 2, "{served} {stats:?}");
    // The run means something only if all of this happened in it.
    assert!(
        stats.hits > 0 && stats.coalesced > 0 && stats.evictions > 0 && stats.refreshes > 0,
        "{stats:?}"
    );
}
