//! Callers dropped at every point of a call, panics and runtimes that end: nothing hangs,
//! nothing stays behind, and the next call works.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::store::*;
use crate::support::*;
use entra_obo::credential::AssertionCallback;
use entra_obo::{ClientCredential, ErrorKind, ExchangeClient};
use foundry_scopes::ClientId;

/// Polls of a call that is answered at last, and more.
const POLLS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    InMemory,
    InStore,
    Nowhere,
    NowhereAndRefused,
}

/// A process in which the call goes this way, slowly.
async fn process(found: Found) -> (Fleet, World) {
    let refused = found == Found::NowhereAndRefused;
    let fleet = Fleet::new(Endpoint::new(move |seen, n| match n {
        0 if refused => Ok(refuse(400, "interaction_required", "", 50076)),
        _ => grant(seen, 3600, ""),
    }));
    let world = fleet.process();
    let already = match found {
        Found::InMemory => Some(world.api.clone()),
        Found::InStore => Some(fleet.process().api),
        Found::Nowhere | Found::NowhereAndRefused => None,
    };
    if let Some(api) = already {
        api.token_on_behalf_of(&user(1)).await.unwrap();
        while fleet.memory().names().len() < 2 {
            tokio::task::yield_now().await;
        }
    }
    fleet.endpoint.yields.store(5, Ordering::SeqCst);
    fleet.store.set(Mode::Yields(5));
    (fleet, world)
}

#[tokio::test]
async fn whoever_goes_away_whenever_nothing_is_lost_and_nothing_stays() {
    for found in [
        Found::InMemory,
        Found::InStore,
        Found::Nowhere,
        Found::NowhereAndRefused,
    ] {
        for (leader, follower) in
            (0..POLLS).flat_map(|k| [(k, usize::MAX), (usize::MAX, k), (k, k)])
        {
            let (fleet, world) = process(found).await;
            let call = |polls| {
                let api = world.api.clone();
                let call = async move { api.token_on_behalf_of(&user(1)).await };
                tokio::spawn(DropAfter::new(call, polls))
            };
            let own = expected(&token(TENANT, 1, ""), SCOPE);
            let (leader, follower) = (call(leader), call(follower));
            for answer in [leader.await.unwrap(), follower.await.unwrap()] {
                match answer {
                    None => {}
                    Some(Ok(got)) => assert_eq!(got.expose(), own),
                    Some(Err(error)) => {
                        assert_eq!(found, Found::NowhereAndRefused);
                        assert_eq!(error.kind(), ErrorKind::Interaction);
                    }
                }
            }
            world.settle().await;
            let mut got = world.api.token_on_behalf_of(&user(1)).await;
            // Where nobody got as far as a request, this one meets the refusal.
            if fleet.endpoint.calls() == 1 && got.is_err() {
                got = world.api.token_on_behalf_of(&user(1)).await;
            }
            let got = got.unwrap();
            assert_eq!(got.expose(), own);
            world.settle().await;
            let most = if found == Found::NowhereAndRefused {
                2
            } else {
                1
            };
            assert!(
                fleet.endpoint.calls() <= most,
                "{found:?} {} calls",
                fleet.endpoint.calls()
            );
            assert_eq!(world.client.stats().in_flight, 0);
        }
    }
}

#[tokio::test]
async fn a_thousand_callers_cause_one_request_also_when_the_first_and_half_of_the_rest_go_away() {
    let fleet = Fleet::new(Endpoint::granting());
    let world = fleet.process();
    let closed = fleet.endpoint.gate.write().await;
    let call = |n: usize| {
        let api = world.api.clone();
        // The first starts the request and goes; every other one waits a little and goes.
        let polls = if n.is_multiple_of(2) { 2 } else { usize::MAX };
        tokio::spawn(DropAfter::new(
            async move { api.token_on_behalf_of(&user(1)).await.unwrap() },
            polls,
        ))
    };
    let callers: Vec<_> = (0..1_000).map(call).collect();
    while world.client.stats().coalesced < 999 {
        tokio::task::yield_now().await;
    }
    drop(closed);
    let mut served = 0;
    for caller in callers {
        served += usize::from(caller.await.unwrap().is_some());
    }
    assert_eq!(served, 500);
    assert_eq!(fleet.endpoint.calls(), 1);
    assert_eq!(world.client.stats().in_flight, 0);
}

#[tokio::test]
async fn one_users_patience_delays_nobody_else() {
    let first = token(TENANT, 1, "");
    let busy = first.clone();
    let world = World::new(Endpoint::new(move |seen, _| {
        if seen.get("assertion") == busy {
            return with_header(json(429, ""), "retry-after", "600");
        }
        grant(seen, 3600, "")
    }));
    for _ in 0..3 {
        let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled);
    }
    assert_eq!(world.endpoint.calls(), 1);
    for n in 2..100 {
        world.api.token_on_behalf_of(&user(n)).await.unwrap();
    }
    assert_eq!(world.endpoint.calls(), 99);
}

#[tokio::test]
async fn a_panic_in_a_credential_reaches_nobody() {
    let endpoint = Endpoint::granting();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let callback = AssertionCallback::new(move |_, _| {
        let n = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            assert!(n > 0, "the callback panics");
            Ok("h.p.s".to_owned())
        }
    });
    let client = ExchangeClient::builder(
        authority(),
        ClientId::parse(CLIENT).unwrap(),
        ClientCredential::federated(Arc::new(callback)),
    )
    .transport(endpoint.clone())
    .clock(Arc::new(entra_claims::ManualClock::at(NOW)))
    .build()
    .unwrap();
    let api = client.downstream(scopes(SCOPE)).unwrap();
    api.token_on_behalf_of(&user(1)).await.unwrap();
    assert_eq!((calls.load(Ordering::SeqCst), endpoint.calls()), (2, 1));
    assert_eq!(client.stats().in_flight, 0);
}

/// A runtime goes with a hundred requests under way and another one goes on with the same
/// client; then the client goes, and nothing holds on to what it had.
#[test]
fn a_runtime_that_ends_takes_its_requests_and_nothing_else() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().unwrap()
    };
    let fleet = Fleet::new(Endpoint::granting());
    let world = fleet.process();
    let closed = fleet.endpoint.gate.try_write().unwrap();
    let first = runtime();
    for n in 0..100 {
        let api = world.api.clone();
        first.spawn(async move { api.token_on_behalf_of(&user(n)).await });
    }
    while fleet.endpoint.calls() < 100 {
        std::thread::yield_now();
    }
    assert_eq!(world.client.stats().in_flight, 100);
    first.shutdown_timeout(Duration::from_secs(1));
    assert_eq!(world.client.stats().in_flight, 0);
    drop(closed);
    let second = runtime();
    second.block_on(async {
        for n in 0..100 {
            world.api.token_on_behalf_of(&user(n)).await.unwrap();
        }
    });
    drop(world);
    second.shutdown_timeout(Duration::from_secs(1));
    assert_eq!(Arc::strong_count(&fleet.store), 1);
    assert_eq!(Arc::strong_count(&fleet.endpoint), 1);
}
