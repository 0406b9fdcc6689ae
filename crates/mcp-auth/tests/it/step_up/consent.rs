//! Missing consent: which form which client gets.

use entra_emulator::{App, demo};
use foundry_scopes::{ClientId, ScopeSet};
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use serde_json::{Value, json};
use url::Url;

use super::scene::{CONSENTED, Scene, exchange, url};
use crate::common::mcp::{Raw, Reply};
use crate::common::world::World;

/// The link goes to the authority of the configuration and says what is asked for; nothing in
/// it tells who asks.
fn is_consent_page(scene: &Scene, link: &str) {
    let page = Url::parse(link).unwrap();
    let authority = Url::parse(&scene.world.authority.authorize_endpoint()).unwrap();
    assert_eq!(page.origin(), authority.origin());
    assert_eq!(page.path(), authority.path());
    assert!(page.username().is_empty() && page.password().is_none());
    let query: std::collections::HashMap<_, _> = page.query_pairs().collect();
    assert_eq!(query["client_id"], demo::MCP_SERVER);
    assert_eq!(query["redirect_uri"], CONSENTED);
    assert!(query["scope"].contains(demo::PAYROLL_READ_SCOPE));
    for person in [demo::ALICE, demo::ALICE_UPN, "login_hint", "id_token"] {
        assert!(!link.contains(person), "{link}");
    }
}

fn is_plain(reply: &Reply) {
    assert_eq!(reply.result()["isError"], true, "{reply:?}");
    let content = reply.content();
    assert_eq!(content["error"], "consent_required");
    assert_eq!(content["scopes"], json!([demo::PAYROLL_READ_SCOPE]));
    assert_eq!(content["aadsts"], json!([65001]));
    assert!(content["correlation_id"].is_string());
    let text = reply.result()["content"][0]["text"].as_str().unwrap();
    assert_eq!(content["message"], text);
    assert!(text.contains(content["url"].as_str().unwrap()));
    assert!(reply.result()["inputRequests"].is_null());
}

/// "Input required" and never -32042.
#[tokio::test]
async fn a_client_of_the_stateless_era_gets_input_required() {
    let scene = Scene::start().await;
    let alice = scene.modern(demo::ALICE, url());
    let reply = alice.call("payslip", json!({"month": "May"})).await;
    let result = reply.result();
    assert_eq!(result["resultType"], "input_required");
    let question = &result["inputRequests"]["consent"];
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(question["params"]["mode"], "url");
    is_consent_page(&scene, question["params"]["url"].as_str().unwrap());
    assert!(result["requestState"].as_str().unwrap().len() > 32);
    assert!(!reply.body.to_string().contains("32042"));
}

/// Error -32042, with an id.
#[tokio::test]
async fn a_client_of_2025_11_25_gets_the_elicitation_error() {
    let scene = Scene::start().await;
    let alice = scene.legacy(demo::ALICE, url()).await;
    let first = alice.call("payslip", json!({})).await;
    let error = first.error();
    assert_eq!(error["code"], -32042);
    let all = error["data"]["elicitations"].as_array().unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["mode"], "url");
    assert!(all[0]["elicitationId"].as_str().unwrap().len() >= 22);
    is_consent_page(&scene, all[0]["url"].as_str().unwrap());
    let second = alice.call("payslip", json!({})).await;
    assert_ne!(
        second.error()["data"]["elicitations"][0]["elicitationId"],
        all[0]["elicitationId"]
    );
}

/// Nothing that the client did not declare, in any era.
#[tokio::test]
async fn a_client_that_opens_no_pages_gets_the_link_in_a_text() {
    let scene = Scene::start().await;
    let form = json!({"elicitation": {"form": {}}});
    for capabilities in [json!({}), json!({"elicitation": {}}), form] {
        let modern = scene.modern(demo::ALICE, capabilities.clone());
        let legacy = scene.legacy(demo::ALICE, capabilities.clone()).await;
        for client in [modern, legacy] {
            is_plain(&client.call("payslip", json!({})).await);
        }
    }
    // Before 2025-11-25 there was no such thing, whatever a client declares.
    let token = scene.world.token_of(demo::ALICE);
    let older = Raw::of_version(&scene.origin, &token, url(), "2025-06-18").await;
    is_plain(&older.call("payslip", json!({})).await);
}

/// The next call succeeds, without a restart.
#[tokio::test]
async fn after_the_consent_the_next_call_succeeds() {
    let scene = Scene::start().await;
    let alice = scene.legacy(demo::ALICE, url()).await;
    let bob = scene.modern(demo::BOB, json!({}));
    alice.call("payslip", json!({})).await.error();
    is_plain(&bob.call("payslip", json!({})).await);
    scene.consent(demo::ALICE);
    let reply = alice.call("payslip", json!({"month": "May"})).await;
    assert_eq!(reply.content()["payslip"], "May");
    is_plain(&bob.call("payslip", json!({})).await);
    scene.consent(demo::BOB);
    let reply = bob.call("payslip", json!({"month": "June"})).await;
    assert_eq!(reply.content()["payslip"], "June");
}

/// Prompts and resources ask as tools do; lists cannot, and nothing has a tool's error.
#[tokio::test]
async fn what_is_no_tool_has_the_same_forms_or_an_error() {
    let scene = Scene::start().await;
    let prompt = ("prompts/get", json!({"name": "paid"}));
    let resource = ("resources/read", json!({"uri": "pay://me"}));
    let list = ("resources/list", json!({}));
    let modern = scene.modern(demo::ALICE, url());
    for (method, params) in [&prompt, &resource] {
        let reply = modern.request(method, params.clone()).await;
        assert_eq!(reply.result()["resultType"], "input_required", "{method}");
        let state = reply.result()["requestState"].clone();
        let mut again = params.clone();
        again["requestState"] = state;
        again["inputResponses"] = json!({"consent": {"action": "decline"}});
        let declined = modern.request(method, again).await;
        assert_eq!(declined.error()["data"]["error"], "consent_declined");
    }
    let legacy = scene.legacy(demo::ALICE, url()).await;
    for (method, params) in [&prompt, &resource, &list] {
        let reply = legacy.request(method, params.clone()).await;
        assert_eq!(reply.error()["code"], -32042, "{method}");
    }
    let plain = scene.modern(demo::ALICE, json!({}));
    for (client, (method, params)) in [
        (&plain, &prompt),
        (&plain, &resource),
        (&plain, &list),
        (&modern, &list),
    ] {
        let reply = client.request(method, params.clone()).await;
        assert_eq!(reply.error()["code"], -32603, "{method}");
        assert_eq!(reply.error()["data"]["error"], "consent_required");
        assert!(reply.error()["data"]["url"].is_string());
    }
}

/// Without a page for users the link is an administrator's, and no client is asked to open it.
#[tokio::test]
async fn without_a_redirect_uri_the_link_is_for_administrators() {
    let scene = Scene::with(|b| b, StreamableHttpServerConfig::default()).await;
    for client in [
        scene.modern(demo::ALICE, url()),
        scene.legacy(demo::ALICE, url()).await,
    ] {
        let reply = client.call("payslip", json!({})).await;
        is_plain(&reply);
        let link = reply.content()["url"].as_str().unwrap();
        let base = scene.world.authority.cloud().authority().to_owned();
        assert!(link.starts_with(&base), "{link}");
        assert!(link.contains("/adminconsent?client_id="), "{link}");
    }
}

/// The form of Microsoft Foundry's gateway, for those who chose it and for nobody else.
#[tokio::test]
async fn foundrys_form_is_an_opt_in() {
    let scene = Scene::with(
        |b| b.redirect_uri(CONSENTED).foundry_consent_errors(),
        StreamableHttpServerConfig::default(),
    )
    .await;
    for client in [
        scene.modern(demo::ALICE, url()),
        scene.legacy(demo::ALICE, json!({})).await,
    ] {
        let reply = client.call("payslip", json!({})).await;
        assert_eq!(reply.error()["code"], -32006);
        // As hosted agents read it: JSON from the first brace on.
        let message = reply.error()["message"].as_str().unwrap();
        let json = &message[message.find('{').unwrap()..];
        let told: Value = serde_json::from_str(json).unwrap();
        let error = &told["errors"][0];
        assert_eq!(error["type"], "mcp");
        assert_eq!(error["error"]["code"], "CONSENT_REQUIRED");
        is_consent_page(&scene, error["error"]["message"].as_str().unwrap());
    }
}

/// Agent identities: without pages of this server no user is sent anywhere.
#[tokio::test]
async fn an_agent_identity_has_no_page() {
    const AGENT: &str = "c0de0000-a6e0-4000-8000-0000000000a1";
    let world = World::start().await;
    let directory = world
        .emulator
        .directory()
        .map_app(demo::MCP_SERVER, App::blueprint);
    let mut tenants = directory.tenants().cloned();
    let tenant = tenants.next().unwrap();
    let tenant = tenant.app(App::new(AGENT, "Agent").agent_identity_of(demo::MCP_SERVER));
    let directory = entra_emulator::Directory::new().tenant(tenant);
    world.emulator.replace_directory(directory).unwrap();
    let exchange = exchange(&world, demo::MCP_SERVER_SECRET);
    let agent = exchange.agent(ClientId::parse(AGENT).unwrap()).unwrap();
    let scope = format!("{}/.default", demo::PAYROLL_API_URI);
    let payroll = agent.downstream(ScopeSet::parse(&scope).unwrap()).unwrap();
    let choices = |b: mcp_auth::rmcp::StepUpBuilder| b.redirect_uri(CONSENTED);
    let config = StreamableHttpServerConfig::default();
    let scene = Scene::of(world, &exchange, payroll, choices, config).await;
    for client in [
        scene.modern(demo::ALICE, url()),
        scene.legacy(demo::ALICE, url()).await,
    ] {
        let reply = client.call("payslip", json!({})).await;
        assert_eq!(reply.content()["error"], "consent_required", "{reply:?}");
        let message = reply.content()["message"].as_str().unwrap();
        assert!(message.contains(AGENT), "{message}");
        assert!(message.contains("blueprint"), "{message}");
        // The administrator's link may stand in a text, a user's never does.
        assert!(message.contains("/v2.0/adminconsent?"), "{message}");
        assert!(!reply.body.to_string().contains("authorize?"), "{reply:?}");
    }
}
