//! What each tool, resource and prompt asks for (CT-060 to CT-075).

use entra_claims::{PrincipalKind, Requirement, ScopeHierarchy};
use entra_emulator::demo;
use foundry_scopes::{ClientId, ScopeName};
use mcp_auth::{McpLayer, McpPolicy};
use serde_json::{Value, json};

use super::client::{Answer, call, send};
use super::server::{Fixture, Mode};
use crate::common::world::{World, scope};

fn policy() -> McpPolicy {
    McpPolicy::new()
        .tool("write", scope(demo::MCP_WRITE))
        .tool(
            "drop",
            Requirement::all_of([scope(demo::MCP_WRITE), scope("mcp.drop")]),
        )
        .prompt("summarize", scope(demo::MCP_WRITE))
        .resources_under("x://secret/", scope(demo::MCP_WRITE))
        .resource("x://one", scope(demo::MCP_WRITE))
}

async fn start(mode: Mode) -> Fixture {
    Fixture::start(mode, |layer| layer.policy(policy()).unwrap()).await
}

fn metadata() -> &'static str {
    r#"resource_metadata="https://mcp.test/.well-known/oauth-protected-resource/mcp""#
}

/// 403, with the base scope and these in one challenge.
fn is_step_up(answer: &Answer, scopes: &[&str]) {
    assert_eq!(answer.status, 403, "{answer:?}");
    let scopes = [&[demo::MCP_READ_SCOPE], scopes].concat().join(" ");
    let (metadata, text) = (metadata(), "the access token lacks a scope");
    assert_eq!(
        answer.challenge(),
        format!(
            r#"Bearer error="insufficient_scope", scope="{scopes}", {metadata}, error_description="{text}""#
        )
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// 403 without scopes: more of them would not help.
fn is_denied(answer: &Answer) {
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(
        answer
            .challenge()
            .starts_with(r#"Bearer error="insufficient_scope", resource_metadata="#)
    );
}

/// Sends one body in every mode and era.
async fn everywhere(body: &Value, check: impl Fn(&Answer, &Fixture)) {
    for mode in [Mode::Sessions, Mode::Json] {
        let fixture = start(mode).await;
        let client = &fixture.client;
        check(&send(client.modern(body)).await, &fixture);
        match mode {
            Mode::Json => check(&send(client.legacy(body)).await, &fixture),
            Mode::Sessions => {
                let session = client.open().await;
                check(&send(client.in_session(&session, body)).await, &fixture);
            }
        }
    }
}

/// CT-060.
#[tokio::test]
async fn without_the_base_scope_nothing_is_allowed() {
    let fixture = start(Mode::Json).await;
    let client = fixture.alice(&["other"]);
    for body in [
        call("read"),
        json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}),
    ] {
        is_step_up(&send(client.modern(&body)).await, &[]);
    }
    assert_eq!(fixture.server.done.times("read"), 0);
}

/// CT-061, CT-071: before the handler, with qualified scopes.
#[tokio::test]
async fn tools_prompts_and_resources_without_permission_are_refused_by_http_in_every_mode() {
    let named = |method: &str, key: &str, name: &str| json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": {key: name}});
    for (body, what) in [
        (call("write"), "write"),
        (named("prompts/get", "name", "summarize"), "summarize"),
        (
            named("resources/read", "uri", "x://secret/1"),
            "x://secret/1",
        ),
        (named("resources/read", "uri", "x://one"), "x://one"),
    ] {
        everywhere(&body, |answer, fixture| {
            is_step_up(answer, &[demo::MCP_WRITE_SCOPE]);
            assert_eq!(fixture.server.done.times(what), 0);
        })
        .await;
    }
    everywhere(&call("read"), |answer, _| assert_eq!(answer.status, 200)).await;
}

/// CT-071, the other way round.
#[tokio::test]
async fn with_permission_they_are_served() {
    let fixture = start(Mode::Json).await;
    let client = fixture.alice(&[demo::MCP_READ, demo::MCP_WRITE]);
    let named = |method: &str, key: &str, name: &str| json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": {key: name}});
    for (body, what) in [
        (call("write"), "write"),
        (named("prompts/get", "name", "summarize"), "summarize"),
        (
            named("resources/read", "uri", "x://secret/1"),
            "x://secret/1",
        ),
    ] {
        for request in [client.modern(&body), client.legacy(&body)] {
            let answer = send(request).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        assert_eq!(fixture.server.done.times(what), 2);
    }
}

/// CT-062: all that is missing, at once.
#[tokio::test]
async fn two_missing_scopes_stand_in_one_challenge() {
    let drop = format!("{}/mcp.drop", demo::MCP_SERVER_URI);
    everywhere(&call("drop"), |answer, _| {
        is_step_up(answer, &[demo::MCP_WRITE_SCOPE, &drop]);
    })
    .await;
    let fixture = start(Mode::Json).await;
    let client = fixture.alice(&[demo::MCP_READ, demo::MCP_WRITE]);
    is_step_up(&send(client.modern(&call("drop"))).await, &[&drop]);
    let all = fixture.alice(&[demo::MCP_READ, demo::MCP_WRITE, "mcp.drop"]);
    assert_eq!(send(all.modern(&call("drop"))).await.status, 200);
}

/// CT-063: the guard's own requirement too.
#[tokio::test]
async fn a_broader_scope_includes_the_narrower_ones() {
    let name = |text: &str| ScopeName::parse(text).unwrap();
    let hierarchy = ScopeHierarchy::new()
        .includes(name("mcp.admin"), name(demo::MCP_WRITE))
        .includes(name(demo::MCP_WRITE), name(demo::MCP_READ));
    let world = World::start().await;
    let layer = McpLayer::new(world.guard().scope_hierarchy(hierarchy))
        .policy(policy())
        .unwrap();
    let fixture = Fixture::with(world, Mode::Json, layer).await;
    for scopes in [&["mcp.admin"][..], &[demo::MCP_WRITE]] {
        let client = fixture.alice(scopes);
        for tool in ["read", "write"] {
            let answer = send(client.modern(&call(tool))).await;
            assert_eq!(answer.status, 200, "{scopes:?} {tool}");
        }
    }
    // What is asked for stays the narrow one.
    is_step_up(
        &send(fixture.client.modern(&call("write"))).await,
        &[demo::MCP_WRITE_SCOPE],
    );
    // Neither a part of a name nor another case includes anything.
    for scope in ["mcp.administrator", "Mcp.Admin", "mcp", "mcp.readwrite"] {
        is_step_up(
            &send(fixture.alice(&[scope]).modern(&call("read"))).await,
            &[],
        );
    }
}

/// CT-064, CT-065, CT-066.
#[tokio::test]
async fn a_scope_or_a_role_can_be_enough() {
    let world = World::start().await;
    let either =
        |name: &str, role: &str| Requirement::any_of([scope(name), Requirement::role(role)]);
    let guard = world.guard_for(either(demo::MCP_READ, demo::MCP_RUN_ROLE));
    let policy = McpPolicy::new()
        .tool("both", either(demo::MCP_WRITE, "Mcp.Write.All"))
        .tool("users", scope(demo::MCP_WRITE))
        .tool("people", Requirement::kinds([PrincipalKind::User]));
    let fixture = Fixture::with(
        world,
        Mode::Json,
        McpLayer::new(guard).policy(policy).unwrap(),
    )
    .await;
    let writer = fixture.alice(&[demo::MCP_READ, demo::MCP_WRITE]);
    let job = fixture.app(&[demo::MCP_RUN_ROLE, "Mcp.Write.All"]);
    for client in [&writer, &job] {
        assert_eq!(send(client.modern(&call("both"))).await.status, 200);
    }
    assert_eq!(
        send(fixture.client.modern(&call("people"))).await.status,
        200
    );
    let lesser = fixture.app(&[demo::MCP_RUN_ROLE]);
    assert_eq!(send(lesser.modern(&call("any"))).await.status, 200);
    is_step_up(
        &send(fixture.client.modern(&call("both"))).await,
        &[demo::MCP_WRITE_SCOPE],
    );
    for (client, tool) in [
        (&lesser, "both"),
        (&job, "users"),
        (&job, "people"),
        (&fixture.app(&["other"]), "any"),
        (&fixture.app(&[]), "any"),
    ] {
        is_denied(&send(client.modern(&call(tool))).await);
    }
}

/// CT-067, CT-068, CT-075.
#[tokio::test]
async fn scopes_of_a_token_are_compared_whole() {
    let fixture = start(Mode::Json).await;
    for near in ["mcp.writes", "Mcp.Write", "mcp.wri", demo::MCP_WRITE_SCOPE] {
        let client = fixture.alice(&[demo::MCP_READ, near]);
        is_step_up(
            &send(client.modern(&call("write"))).await,
            &[demo::MCP_WRITE_SCOPE],
        );
    }
    assert_eq!(fixture.server.done.times("write"), 0);
}

/// CT-073, AT-51.
#[tokio::test]
async fn a_client_that_is_not_listed_is_refused_without_scopes() {
    let only = Requirement::clients([ClientId::parse(demo::MCP_CLIENT).unwrap()]);
    let policy = McpPolicy::new().tool("ours", only);
    let fixture = Fixture::start(Mode::Json, |layer| layer.policy(policy).unwrap()).await;
    assert_eq!(send(fixture.client.modern(&call("ours"))).await.status, 200);
    let other = fixture.user(demo::ALICE, demo::DAEMON);
    is_denied(&send(other.modern(&call("ours"))).await);
    assert_eq!(send(other.modern(&call("read"))).await.status, 200);
}

/// CT-074: a session is the caller's and not the token's.
#[tokio::test]
async fn more_scopes_are_enough_in_the_same_session() {
    let fixture = start(Mode::Sessions).await;
    let session = fixture.client.open().await;
    let refused = send(fixture.client.in_session(&session, &call("write"))).await;
    is_step_up(&refused, &[demo::MCP_WRITE_SCOPE]);
    let upgraded = fixture.alice(&[demo::MCP_READ, demo::MCP_WRITE]);
    let answer = send(upgraded.in_session(&session, &call("write"))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(fixture.server.done.times("write"), 1);
}

/// With an optional guard nobody is somebody who has no permission.
#[tokio::test]
async fn without_a_token_only_what_has_no_rule_is_served() {
    let world = World::start().await;
    let layer = McpLayer::new(world.guard().optional())
        .policy(policy())
        .unwrap();
    let fixture = Fixture::with(world, Mode::Json, layer).await;
    let nobody = fixture.client.with_token("");
    let answer = send(nobody.modern(&call("write"))).await;
    assert_eq!(answer.status, 401, "{answer:?}");
    assert!(!answer.challenge().contains("error"), "{answer:?}");
    assert_eq!(fixture.server.done.times("write"), 0);
    assert_eq!(send(nobody.modern(&call("list"))).await.status, 200);
}
