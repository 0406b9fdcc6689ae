//! Whose a session is (CT-100 to CT-107, CT-110; AT-18 to AT-21).

use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
use entra_emulator::demo;
use foundry_scopes::{ClientId, TenantId};
use mcp_auth::{AuthLayer, McpLayer};
use serde_json::{Value, json};

use super::client::{Answer, Client, LEGACY, MODERN, call, send};
use super::server::{Fixture, Mode};
use crate::common::world::{URL, World, read};

async fn start() -> Fixture {
    Fixture::start(Mode::Sessions, |layer| layer).await
}

/// Everything that a client may try with a session, and what it is told.
async fn tries(client: &Client, session: &str) -> Vec<Answer> {
    let of = |method: &str| {
        let request = client.request(method).header("mcp-session-id", session);
        request.header("mcp-protocol-version", LEGACY)
    };
    let silent = json!({"jsonrpc": "2.0", "method": "x/taken-over"});
    let answer = json!({"jsonrpc": "2.0", "id": 0, "result": {}});
    let unversioned = client.post(call("taken-over").to_string());
    let mut answers = Vec::new();
    for request in [
        client.in_session(session, &call("taken-over")),
        client.in_session(session, &silent),
        client.in_session(session, &answer),
        unversioned.header("mcp-session-id", session),
        of("GET"),
        of("GET").header("last-event-id", "0"),
        of("GET").header("last-event-id", "0/1"),
        of("DELETE"),
    ] {
        answers.push(send(request).await);
    }
    answers
}

/// 404 each, and never another text: nothing tells that the session exists.
pub(super) async fn is_locked_out(client: &Client, session: &str) {
    for (i, answer) in tries(client, session).await.into_iter().enumerate() {
        assert_eq!(answer.status, 404, "{i}: {answer:?}");
        assert_eq!(answer.text, "Not Found: Session not found");
        assert_eq!(answer.header("mcp-session-id"), None);
        assert_eq!(answer.header("content-type"), None);
    }
}

pub(super) async fn works(client: &Client, session: &str) {
    let answer = send(client.in_session(session, &call("read"))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.tool_text().contains("object"), "{answer:?}");
}

/// CT-100, CT-101, CT-102, CT-103, CT-105, CT-106, AT-18, AT-19.
#[tokio::test]
async fn nobody_else_uses_reads_or_ends_a_session() {
    let world = World::start().await;
    let guard = world.guard_for(Requirement::any_of([read(), Requirement::any_role()]));
    let fixture = Fixture::with(world, Mode::Sessions, McpLayer::new(guard)).await;
    let alice = fixture.client.clone();
    let bob = fixture.user(demo::BOB, demo::MCP_CLIENT);
    let alice_elsewhere = fixture.user(demo::ALICE, demo::DAEMON);
    // The same client, now marked as an agent identity that acts for her.
    let agent = fixture.world.forged(&[demo::MCP_READ]);
    let agent = agent.claim("xms_act_fct", "11").sign().unwrap();
    let agent = fixture.client.with_token(agent);
    let job = fixture.app(&[demo::MCP_RUN_ROLE]);
    let session = alice.open().await;
    for other in [&bob, &alice_elsewhere, &agent, &job] {
        is_locked_out(other, &session).await;
        works(&alice, &session).await;
    }
    let jobs = job.open().await;
    is_locked_out(&alice, &jobs).await;
    works(&job, &jobs).await;
    // What never was is told the same.
    is_locked_out(&alice, "00000000-0000-4000-8000-000000000000").await;
    is_locked_out(&alice, &session.to_uppercase()).await;
    for what in ["taken-over", "x/taken-over"] {
        assert_eq!(fixture.server.done.times(what), 0);
    }
}

/// CT-104, AT-19: an object id is unique within its tenant only.
#[tokio::test]
async fn the_same_object_id_in_another_tenant_is_another_caller() {
    let world = World::start().await;
    let tenants = [demo::TENANT, demo::OTHER_TENANT].map(|t| TenantId::parse(t).unwrap());
    let validator = Validator::new(
        world.authority.cloud().clone(),
        TenantPolicy::allow_list(tenants).unwrap(),
        AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
    );
    let authenticator = Authenticator::new(validator).unwrap();
    let guard = AuthLayer::new(authenticator, world.resource(URL), read())
        .unwrap()
        .allow_any_host();
    let fixture = Fixture::with(world, Mode::Sessions, McpLayer::new(guard)).await;
    let forge = fixture.world.emulator.forge();
    let (client, server) = (demo::MCP_CLIENT, demo::MCP_SERVER);
    let scopes = &[demo::MCP_READ];
    let guest = forge.user_token(demo::OTHER_TENANT, demo::CAROL, client, server, scopes);
    let guest = guest.unwrap().claim("oid", demo::ALICE).sign().unwrap();
    let guest = fixture.client.with_token(guest);
    let session = fixture.client.open().await;
    is_locked_out(&guest, &session).await;
    works(&fixture.client, &session).await;
    let own = guest.open().await;
    works(&guest, &own).await;
}

/// Nobody's sessions are not somebody's, nor the other way round.
#[tokio::test]
async fn a_session_without_a_token_is_no_callers() {
    let world = World::start().await;
    let layer = McpLayer::new(world.guard().optional());
    let fixture = Fixture::with(world, Mode::Sessions, layer).await;
    let nobody = fixture.client.with_token("");
    let open = nobody.open().await;
    is_locked_out(&fixture.client, &open).await;
    let alices = fixture.client.open().await;
    is_locked_out(&nobody, &alices).await;
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let answer = send(nobody.in_session(&open, &ping)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// AT-20, AT-21: each request is authenticated by itself.
#[tokio::test]
async fn a_refreshed_token_stays_in_and_an_expired_one_is_refused() {
    let fixture = start().await;
    let session = fixture.client.open().await;
    let forged = || fixture.world.forged(&[demo::MCP_READ]);
    let refreshed = forged().claim("uti", "another").sign().unwrap();
    works(&fixture.client.with_token(refreshed), &session).await;
    let old = forged()
        .claim("nbf", 1_000)
        .claim("iat", 1_000)
        .claim("exp", 2_000);
    let expired = fixture.client.with_token(old.sign().unwrap());
    for answer in tries(&expired, &session).await {
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    works(&fixture.client, &session).await;
}

#[tokio::test]
async fn its_owner_ends_a_session_and_then_it_is_unknown() {
    let fixture = start().await;
    let session = fixture.client.open().await;
    let delete = fixture.client.request("DELETE");
    let answer = send(delete.header("mcp-session-id", &session)).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    is_locked_out(&fixture.client, &session).await;
}

/// Two ids could be read differently by what is behind.
#[tokio::test]
async fn two_session_ids_are_refused() {
    let fixture = start().await;
    let (one, two) = (fixture.client.open().await, fixture.client.open().await);
    let request = fixture.client.in_session(&one, &call("read"));
    let answer = send(request.header("mcp-session-id", two)).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(answer.message()["error"]["code"], -32600);
    assert_eq!(fixture.server.done.times("read"), 0);
}

/// CT-110: the stateless era knows no sessions, so the header does not even arrive.
#[tokio::test]
async fn a_session_id_of_a_stateless_request_is_ignored() {
    let fixture = start().await;
    let alices = fixture.client.open().await;
    let bob = fixture.user(demo::BOB, demo::MCP_CLIENT);
    for session in [alices.as_str(), "made-up"] {
        let request = bob.modern(&call("read")).header("mcp-session-id", session);
        let answer = send(request.header("last-event-id", "0")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let seen: Value = serde_json::from_str(&answer.tool_text()).unwrap();
        assert_eq!(seen["object"], demo::BOB);
        assert_eq!(
            (&seen["session"], &seen["resumes"]),
            (&json!(false), &json!(false))
        );
        for method in ["GET", "DELETE"] {
            let request = bob.request(method).header("mcp-session-id", session);
            let request = request.header("mcp-protocol-version", MODERN);
            let answer = send(request.header("last-event-id", "0")).await;
            assert_eq!(answer.status, 405, "{answer:?}");
        }
    }
    works(&fixture.client, &alices).await;
}
