//! Streams (CT-091, CT-109; AT-22).

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use entra_claims::{AcceptedAudiences, Authenticator, Clock, ManualClock, TenantPolicy, Validator};
use entra_emulator::demo;
use foundry_scopes::ClientId;
use mcp_auth::{AuthLayer, McpLayer};

use super::client::{LEGACY, call, send};
use super::server::{Fixture, Mode};
use crate::common::world::{URL, World, read};

const LEEWAY: u64 = 60;

/// A fixture whose guard's clock is moved by hand, and a token of Alice's that ends in
/// `seconds`.
async fn start(mode: Mode, seconds: i64) -> (Fixture, Arc<ManualClock>, String) {
    let world = World::start().await;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(since.as_secs()).unwrap();
    let clock = Arc::new(ManualClock::at(now));
    let validator = Validator::new(
        world.authority.cloud().clone(),
        TenantPolicy::single(world.authority.tenant()),
        AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
    );
    let validator = validator
        .with_clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .with_leeway(Duration::from_secs(LEEWAY))
        .unwrap();
    let authenticator = Authenticator::new(validator).unwrap();
    let guard = AuthLayer::new(authenticator, world.resource(URL), read())
        .unwrap()
        .allow_any_host();
    let token = world.forged(&[demo::MCP_READ]).claim("exp", now + seconds);
    let token = token.sign().unwrap();
    let fixture = Fixture::with(world, mode, McpLayer::new(guard)).await;
    (fixture, clock, token)
}

/// Reads on until the text holds `until`; `None` if it ends before.
async fn read_to(stream: &mut reqwest::Response, text: &mut String, until: &str) -> Option<()> {
    while !text.contains(until) {
        let chunk = stream.chunk().await.unwrap()?;
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    Some(())
}

const CHANGED: &str = "notifications/tools/list_changed";

/// CT-109, AT-22: what comes too late is not sent, and to come back takes a new token.
#[tokio::test]
async fn the_stream_of_a_session_ends_when_its_token_does() {
    let (fixture, clock, token) = start(Mode::Sessions, 100).await;
    let (lasting, leaving) = (fixture.client.clone(), fixture.client.with_token(token));
    let session = leaving.open().await;
    let get = || {
        let request = leaving.request("GET").header("mcp-session-id", &session);
        request.header("mcp-protocol-version", LEGACY)
    };
    let mut stream = get().send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let announce = || send(lasting.in_session(&session, &call("announce")));
    let mut text = String::new();
    for step in [0, 99, LEEWAY] {
        clock.advance(Duration::from_secs(step));
        text.clear();
        assert_eq!(announce().await.status, 200);
        assert!(
            read_to(&mut stream, &mut text, CHANGED).await.is_some(),
            "{step}: {text}"
        );
    }
    // Expiry, the allowance for clocks, and one second.
    clock.advance(Duration::from_secs(2));
    text.clear();
    assert_eq!(announce().await.status, 200);
    assert_eq!(read_to(&mut stream, &mut text, CHANGED).await, None);
    assert!(!text.contains("data"), "{text}");

    assert_eq!(send(get().header("last-event-id", "0")).await.status, 401);
    let again = lasting.request("GET").header("mcp-session-id", &session);
    assert_eq!(again.send().await.unwrap().status(), 200);
}

/// CT-091: the first event arrives while the handler runs. And a long call ends with its
/// token too: its handler is cancelled.
#[tokio::test]
async fn a_long_answer_streams_and_ends_when_its_token_does() {
    let (fixture, clock, token) = start(Mode::Json, 100).await;
    let client = fixture.client.with_token(token);
    let mut stream = client.modern(&call("hang")).send().await.unwrap();
    let mut text = String::new();
    read_to(&mut stream, &mut text, "notifications/progress")
        .await
        .unwrap();
    assert_eq!(fixture.server.done.times("cancelled"), 0);
    clock.advance(Duration::from_secs(100 + LEEWAY + 1));
    // The server's own keep-alive, of which there is one each few milliseconds here.
    assert_eq!(read_to(&mut stream, &mut text, "never").await, None);
    while fixture.server.done.times("cancelled") == 0 {
        tokio::task::yield_now().await;
    }
}

/// CT-101: an event's id selects a stream of the session, and none of another's.
#[tokio::test]
async fn an_event_id_that_could_be_of_another_session_is_refused() {
    for (scoped, status) in [(false, 404), (true, 200)] {
        let fixture = Fixture::start(Mode::Sessions, |layer| match scoped {
            false => layer,
            true => layer.scoped_event_ids(),
        })
        .await;
        let session = fixture.client.open().await;
        let resume = |id: &str| {
            let request = fixture.client.request("GET").header("last-event-id", id);
            request.header("mcp-session-id", &session).send()
        };
        for id in ["0", "0/0"] {
            assert_eq!(resume(id).await.unwrap().status(), 200, "{id}");
        }
        for id in ["", "a", "0/a", "0/0/0", "/", "c0de-stream_7", "-1"] {
            assert_eq!(resume(id).await.unwrap().status(), status, "{id}");
        }
        // Without a session it would select whatever there is.
        let bare = fixture.client.request("GET").header("last-event-id", "0");
        assert_eq!(send(bare).await.status, 404);
    }
}
