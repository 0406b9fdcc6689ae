//! What neither consent nor a sign-in mends.

use entra_emulator::{Fault, demo};
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use serde_json::json;

use super::scene::{Scene, downstream, exchange, url};
use crate::common::mcp::Raw;
use crate::common::world::World;

/// A clear error, no page, no challenge, and nothing sent to Entra ID.
#[tokio::test]
async fn an_application_without_a_user_gets_a_clear_error() {
    let scene = Scene::start().await;
    let token = scene.world.app_token(&[demo::MCP_RUN_ROLE]);
    let modern = Raw::modern(&scene.origin, &token, url());
    let legacy = Raw::legacy(&scene.origin, &token, url()).await;
    for client in [modern, legacy] {
        for tool in ["payslip", "orders"] {
            let reply = client.call(tool, json!({})).await;
            assert_eq!(reply.result()["isError"], true);
            assert_eq!(reply.content()["error"], "user_required");
            assert!(reply.result()["inputRequests"].is_null());
            assert!(!reply.body.to_string().contains("http"), "{reply:?}");
        }
    }
}

/// Our own fault: an id for the operator, and nothing about what is wrong.
#[tokio::test]
async fn a_wrong_configuration_is_an_internal_error_with_an_id() {
    let world = World::start().await;
    let wrong = exchange(&world, "a wrong secret");
    let payroll = downstream(&wrong, demo::PAYROLL_READ_SCOPE);
    let config = StreamableHttpServerConfig::default();
    let scene = Scene::of(world, &wrong, payroll, |b| b, config).await;
    let legacy = scene.legacy(demo::ALICE, url()).await;
    for client in [scene.modern(demo::ALICE, url()), legacy] {
        let reply = client.call("orders", json!({})).await;
        let error = reply.error();
        assert_eq!(error["code"], -32603);
        let data = error["data"].as_object().unwrap();
        assert_eq!(data["error"], "server_error");
        assert!(data["correlation_id"].as_str().unwrap().len() > 20);
        assert_eq!(data.len(), 2, "{data:?}");
        let shown = reply.body.to_string();
        for secret in [
            "AADSTS",
            "7000215",
            demo::MCP_SERVER,
            demo::TENANT,
            "secret",
        ] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

/// Another tenant's user, for whom this downstream is not prepared: ours to mend as well, and
/// the answer has an id although Entra ID was not asked.
#[tokio::test]
async fn what_was_never_sent_has_an_id_too() {
    let world = World::start().await;
    let client = exchange(&world, demo::MCP_SERVER_SECRET);
    let other = foundry_scopes::TenantId::parse(demo::OTHER_TENANT).unwrap();
    let elsewhere = client.for_tenant(other);
    let payroll = downstream(&elsewhere, demo::PAYROLL_READ_SCOPE);
    let config = StreamableHttpServerConfig::default();
    let scene = Scene::of(world, &elsewhere, payroll, |b| b, config).await;
    let alice = scene.modern(demo::ALICE, url());
    let (one, two) = (
        alice.call("orders", json!({})).await,
        alice.call("orders", json!({})).await,
    );
    let id = |reply: &crate::common::mcp::Reply| reply.error()["data"]["correlation_id"].clone();
    assert!(id(&one).as_str().unwrap().len() > 20);
    assert_ne!(id(&one), id(&two));
}

#[tokio::test]
async fn patience_is_asked_for_with_a_time() {
    let scene = Scene::start().await;
    let fault = Fault::status("/oauth2/v2.0/token", 429).header("retry-after", "120");
    scene.world.emulator.fail_next(fault);
    let alice = scene.modern(demo::ALICE, url());
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    for _ in 0..2 {
        let reply = alice.call("orders", json!({})).await;
        assert_eq!(reply.result()["isError"], true, "{reply:?}");
        assert_eq!(reply.content()["error"], "temporarily_unavailable");
        let at = reply.content()["retry_at"].as_i64().unwrap();
        assert!((now + 110..=now + 180).contains(&at), "{at} {now}");
    }
}

#[tokio::test]
async fn what_the_organization_forbids_is_said_and_not_asked_again() {
    let scene = Scene::start().await;
    let fault = Fault::aadsts("/oauth2/v2.0/token", 50105);
    scene.world.emulator.fail_next(fault);
    let reply = scene
        .modern(demo::ALICE, url())
        .call("orders", json!({}))
        .await;
    assert_eq!(reply.content()["error"], "access_denied", "{reply:?}");
    assert_eq!(reply.content()["aadsts"], json!([50105]));
}

/// A server behind an `AuthLayer` alone is told so, and its tools do not run.
#[tokio::test]
async fn without_the_layer_for_mcp_no_tool_runs() {
    let scene = Scene::without_mcp_layer().await;
    let legacy = scene.legacy(demo::ALICE, url()).await;
    for client in [scene.modern(demo::ALICE, url()), legacy] {
        let reply = client.call("orders", json!({})).await;
        assert_eq!(reply.error()["code"], -32603);
    }
}
