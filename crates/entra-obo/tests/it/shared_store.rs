//! Several processes and one store: what they share, for how long, and what they never do.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::store::*;
use crate::support::*;
use entra_obo::{ClaimsChallenge, ErrorKind};
use foundry_scopes::ClientId;
use tokio::task::JoinSet;

/// Tokens that tell which request brought them.
fn numbered(lasts: u64) -> Arc<Endpoint> {
    Endpoint::new(move |_, n| {
        Ok(json(
            200,
            format!(
                r#"{{"token_type":"Bearer","expires_in":{lasts},"refresh_in":{},"access_token":"token-{n}"}}"#,
                lasts / 2
            ),
        ))
    })
}

async fn ask(world: &World) -> String {
    let token = world.api.token_on_behalf_of(&user(1)).await.unwrap();
    let text = token.expose().to_owned();
    world.settle().await;
    text
}

#[tokio::test]
async fn another_process_finds_the_token_and_asks_nobody() {
    let fleet = Fleet::new(Endpoint::granting());
    let (one, two) = (fleet.process(), fleet.process());
    let first = ask(&one).await;
    assert_eq!(ask(&two).await, first);
    assert_eq!(fleet.endpoint.calls(), 1);
    assert_eq!(one.client.stats().remote_misses, 1);
    assert_eq!(two.client.stats().remote_hits, 1);
    // From now on it is in memory.
    assert_eq!(ask(&two).await, first);
    assert_eq!(fleet.store.gets(), 2);
    let token = two.api.cached(&user(1)).unwrap();
    assert_eq!(token.scopes().collect::<Vec<_>>(), [SCOPE]);
    assert_eq!(token.expires_at_unix(), NOW + 3600);
}

#[tokio::test]
async fn nobody_else_finds_it() {
    let fleet = Fleet::new(Endpoint::granting());
    let one = fleet.process();
    ask(&one).await;
    let two = fleet.process();
    let write = "api://downstream/orders.write";
    let other = two.client.downstream(scopes(write)).unwrap();
    for (api, assertion, scope) in [
        (&two.api, token(TENANT, 2, ""), SCOPE),
        (
            &two.api,
            token(TENANT, 1, "another token of the same user"),
            SCOPE,
        ),
        (&other, token(TENANT, 1, ""), write),
    ] {
        let got = api
            .token_on_behalf_of(&assertion_of(&assertion))
            .await
            .unwrap();
        assert_eq!(got.expose(), expected(&assertion, scope));
    }
    assert_eq!(fleet.endpoint.calls(), 4);
    assert_eq!(two.client.stats().remote_hits, 0);
    assert_eq!(two.client.stats().remote_rejected, 0);
}

#[tokio::test]
async fn a_thousand_callers_look_once_and_ask_once() {
    let fleet = Fleet::new(Endpoint::granting());
    let world = fleet.process();
    let closed = fleet.endpoint.gate.write().await;
    let mut callers = JoinSet::new();
    for _ in 0..1_000 {
        let api = world.api.clone();
        callers.spawn(async move { api.token_on_behalf_of(&user(1)).await.unwrap() });
    }
    while world.client.stats().coalesced < 999 {
        tokio::task::yield_now().await;
    }
    drop(closed);
    assert_eq!(callers.join_all().await.len(), 1_000);
    assert_eq!((fleet.store.gets(), fleet.endpoint.calls()), (1, 1));
}

#[tokio::test]
async fn what_came_from_the_store_lives_no_longer_than_it_was_given() {
    let fleet = Fleet::new(numbered(3600));
    let (one, two) = (fleet.process(), fleet.process());
    ask(&one).await;
    fleet.clock.advance(Duration::from_secs(3000));
    assert_eq!(ask(&two).await, "token-0");
    fleet.clock.advance(Duration::from_secs(539));
    assert!(two.api.cached(&user(1)).is_some());
    fleet.clock.advance(Duration::from_secs(1));
    assert!(two.api.cached(&user(1)).is_none(), "its last minute");
    // A wall clock that is set back makes it live no longer.
    fleet.clock.set_wall(NOW);
    assert!(two.api.cached(&user(1)).is_none());
}

#[tokio::test]
async fn a_process_whose_clock_is_late_keeps_it_no_longer_than_its_whole_life() {
    let fleet = Fleet::new(numbered(3600));
    ask(&fleet.process()).await;
    fleet.clock.set_wall(NOW - 86_400);
    let late = fleet.process();
    assert_eq!(ask(&late).await, "token-0");
    fleet.clock.advance(Duration::from_secs(3541));
    assert!(late.api.cached(&user(1)).is_none());
}

#[tokio::test]
async fn its_last_minute_is_not_taken_from_the_store() {
    let fleet = Fleet::new(numbered(3600));
    ask(&fleet.process()).await;
    fleet.clock.set_wall(NOW + 3541);
    assert_eq!(ask(&fleet.process()).await, "token-1");
}

#[tokio::test]
async fn values_end_with_their_token_and_a_short_token_is_not_kept() {
    let fleet = Fleet::new(numbered(1000));
    ask(&fleet.process()).await;
    let (_, ttl) = fleet.memory().value(&fleet.token_name()).unwrap();
    assert_eq!(ttl, Duration::from_secs(1000));
    fleet.clock.advance(Duration::from_secs(1000));
    assert_eq!(fleet.memory().names().len(), 1, "the epoch alone");

    let fleet = Fleet::new(numbered(60));
    ask(&fleet.process()).await;
    assert!(fleet.memory().names().is_empty());
}

#[tokio::test]
async fn it_is_renewed_ahead_of_its_end_and_once_for_all() {
    let fleet = Fleet::new(numbered(3600));
    let (one, two) = (fleet.process(), fleet.process());
    ask(&one).await;
    assert_eq!(ask(&two).await, "token-0");
    // At half of its life it says, within a twentieth.
    fleet.clock.advance(Duration::from_secs(1600));
    assert_eq!(ask(&two).await, "token-0");
    assert_eq!(two.client.stats().refreshes, 0);
    fleet.clock.advance(Duration::from_secs(400));
    assert_eq!(ask(&two).await, "token-0", "what is held serves");
    assert_eq!(two.client.stats().refreshes, 1);
    assert_eq!(ask(&two).await, "token-1");
    // The other process finds what this one renewed.
    assert_eq!(ask(&one).await, "token-0");
    assert_eq!(one.client.stats().refreshes, 1);
    assert_eq!(ask(&one).await, "token-1");
    assert_eq!(fleet.endpoint.calls(), 2);
}

#[tokio::test]
async fn a_late_comer_renews_what_should_have_been_renewed() {
    let fleet = Fleet::new(numbered(3600));
    ask(&fleet.process()).await;
    fleet.clock.advance(Duration::from_secs(2500));
    let late = fleet.process();
    assert_eq!(ask(&late).await, "token-0");
    assert_eq!(ask(&late).await, "token-0");
    assert_eq!(ask(&late).await, "token-1");
    assert_eq!(fleet.endpoint.calls(), 2);
}

#[tokio::test]
async fn a_challenge_passes_the_store_by_and_its_answer_is_for_all() {
    let fleet = Fleet::new(numbered(3600));
    let (one, two) = (fleet.process(), fleet.process());
    ask(&one).await;
    let challenge = ClaimsChallenge::from_json(r#"{"a":1}"#).unwrap();
    let challenged = two.api.with_claims(challenge);
    let got = challenged.token_on_behalf_of(&user(1)).await.unwrap();
    assert_eq!(got.expose(), "token-1");
    two.settle().await;
    assert_eq!(ask(&fleet.process()).await, "token-1");
    assert_eq!(fleet.endpoint.calls(), 2);
}

#[tokio::test]
async fn failures_are_not_kept() {
    let fleet = Fleet::new(Endpoint::new(|_, _| {
        Ok(refuse(400, "invalid_grant", "consent_required", 65001))
    }));
    let world = fleet.process();
    let error = world.api.token_on_behalf_of(&user(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Consent);
    world.settle().await;
    assert!(fleet.memory().names().is_empty());
}

#[tokio::test]
async fn who_is_held_back_may_still_find_what_others_got() {
    let fleet = Fleet::new(Endpoint::new(|seen, n| match n {
        0 => with_header(json(429, ""), "retry-after", "600"),
        _ => grant(seen, 3600, ""),
    }));
    let (one, two) = (fleet.process(), fleet.process());
    for _ in 0..2 {
        let error = one.api.token_on_behalf_of(&user(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled);
    }
    assert_eq!(one.client.stats().throttled, 1);
    assert_eq!(fleet.endpoint.calls(), 1);
    let token = ask(&two).await;
    assert_eq!(ask(&one).await, token);
    assert_eq!(fleet.endpoint.calls(), 2);
}

#[tokio::test]
async fn an_applications_own_token_is_shared() {
    let fleet = Fleet::new(numbered(3600));
    for _ in 0..2 {
        let world = fleet.process();
        let own = world
            .client
            .for_app(scopes("https://graph.microsoft.com/.default"));
        assert_eq!(own.unwrap().token().await.unwrap().expose(), "token-0");
        world.settle().await;
    }
    assert_eq!(fleet.endpoint.calls(), 1);
    assert_eq!(
        fleet.memory().names().len(),
        1,
        "there is no user, and no epoch"
    );
}

#[tokio::test]
async fn what_is_between_the_legs_of_an_agent_stays_in_its_process() {
    let fleet = Fleet::new(numbered(3600));
    let agent = ClientId::parse("33334444-dddd-5555-eeee-6666ffff7777").unwrap();
    for (legs, calls) in [("two", 2), ("none", 2)] {
        let world = fleet.process();
        let agent = world.client.agent(agent).unwrap();
        let own = agent
            .for_app(scopes("https://graph.microsoft.com/.default"))
            .unwrap();
        own.token().await.unwrap();
        world.settle().await;
        assert_eq!(fleet.endpoint.calls(), calls, "{legs}");
    }
    // The last leg's token alone: not the blueprint's, which is a credential.
    assert_eq!(fleet.memory().names().len(), 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nothing_with_it() {
    for polls in 1..12 {
        let fleet = Fleet::new(Endpoint::granting());
        fleet.endpoint.yields.store(6, Ordering::SeqCst);
        let one = fleet.process();
        let _ = DropAfter::new(one.api.token_on_behalf_of(&user(1)), polls).await;
        one.settle().await;
        ask(&fleet.process()).await;
        assert_eq!(fleet.endpoint.calls(), 1, "{polls}");
    }
}
