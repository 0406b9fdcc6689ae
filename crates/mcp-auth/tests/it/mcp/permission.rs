//! What has no rule, looks like something with a rule, or is only listed (CT-069, CT-070,
//! CT-072; AT-27, AT-31, AT-32, AT-40, AT-43, AT-45, AT-46).

use entra_emulator::demo;
use mcp_auth::McpPolicy;
use serde_json::json;

use super::client::{Answer, call, send};
use super::server::{Fixture, Mode};
use crate::common::world::scope;

fn policy() -> McpPolicy {
    McpPolicy::new()
        .tool("read", scope(demo::MCP_READ))
        .tool("write", scope(demo::MCP_WRITE))
}

/// CT-069, AT-32: a tool that nobody listed is closed, whether the server has it or not.
#[tokio::test]
async fn an_unlisted_tool_is_refused_and_its_existence_not_told() {
    let fixture = Fixture::start(Mode::Json, |layer| {
        layer.policy(policy().deny_unlisted()).unwrap()
    })
    .await;
    let existing = send(fixture.client.modern(&call("added-later"))).await;
    let missing = send(fixture.client.modern(&call("never-there"))).await;
    assert_eq!(existing.status, 403);
    let told = |answer: &Answer| {
        let mut body = answer.message();
        body["incident_id"] = serde_json::Value::Null;
        (answer.status, body)
    };
    assert_eq!(told(&existing), told(&missing));
    assert_eq!(existing.challenge(), missing.challenge());
    assert!(!existing.challenge().contains("scope=\""), "{existing:?}");
    assert_eq!(fixture.server.done.times("added-later"), 0);
    assert_eq!(send(fixture.client.modern(&call("read"))).await.status, 200);
}

/// AT-31, AT-40: nothing of the name comes back either.
#[tokio::test]
async fn a_name_in_another_spelling_reaches_no_handler() {
    for policy in [policy(), policy().deny_unlisted()] {
        let fixture = Fixture::start(Mode::Json, |layer| layer.policy(policy).unwrap()).await;
        for name in [
            "Write",
            "WRITE",
            "write ",
            "\u{0}write",
            "wr\u{456}te",
            "wr%69te",
            "write\r\nx-evil: 1",
            "write\", scope=\"x",
            "write\\",
        ] {
            let answer = send(fixture.client.legacy(&call(name))).await;
            assert_eq!(answer.status, 403, "{name:?}: {answer:?}");
            assert!(
                answer
                    .challenge()
                    .starts_with(r#"Bearer error="insufficient_scope", resource_metadata="#)
            );
            assert!(answer.header("x-evil").is_none());
            assert!(!answer.text.contains("rite"), "{answer:?}");
            assert_eq!(fixture.server.done.times(name), 0);
        }
    }
}

/// CT-072, AT-45.
#[tokio::test]
async fn a_notification_is_judged_like_a_request() {
    let strict = policy().method("x/private", scope(demo::MCP_WRITE));
    let fixture = Fixture::start(Mode::Sessions, |layer| layer.policy(strict).unwrap()).await;
    let session = fixture.client.open().await;
    let mut silent = call("write");
    silent.as_object_mut().unwrap().remove("id");
    let private = json!({"jsonrpc": "2.0", "method": "x/private"});
    for body in [&silent, &private] {
        for request in [
            fixture.client.in_session(&session, body),
            fixture.client.modern(body),
        ] {
            let answer = send(request).await;
            assert_eq!(answer.status, 403, "{answer:?}");
        }
    }
    let public = json!({"jsonrpc": "2.0", "method": "x/public"});
    let answer = send(fixture.client.in_session(&session, &public)).await;
    assert_eq!(answer.status, 202);
    // The session's worker takes messages in order: what came before would be done by now.
    let answer = send(fixture.client.in_session(&session, &call("read"))).await;
    assert_eq!(answer.status, 200);
    let done = &fixture.server.done;
    assert_eq!(done.times("x/public"), 1);
    assert_eq!((done.times("write"), done.times("x/private")), (0, 0));
}

/// AT-46: what has no rule falls under the default.
#[tokio::test]
async fn other_methods_fall_under_the_default_rule() {
    let unknown = json!({"jsonrpc": "2.0", "id": 1, "method": "x/unknown"});
    let others = [
        unknown.clone(),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tasks/get", "params": {"taskId": "1"}}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tasks/cancel", "params": {"taskId": "1"}}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "logging/setLevel", "params": {"level": "debug"}}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "resources/subscribe", "params": {"uri": "x://1"}}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "completion/complete", "params": {
            "ref": {"type": "ref/prompt", "name": "x"}, "argument": {"name": "a", "value": ""}}}),
    ];
    let open = Fixture::start(Mode::Json, |layer| layer.policy(policy()).unwrap()).await;
    let closed = Fixture::start(Mode::Json, |layer| {
        layer.policy(policy().deny_unlisted()).unwrap()
    })
    .await;
    for body in &others {
        let answer = send(open.client.legacy(body)).await;
        assert_eq!(answer.status, 200, "{body}: {answer:?}");
        let without = open.alice(&["other"]);
        assert_eq!(send(without.legacy(body)).await.status, 403, "{body}");
        assert_eq!(send(closed.client.legacy(body)).await.status, 403, "{body}");
    }
    assert_eq!(open.server.done.times("x/unknown"), 1);
    assert_eq!(closed.server.done.times("x/unknown"), 0);
    for method in ["tools/list", "server/discover"] {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method});
        let answer = send(closed.client.modern(&body)).await;
        assert_eq!(answer.status, 200, "{method}: {answer:?}");
    }
}

/// AT-27: in the older era headers are nobody's promise.
#[tokio::test]
async fn headers_of_the_older_era_decide_nothing() {
    for mode in [Mode::Json, Mode::Sessions] {
        let fixture = Fixture::start(mode, |layer| layer.policy(policy()).unwrap()).await;
        let request = match mode {
            Mode::Json => fixture.client.legacy(&call("write")),
            Mode::Sessions => {
                let session = fixture.client.open().await;
                fixture.client.in_session(&session, &call("write"))
            }
        };
        let lying = request
            .header("mcp-method", "ping")
            .header("mcp-name", "read");
        assert_eq!(send(lying).await.status, 403);
        let allowed = fixture.client.legacy(&call("read"));
        let lying = allowed
            .header("mcp-method", "tools/call")
            .header("mcp-name", "write");
        if mode == Mode::Json {
            assert_eq!(send(lying).await.status, 200);
        }
        assert_eq!(fixture.server.done.times("write"), 0);
    }
}

/// CT-070, AT-43.
#[tokio::test]
async fn a_list_can_hold_what_the_caller_may_call() {
    let fixture = Fixture::start(Mode::Json, |layer| layer.policy(policy()).unwrap()).await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let names = |message: &serde_json::Value| {
        let tools = message["result"]["tools"].as_array().unwrap();
        let names = tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let writer = fixture.alice(&[demo::MCP_READ, demo::MCP_WRITE]);
    for (client, expected) in [
        (&fixture.client, &["read", "drop"][..]),
        (&writer, &["read", "write", "drop"]),
        (&fixture.client, &["read", "drop"]),
    ] {
        let message = send(client.modern(&list)).await.message();
        assert_eq!(names(&message), expected);
        assert_eq!(message["result"]["cacheScope"], "private");
    }
    let closed = Fixture::start(Mode::Json, |layer| {
        layer.policy(policy().deny_unlisted()).unwrap()
    })
    .await;
    let message = send(closed.client.modern(&list)).await.message();
    assert_eq!(names(&message), ["read"]);

    let all = policy().method("tools/call", scope(demo::MCP_WRITE));
    let strict = Fixture::start(Mode::Json, |layer| layer.policy(all).unwrap()).await;
    let message = send(strict.client.modern(&list)).await.message();
    assert_eq!(names(&message), [""; 0]);
    assert_eq!(send(strict.client.modern(&call("read"))).await.status, 403);
}
