//! What is held: by whom it is found, how long, and how it is renewed.

use std::time::Duration;

use entra_obo::CacheLimits;

use crate::support::*;
use entra_claims::transport::TransportError;

#[tokio::test]
async fn each_assertion_tenant_and_scope_has_its_own_token() {
    let world = World::new(Endpoint::granting());
    let write = "api://downstream/orders.write";
    let there = world.client.for_tenant(tenant(OTHER_TENANT));
    let apis = [
        (TENANT, SCOPE, world.api.clone()),
        (
            TENANT,
            write,
            world.client.downstream(scopes(write)).unwrap(),
        ),
        (
            OTHER_TENANT,
            SCOPE,
            there.downstream(scopes(SCOPE)).unwrap(),
        ),
    ];
    for round in 0..2 {
        for (tenant, scope, api) in &apis {
            // Two tokens of one user are two assertions: the second may carry MFA.
            for (user, salt) in [(1, "a"), (1, "b"), (2, "a")] {
                let assertion = token(tenant, user, salt);
                let got = api
                    .token_on_behalf_of(&assertion_of(&assertion))
                    .await
                    .unwrap();
                assert_eq!(got.expose(), expected(&assertion, scope), "round {round}");
            }
        }
    }
    assert_eq!(world.endpoint.calls(), 9);
    assert_eq!(world.client.stats().entries, 9);
    assert_eq!(world.client.stats().hits, 9);
    assert_eq!(world.client.stats().misses, 9);
}

#[tokio::test]
async fn the_same_scopes_in_another_order_are_the_same_request() {
    let world = World::new(Endpoint::granting());
    let a = world
        .client
        .downstream(scopes("api://d/x api://d/y"))
        .unwrap();
    let b = world
        .client
        .downstream(scopes("api://d/y api://d/x api://d/y"))
        .unwrap();
    a.token_on_behalf_of(&user(1)).await.unwrap();
    b.token_on_behalf_of(&user(1)).await.unwrap();
    assert_eq!(world.endpoint.calls(), 1);
}

#[tokio::test]
async fn a_token_is_served_until_its_last_minute() {
    let world = World::new(Endpoint::new(|seen, n| match n {
        0 => grant(seen, 1000, ""),
        // Refreshes fail: only expiry brings a new request whose failure is seen.
        _ => Ok(refuse(400, "invalid_grant", "", 50173)),
    }));
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    world.clock.advance(Duration::from_secs(939));
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    world.settle().await;
    world.clock.advance(Duration::from_secs(1));
    assert!(world.api.token_on_behalf_of(&user(1)).await.is_err());
}

#[tokio::test]
async fn the_wall_clock_cannot_keep_a_token_alive_nor_a_jump_forward() {
    let world = World::new(Endpoint::granting());
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    world.clock.set_wall(NOW + 3541);
    assert!(
        world.api.cached(&user(1)).is_none(),
        "the wall clock says it is over"
    );
    world.clock.set_wall(NOW);
    assert!(world.api.cached(&user(1)).is_some());
    world.clock.advance(Duration::from_secs(3541));
    world.clock.set_wall(NOW - 86_400);
    assert!(
        world.api.cached(&user(1)).is_none(),
        "the monotonic clock says it is over"
    );
}

#[tokio::test]
async fn a_token_too_short_lived_is_given_and_not_kept() {
    let world = World::new(Endpoint::new(|seen, _| grant(seen, 60, "")));
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    assert_eq!(world.endpoint.calls(), 2);
    assert_eq!(world.client.stats().entries, 0);
}

#[tokio::test]
async fn a_read_starts_a_refresh_and_is_answered_from_what_is_held() {
    let endpoint = Endpoint::new(|_, n| {
        Ok(json(
            200,
            format!(
                r#"{{"token_type":"Bearer","expires_in":3600,"refresh_in":1800,"access_token":"token-{n}"}}"#
            ),
        ))
    });
    let world = World::new(endpoint);
    let user = user(1);
    world.api.token_on_behalf_of(&user).await.unwrap();
    world.clock.advance(Duration::from_secs(1600));
    world.api.token_on_behalf_of(&user).await.unwrap();
    assert_eq!(world.client.stats().refreshes, 0, "too early");
    world.clock.advance(Duration::from_secs(200));

    let closed = world.endpoint.gate.write().await;
    for _ in 0..100 {
        assert_eq!(
            world.api.token_on_behalf_of(&user).await.unwrap().expose(),
            "token-0"
        );
    }
    assert_eq!(world.client.stats().refreshes, 1, "one reader starts it");
    drop(closed);
    world.settle().await;
    assert_eq!(
        world.api.token_on_behalf_of(&user).await.unwrap().expose(),
        "token-1"
    );
    assert_eq!(world.endpoint.calls(), 2);

    // Renewed on behalf of the same user by the same grant, never by another one.
    let seen = world.endpoint.seen();
    assert_eq!(seen[0].form, seen[1].form);
    assert_eq!(seen[1].get("requested_token_use"), "on_behalf_of");
    assert_eq!(seen[1].get("assertion"), token(TENANT, 1, ""));
}

#[tokio::test]
async fn a_failing_refresh_keeps_serving_and_pauses() {
    let world = World::new(Endpoint::new(|seen, n| match n {
        0 => grant(seen, 3600, r#""refresh_in":1000,"#),
        _ => Err(TransportError::Timeout),
    }));
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    world.clock.advance(Duration::from_secs(1000));
    for _ in 0..10 {
        world.api.token_on_behalf_of(&user(1)).await.unwrap();
        world.settle().await;
    }
    assert_eq!(world.endpoint.calls(), 2);
    world.clock.advance(Duration::from_secs(30));
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    world.settle().await;
    assert_eq!(world.endpoint.calls(), 3);
}

#[tokio::test]
async fn a_throttled_refresh_keeps_serving_and_waits() {
    let world = World::new(Endpoint::new(|seen, n| match n {
        0 => grant(seen, 3600, r#""refresh_in":1000,"#),
        1 => with_header(json(429, ""), "retry-after", "600"),
        _ => grant(seen, 3600, ""),
    }));
    let step = async |seconds| {
        world.clock.advance(Duration::from_secs(seconds));
        world.api.token_on_behalf_of(&user(1)).await.unwrap();
        world.settle().await;
        world.endpoint.calls()
    };
    assert_eq!(step(0).await, 1);
    assert_eq!(step(1000).await, 2);
    assert_eq!(step(599).await, 2, "asked again while told to wait");
    assert_eq!(step(31).await, 3);
}

#[tokio::test]
async fn forgetting_one_user_leaves_the_others() {
    let world = World::new(Endpoint::granting());
    for n in 0..5 {
        world.api.token_on_behalf_of(&user(n)).await.unwrap();
    }
    world.client.forget(user(3).principal()).await.unwrap();
    assert!(world.api.cached(&user(3)).is_none());
    assert_eq!(world.client.stats().entries, 4);
    world.client.clear();
    assert!(world.api.cached(&user(0)).is_none());
    assert_eq!(world.client.stats().entries, 0);
    assert_eq!(world.client.stats().bytes, 0);
}

#[tokio::test]
async fn the_cache_is_bounded_by_choice() {
    let world = World::with(Endpoint::granting(), |builder| {
        builder.cache_limits(CacheLimits::default().with_entries(10))
    });
    for n in 0..100 {
        world.api.token_on_behalf_of(&user(n)).await.unwrap();
        assert!(world.client.stats().entries <= 10);
    }
    assert_eq!(world.client.stats().evictions, 90);
    let world = World::with(Endpoint::granting(), |builder| {
        builder.cache_limits(CacheLimits::default().with_bytes(1000))
    });
    for n in 0..100 {
        world.api.token_on_behalf_of(&user(n)).await.unwrap();
        assert!(world.client.stats().bytes <= 1000);
    }
    assert!(world.client.stats().entries > 0);
}
