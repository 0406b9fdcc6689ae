//! One request per user and downstream, whoever comes, goes or dies.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::*;
use entra_claims::transport::TransportError;
use entra_obo::{ClaimsChallenge, ErrorKind};
use tokio::task::JoinSet;

#[tokio::test]
async fn a_thousand_callers_cause_one_request() {
    let world = World::new(Endpoint::granting());
    let closed = world.endpoint.gate.write().await;
    let mut callers = JoinSet::new();
    for _ in 0..1_000 {
        let api = world.api.clone();
        callers.spawn(async move {
            api.token_on_behalf_of(&user(1))
                .await
                .unwrap()
                .expose()
                .to_owned()
        });
    }
    while world.client.stats().coalesced < 999 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.client.stats().in_flight, 1);
    drop(closed);
    let tokens = callers.join_all().await;
    assert_eq!(tokens.len(), 1_000);
    let own = expected(&token(TENANT, 1, ""), SCOPE);
    assert!(tokens.iter().all(|token| *token == own));
    assert_eq!(world.endpoint.calls(), 1);
    assert_eq!(world.client.stats().in_flight, 0);
}

#[tokio::test]
async fn different_users_scopes_and_challenges_fly_apart() {
    let world = World::new(Endpoint::granting());
    let closed = world.endpoint.gate.write().await;
    let other = world
        .client
        .downstream(scopes("api://downstream/orders.write"))
        .unwrap();
    let challenged = world
        .api
        .with_claims(ClaimsChallenge::from_json(r#"{"a":1}"#).unwrap());
    let calls = [
        (world.api.clone(), 1),
        (world.api.clone(), 2),
        (other, 1),
        (challenged, 1),
    ];
    let mut callers = JoinSet::new();
    for (api, n) in calls {
        for _ in 0..3 {
            let api = api.clone();
            callers.spawn(async move {
                api.token_on_behalf_of(&user(n)).await.unwrap();
            });
        }
    }
    while world.client.stats().coalesced < 8 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.client.stats().in_flight, 4);
    drop(closed);
    callers.join_all().await;
    assert_eq!(world.endpoint.calls(), 4);
}

#[tokio::test]
async fn failures_go_to_those_who_wait_and_to_nobody_later() {
    let world = World::new(Endpoint::new(|seen, n| match n {
        0 => Ok(refuse(400, "invalid_grant", "consent_required", 65001)),
        _ => grant(seen, 3600, ""),
    }));
    let closed = world.endpoint.gate.write().await;
    let mut callers = JoinSet::new();
    for _ in 0..10 {
        let api = world.api.clone();
        callers.spawn(async move { api.token_on_behalf_of(&user(1)).await.unwrap_err().kind() });
    }
    while world.client.stats().coalesced < 9 {
        tokio::task::yield_now().await;
    }
    drop(closed);
    assert_eq!(callers.join_all().await, [ErrorKind::Consent; 10]);
    assert_eq!(world.endpoint.calls(), 1);
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
}

/// Leader and follower are each dropped after every possible number of polls; whatever
/// happens, there is one request, the other one gets its token, and nothing stays behind.
#[tokio::test]
async fn dropping_a_caller_at_any_point_harms_nobody() {
    for (leader, follower) in (0..16).flat_map(|a| (0..16).map(move |b| (a, b))) {
        let world = World::new(Endpoint::granting());
        world.endpoint.yields.store(4, Ordering::SeqCst);
        let call = || {
            let api = world.api.clone();
            async move { api.token_on_behalf_of(&user(1)).await }
        };
        let bystander = tokio::spawn(call());
        let leader = tokio::spawn(DropAfter::new(call(), leader));
        let follower = tokio::spawn(DropAfter::new(call(), follower));
        let own = expected(&token(TENANT, 1, ""), SCOPE);
        let finished = [leader.await.unwrap(), follower.await.unwrap()];
        for answer in finished.into_iter().flatten() {
            assert_eq!(answer.unwrap().expose(), own);
        }
        assert_eq!(bystander.await.unwrap().unwrap().expose(), own);
        world.settle().await;
        assert_eq!(world.endpoint.calls(), 1);
    }
}

#[tokio::test]
async fn a_dropped_leader_neither_aborts_nor_poisons() {
    for polls in 1..12 {
        let world = World::new(Endpoint::granting());
        world.endpoint.yields.store(6, Ordering::SeqCst);
        let leader = DropAfter::new(world.api.token_on_behalf_of(&user(1)), polls).await;
        // Nobody waits any more, and the request still comes to its end and is kept.
        world.settle().await;
        assert_eq!(world.endpoint.calls(), 1, "{polls} polls, {leader:?}");
        assert!(world.api.cached(&user(1)).is_some());
        world.api.token_on_behalf_of(&user(1)).await.unwrap();
        assert_eq!(world.endpoint.calls(), 1);
    }
}

#[tokio::test]
async fn a_panic_in_the_transport_reaches_nobody() {
    let world = World::new(Endpoint::new(|seen, n| match n {
        0 => panic!("the transport panics"),
        _ => grant(seen, 3600, ""),
    }));
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    assert_eq!(world.endpoint.calls(), 2);

    let world = World::new(Endpoint::new(|seen, _| match seen.get("scope") {
        SCOPE => panic!("the transport panics every time"),
        _ => grant(seen, 3600, ""),
    }));
    let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
    assert!(error.to_string().contains("interrupted"), "{error}");
    assert_eq!(world.client.stats().in_flight, 0);
    let other = world
        .client
        .downstream(scopes("api://downstream/orders.write"))
        .unwrap();
    other.token_on_behalf_of(&user(1)).await.unwrap();
}

#[test]
fn a_waiter_whose_leaders_runtime_shuts_down_starts_again() {
    let world = Arc::new(World::new(Endpoint::granting()));
    let leaders = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let waiters = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    waiters.block_on(async {
        let closed = world.endpoint.gate.write().await;
        let api = world.api.clone();
        leaders.spawn(async move { api.token_on_behalf_of(&user(1)).await });
        while world.endpoint.calls() == 0 {
            tokio::task::yield_now().await;
        }
        let api = world.api.clone();
        let waiter = tokio::spawn(async move { api.token_on_behalf_of(&user(1)).await });
        while world.client.stats().coalesced == 0 {
            tokio::task::yield_now().await;
        }
        leaders.shutdown_background();
        while world.endpoint.calls() == 1 {
            tokio::task::yield_now().await;
        }
        drop(closed);
        waiter.await.unwrap().unwrap();
        assert_eq!(world.endpoint.calls(), 2);
        assert_eq!(world.client.stats().in_flight, 0);
    });
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let world = World::new(Endpoint::granting());
    let user = user(1);
    let mut call = std::pin::pin!(world.api.token_on_behalf_of(&user));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(answer) = call.as_mut().poll(&mut context) else {
        panic!("it waits");
    };
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::Configuration);
    assert_eq!(world.client.stats().in_flight, 0);
}

#[tokio::test]
async fn forgetting_a_user_outlives_a_request_under_way() {
    let world = World::new(Endpoint::granting());
    let closed = world.endpoint.gate.write().await;
    let api = world.api.clone();
    let waiter = tokio::spawn(async move { api.token_on_behalf_of(&user(1)).await });
    while world.endpoint.calls() == 0 {
        tokio::task::yield_now().await;
    }
    world.client.forget(user(1).principal()).await.unwrap();
    drop(closed);
    waiter.await.unwrap().unwrap();
    assert!(
        world.api.cached(&user(1)).is_none(),
        "stored after being forgotten"
    );
    assert_eq!(world.client.stats().entries, 0);
}

#[tokio::test]
async fn a_timeout_is_shared_and_not_repeated() {
    let world = World::new(Endpoint::new(|_, _| Err(TransportError::Timeout)));
    let (one, two) = (user(1), user(1));
    let (a, b) = tokio::join!(
        world.api.token_on_behalf_of(&one),
        world.api.token_on_behalf_of(&two)
    );
    assert_eq!(a.unwrap_err().kind(), ErrorKind::Unreachable);
    assert_eq!(b.unwrap_err().kind(), ErrorKind::Unreachable);
    assert_eq!(world.endpoint.calls(), 1);
    world.clock.advance(Duration::from_secs(1));
}
