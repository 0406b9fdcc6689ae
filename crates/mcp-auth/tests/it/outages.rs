//! Herds, rotations and outages of the keys, seen through a guard. Counts of requests at the authority and
//! answers to clients; never times of this machine.

use std::sync::Arc;
use std::time::Duration;

use crate::common::world::{URL, World, bearer, read};
use entra_claims::{
    AcceptedAudiences, Authenticator, Clock as _, ManualClock, TenantPolicy, Validator,
};
use entra_emulator::{Fault, demo};
use foundry_scopes::ClientId;
use http::StatusCode;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use mcp_auth::{AuthLayer, Caller};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const KEYS: &str = "/discovery/v2.0/keys";

/// A guard whose clock the test moves, together with the emulator's.
fn guard(world: &World) -> (AuthLayer, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(world.emulator.clock().now()));
    let validator = Validator::new(
        world.authority.cloud().clone(),
        TenantPolicy::single(world.authority.tenant()),
        AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
    )
    .with_clock(clock.clone());
    let authenticator = Authenticator::new(validator).unwrap();
    let guard = AuthLayer::new(authenticator, world.resource(URL), read())
        .unwrap()
        .allow_any_host();
    (guard, clock)
}

fn key_fetches(world: &World) -> usize {
    let keys = |entry: &entra_emulator::JournalEntry| entry.path().ends_with(KEYS);
    world.emulator.journal().count(keys)
}

fn advance(world: &World, clock: &ManualClock, by: Duration) {
    clock.advance(by);
    world.emulator.clock().advance(by);
}

async fn status(world: &World, guard: &AuthLayer, token: &str) -> StatusCode {
    world.ask(guard, bearer(token)).await.status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_cold_requests_cause_one_key_fetch_and_all_succeed() {
    let world = World::start().await;
    let (guard, _) = guard(&world);
    let handler = |caller: Caller| async move { caller.principal().object().to_string() };
    let app = axum::Router::new()
        .route("/mcp", axum::routing::post(handler))
        .layer(guard);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/mcp", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let tokens: Vec<_> = [demo::ALICE, demo::BOB]
        .map(|user| (user, world.token_of(user)))
        .into();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut callers = JoinSet::new();
    for n in 0..500 {
        let (user, token) = tokens[n % tokens.len()].clone();
        let request = client.post(&address).bearer_auth(token);
        callers.spawn(async move {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.text().await.unwrap(), user);
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller.unwrap();
    }
    server.abort();
    assert_eq!(key_fetches(&world), 1);
}

#[tokio::test]
async fn a_rotated_key_is_accepted_on_its_first_request() {
    let world = World::start().await;
    let (guard, _) = guard(&world);
    let old = world.token_of(demo::ALICE);
    assert_eq!(status(&world, &guard, &old).await, StatusCode::OK);
    world.emulator.rotate_keys();
    let new = world.token_of(demo::ALICE);
    assert_eq!(status(&world, &guard, &new).await, StatusCode::OK);
    assert_eq!(status(&world, &guard, &old).await, StatusCode::OK);
    assert_eq!(key_fetches(&world), 2);
}

/// Without keys nobody can decide: 503 without a challenge, so that no client signs in again, and soon
/// another try.
#[tokio::test]
async fn a_start_without_keys_is_undecided_and_recovers_within_two_seconds() {
    let world = World::start().await;
    let (guard, clock) = guard(&world);
    let fault = world.emulator.fail_next(Fault::status(KEYS, 500).always());
    let token = world.token_of(demo::ALICE);
    for _ in 0..10 {
        let answer = world.ask(&guard, bearer(&token)).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key(RETRY_AFTER));
        assert!(!answer.headers().contains_key(WWW_AUTHENTICATE));
        advance(&world, &clock, Duration::from_millis(500));
    }
    world.emulator.remove_fault(fault);
    advance(&world, &clock, Duration::from_secs(2));
    assert_eq!(status(&world, &guard, &token).await, StatusCode::OK);
}

/// A simulated day without the authority, a new token every minute.
#[tokio::test]
async fn a_day_without_the_authority_refuses_no_valid_token() {
    let world = World::start().await;
    let (guard, clock) = guard(&world);
    let first = world.token_of(demo::ALICE);
    assert_eq!(status(&world, &guard, &first).await, StatusCode::OK);
    let fault = world.emulator.fail_next(Fault::status(KEYS, 503).always());
    let before = key_fetches(&world);
    let minute = Duration::from_secs(60);
    for passed in 1..24 * 60 {
        advance(&world, &clock, minute);
        let token = world.token_of(demo::ALICE);
        let seen = status(&world, &guard, &token).await;
        assert_eq!(seen, StatusCode::OK, "after {passed} minutes");
    }
    // At most one try a minute.
    assert!(key_fetches(&world) - before <= 24 * 60);

    // Back again: what is new is known within a minute.
    world.emulator.remove_fault(fault);
    world.emulator.rotate_keys();
    advance(&world, &clock, minute);
    let token = world.token_of(demo::ALICE);
    assert_eq!(status(&world, &guard, &token).await, StatusCode::OK);
}

#[tokio::test]
async fn a_hundred_thousand_made_up_keys_cause_two_fetches_at_most() {
    let world = World::start().await;
    let (guard, clock) = guard(&world);
    let good = world.token_of(demo::ALICE);
    assert_eq!(status(&world, &guard, &good).await, StatusCode::OK);
    let before = key_fetches(&world);
    let (_, rest) = good.split_once('.').unwrap();
    let now = clock.wall();
    for n in 0..100_000_u32 {
        let header = serde_json::json!({"alg": "RS256", "kid": format!("made-up-{n}")}).to_string();
        let header =
            base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
        let hostile = format!("{header}.{rest}");
        assert_eq!(
            status(&world, &guard, &hostile).await,
            StatusCode::UNAUTHORIZED
        );
        if n % 1000 == 0 {
            assert_eq!(status(&world, &guard, &good).await, StatusCode::OK);
        }
        if n % 5000 == 4999 {
            advance(&world, &clock, Duration::from_secs(1));
        }
    }
    assert_eq!(clock.wall() - now, 20);
    assert!(key_fetches(&world) - before <= 2);
}
