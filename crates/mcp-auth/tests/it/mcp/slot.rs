//! Challenges of handlers (CT-076, CT-077).

use axum::Extension;
use entra_emulator::demo;
use mcp_auth::{DeferredChallenge, McpLayer};

use super::client::{Answer, Client, call, send};
use super::server::{Fixture, Mode, listen};
use crate::common::world::World;

async fn start(mode: Mode) -> Fixture {
    Fixture::start(mode, |layer| layer).await
}

fn is_claims_challenge(answer: &Answer) {
    let metadata = "https://mcp.test/.well-known/oauth-protected-resource/mcp";
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(
        answer.challenge(),
        format!(
            r#"Bearer error="insufficient_claims", scope="{}", resource_metadata="{metadata}", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ==""#,
            demo::MCP_READ_SCOPE
        )
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.message()["error"], "insufficient_claims");
    assert!(!answer.text.contains("dropped"), "{answer:?}");
}

#[tokio::test]
async fn a_handlers_challenge_becomes_the_http_answer_where_the_mode_allows_it() {
    for mode in [Mode::Sessions, Mode::Json] {
        let Fixture {
            server,
            client,
            world: _world,
        } = start(mode).await;
        is_claims_challenge(&send(client.modern(&call("claims"))).await);
        assert_eq!(server.done.times("claims"), 1);
    }
    let Fixture {
        client,
        world: _world,
        ..
    } = start(Mode::Json).await;
    is_claims_challenge(&send(client.legacy(&call("claims"))).await);
}

#[tokio::test]
async fn a_requirement_that_only_the_handler_knows_asks_for_the_union_of_scopes() {
    let Fixture { client, world, .. } = start(Mode::Json).await;
    for request in [
        client.modern(&call("dynamic")),
        client.legacy(&call("dynamic")),
    ] {
        let answer = send(request).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        let (read, write) = (demo::MCP_READ_SCOPE, demo::MCP_WRITE_SCOPE);
        let expected = format!(r#"Bearer error="insufficient_scope", scope="{read} {write}", "#);
        assert!(answer.challenge().starts_with(&expected), "{answer:?}");
    }
    let both = client.with_token(world.token(&[demo::MCP_READ, demo::MCP_WRITE]));
    let answer = send(both.modern(&call("dynamic"))).await;
    assert_eq!(answer.tool_text(), "allowed");
}

/// In a session the head of the answer is gone before the handler runs.
#[tokio::test]
async fn in_a_session_the_handler_answers_in_band() {
    let Fixture {
        server,
        client,
        world: _world,
    } = start(Mode::Sessions).await;
    let session = client.open().await;
    for tool in ["claims", "dynamic"] {
        let answer = send(client.in_session(&session, &call(tool))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.tool_text(), "ask for more, and call again");
        assert_eq!(server.done.times(tool), 1);
    }
}

/// Also where the handler is faster than the head: who wins such a race is no answer.
#[tokio::test]
async fn in_a_session_nothing_depends_on_who_is_first() {
    async fn fast(
        Extension(slot): Extension<DeferredChallenge>,
    ) -> ([(&'static str, &'static str); 1], String) {
        let delivery = slot.fill(slot.challenge());
        ([("mcp-session-id", "one")], format!("{delivery:?}"))
    }
    async fn open() -> [(&'static str, &'static str); 1] {
        [("mcp-session-id", "one")]
    }
    let world = World::start().await;
    let app = axum::Router::new().route("/mcp", axum::routing::post(fast).get(open));
    let url = listen(app.layer(McpLayer::new(world.guard()))).await;
    let client = Client::new(&url, world.token(&[demo::MCP_READ]));
    assert_eq!(send(client.legacy(&call("x"))).await.status, 401);
    assert_eq!(send(client.request("GET")).await.status, 200);
    let answer = send(client.in_session("one", &call("x"))).await;
    assert_eq!((answer.status, &*answer.text), (200, "InBand"));
}

/// The first message of the stream fixed its status.
#[tokio::test]
async fn after_a_notification_the_handler_answers_in_band() {
    let Fixture {
        client,
        world: _world,
        ..
    } = start(Mode::Json).await;
    for request in [client.modern(&call("late")), client.legacy(&call("late"))] {
        let answer = send(request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.text.contains("notifications/progress"), "{answer:?}");
        assert_eq!(answer.tool_text(), "ask for more, and call again");
    }
}
