//! The client as itself: client credentials.

use std::time::Duration;

use crate::support::*;
use entra_obo::{AppDownstream, ClaimsChallenge, ErrorKind, ThrottleScope};

const DEFAULT: &str = "https://graph.microsoft.com/.default";

fn own(world: &World) -> AppDownstream {
    world.client.for_app(scopes(DEFAULT)).unwrap()
}

#[tokio::test]
async fn the_request_is_the_documented_one_and_its_token_is_cached() {
    let world = World::new(Endpoint::granting());
    let graph = own(&world);
    let got = graph.token().await.unwrap();
    assert_eq!(got.expose(), graph.token().await.unwrap().expose());
    assert_eq!(world.endpoint.calls(), 1);
    let seen = &world.endpoint.seen()[0];
    let mut names: Vec<_> = seen.form.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["client_id", "client_secret", "grant_type", "scope"]);
    assert_eq!(seen.get("grant_type"), "client_credentials");
    assert_eq!(seen.get("scope"), DEFAULT);
    assert_eq!(seen.get("client_id"), CLIENT);
}

#[test]
fn an_application_asks_for_default_only() {
    let world = World::new(Endpoint::granting());
    for wanted in [
        "https://graph.microsoft.com/User.Read",
        "https://graph.microsoft.com/.default openid",
    ] {
        let error = world.client.for_app(scopes(wanted)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{wanted}");
    }
}

#[tokio::test]
async fn an_applications_token_is_never_a_users() {
    let world = World::new(Endpoint::granting());
    let as_user = world.client.downstream(scopes(DEFAULT)).unwrap();
    let own = own(&world).token().await.unwrap();
    let users = as_user.token_on_behalf_of(&user(1)).await.unwrap();
    assert_ne!(own.expose(), users.expose());
    assert_eq!(world.endpoint.calls(), 2);
    assert_eq!(
        world.endpoint.seen()[1].get("requested_token_use"),
        "on_behalf_of"
    );

    // Forgetting a user leaves the application's own token alone.
    world.client.forget(user(1).principal()).await.unwrap();
    assert_eq!(world.client.stats().entries, 1);
}

#[tokio::test]
async fn tenants_do_not_meet() {
    let world = World::new(Endpoint::granting());
    own(&world).token().await.unwrap();
    let there = world.client.for_tenant(tenant(OTHER_TENANT));
    there
        .for_app(scopes(DEFAULT))
        .unwrap()
        .token()
        .await
        .unwrap();
    assert_eq!(world.endpoint.calls(), 2);
    assert!(world.endpoint.seen()[1].uri.contains(OTHER_TENANT));
}

#[tokio::test]
async fn an_own_token_is_renewed_by_its_own_grant() {
    let world = World::new(Endpoint::new(|seen, _| {
        grant(seen, 3600, r#""refresh_in":100,"#)
    }));
    let graph = own(&world);
    graph.token().await.unwrap();
    world.clock.advance(Duration::from_secs(200));
    graph.token().await.unwrap();
    world.settle().await;
    assert_eq!(world.endpoint.calls(), 2);
    let seen = world.endpoint.seen();
    assert_eq!(seen[0].form, seen[1].form);
}

#[tokio::test]
async fn a_thousand_callers_cause_one_request() {
    let world = World::new(Endpoint::granting());
    let gate = world.endpoint.gate.write().await;
    let callers: Vec<_> = (0..1000)
        .map(|_| {
            let graph = own(&world);
            tokio::spawn(async move { graph.token().await.unwrap() })
        })
        .collect();
    while world.client.stats().coalesced < 999 {
        tokio::task::yield_now().await;
    }
    drop(gate);
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(world.endpoint.calls(), 1);
}

#[tokio::test]
async fn a_users_excess_holds_back_nobody_else_unless_that_is_chosen() {
    let throttling = || {
        Endpoint::new(|seen, n| match n {
            0 => with_header(json(429, "{}"), "retry-after", "30"),
            _ => grant(seen, 3600, ""),
        })
    };
    for scope in [ThrottleScope::User, ThrottleScope::Client] {
        let world = World::with(throttling(), |builder| builder.throttle(scope));
        let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled);
        let other = world.api.token_on_behalf_of(&user(2)).await;
        match scope {
            ThrottleScope::User => assert!(other.is_ok()),
            _ => assert_eq!(other.unwrap_err().kind(), ErrorKind::Throttled),
        }
        // Another downstream is not concerned in either case.
        own(&world).token().await.unwrap();
    }
}

fn claims(n: usize) -> ClaimsChallenge {
    let text = format!(r#"{{"access_token":{{"nbf":{{"essential":true,"value":"{n}"}}}}}}"#);
    ClaimsChallenge::from_json(&text).unwrap()
}

/// A caller of the service may have chosen the claims: all callers keep their token.
#[tokio::test]
async fn claims_of_one_caller_never_replace_the_token_of_all() {
    let world = World::new(Endpoint::new(|seen, n| {
        let body = format!(
            r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{}.{n}"}}"#,
            hash(seen.get("claims"))
        );
        Ok(json(200, body))
    }));
    let graph = own(&world);
    let shared = graph.token().await.unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        // Each prepares its own, as a careless handler does.
        let graph = own(&world).with_claims(claims(1));
        callers.spawn(async move { graph.token().await.unwrap().expose().to_owned() });
    }
    let mut tokens = callers.join_all().await;
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "one answer for all");
    assert_eq!(world.endpoint.calls(), 2, "one request for 50 calls");
    assert_ne!(tokens[0], shared.expose());
    assert_eq!(graph.token().await.unwrap().expose(), shared.expose());

    world.clock.advance(Duration::from_secs(59));
    graph.with_claims(claims(1)).token().await.unwrap();
    assert_eq!(world.endpoint.calls(), 2);
    world.clock.advance(Duration::from_secs(1));
    graph.with_claims(claims(1)).token().await.unwrap();
    assert_eq!(world.endpoint.calls(), 3, "refused again, a minute later");
    assert_eq!(graph.token().await.unwrap().expose(), shared.expose());
}

#[tokio::test]
async fn different_claims_cause_eight_requests_a_minute_and_a_failure_stands() {
    let world = World::new(Endpoint::new(|seen, _| match seen.get("claims") {
        "" => grant(seen, 3600, ""),
        _ => Ok(refuse(400, "interaction_required", "", 50076)),
    }));
    let graph = own(&world);
    graph.token().await.unwrap();
    for _ in 0..3 {
        for n in 0..8 {
            let error = graph.with_claims(claims(n)).token().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
        }
    }
    assert_eq!(world.endpoint.calls(), 9);
    let error = graph.with_claims(claims(8)).token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert!(error.retry_at().is_some());
    assert_eq!(world.endpoint.calls(), 9);
    world.clock.advance(Duration::from_secs(60));
    graph.with_claims(claims(8)).token().await.unwrap_err();
    assert_eq!(world.endpoint.calls(), 10);
}
