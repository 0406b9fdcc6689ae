//! The bridge to rmcp: a real rmcp server and client over a socket.
#![cfg(all(feature = "axum", feature = "rmcp"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use std::sync::Arc;

use common::world::{World, read};
use entra_emulator::{Grant, demo};
use entra_obo::{
    ClientCredential, ClientSecret, Downstream, EntraError, ExchangeClient, ExchangeError,
    UserAssertion,
};
use foundry_scopes::{ClientId, ScopeSet};
use http::request::Parts;
use mcp_auth::rmcp::exchange_error;
use mcp_auth::{AuthLayer, Caller, Challenge, ChallengeError};
use rmcp::handler::server::tool::Extension;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::WWWAuthenticateParams;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServiceExt as _, tool, tool_router};
use serde_json::{Value, json};
use time::OffsetDateTime;

#[derive(Clone)]
struct Tools {
    payroll: Downstream,
}

#[tool_router(server_handler)]
impl Tools {
    #[tool(description = "who is calling")]
    async fn who(&self, caller: Caller, Extension(parts): Extension<Parts>) -> CallToolResult {
        CallToolResult::structured(json!({
            "object": caller.principal().object().to_string(),
            "authorization": parts.headers.contains_key("authorization"),
        }))
    }

    #[tool(description = "what nobody consented to")]
    async fn payslip(&self, caller: Caller) -> CallToolResult {
        let assertion = UserAssertion::try_from(caller.token()).unwrap();
        match self.payroll.token_for(&assertion).await {
            Ok(_) => CallToolResult::structured(json!({"payslip": true})),
            Err(error) => exchange_error(&self.payroll, &error),
        }
    }
}

fn payroll(world: &World) -> Downstream {
    let secret = ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET));
    let client = ClientId::parse(demo::MCP_SERVER).unwrap();
    let exchange = ExchangeClient::new(world.authority.clone(), client, secret).unwrap();
    exchange
        .downstream(ScopeSet::parse(demo::PAYROLL_READ_SCOPE).unwrap())
        .unwrap()
}

/// Serves the tools, behind the guard or without one.
async fn serve(world: &World, guard: Option<AuthLayer>) -> String {
    let tools = Tools {
        payroll: payroll(world),
    };
    let mcp = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default(),
    );
    let mut app = axum::Router::new().nest_service("/mcp", mcp);
    if let Some(guard) = guard {
        app = app.layer(guard);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://localhost:{}/mcp",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

async fn connect(url: &str, token: &str) -> RunningService<RoleClient, ()> {
    let config = StreamableHttpClientTransportConfig::with_uri(url).auth_header(token);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    ().serve(StreamableHttpClientTransport::with_client(http, config))
        .await
        .unwrap()
}

async fn call(client: &RunningService<RoleClient, ()>, tool: &'static str) -> CallToolResult {
    client
        .call_tool(CallToolRequestParams::new(tool))
        .await
        .unwrap()
}

fn token_of(world: &World, user: &str) -> String {
    let forge = world.emulator.forge();
    let (tenant, client) = (demo::TENANT, demo::MCP_CLIENT);
    let token = forge.user_token(tenant, user, client, demo::MCP_SERVER, &[demo::MCP_READ]);
    token.unwrap().sign().unwrap()
}

/// Each handler sees its own caller, and no token.
#[tokio::test]
async fn a_tool_gets_its_caller_and_no_authorization() {
    let world = World::start().await;
    let url = serve(&world, Some(world.guard())).await;
    let alice = connect(&url, &token_of(&world, demo::ALICE)).await;
    let bob = connect(&url, &token_of(&world, demo::BOB)).await;
    for _ in 0..20 {
        let (a, b) = tokio::join!(call(&alice, "who"), call(&bob, "who"));
        for (result, user) in [(a, demo::ALICE), (b, demo::BOB)] {
            let seen = result.structured_content.unwrap();
            assert_eq!(seen, json!({"object": user, "authorization": false}));
        }
    }
}

/// For tools too: no layer, no caller, and no call.
#[tokio::test]
async fn a_tool_without_a_guard_does_not_run() {
    let world = World::start().await;
    let url = serve(&world, None).await;
    let client = connect(&url, &token_of(&world, demo::ALICE)).await;
    let error = client
        .call_tool(CallToolRequestParams::new("who"))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("does not know who is calling"),
        "{error}"
    );
}

#[tokio::test]
async fn missing_consent_reaches_the_client_and_its_grant_is_seen_at_once() {
    let world = World::start().await;
    let url = serve(&world, Some(world.guard_for(read()))).await;
    let client = connect(&url, &token_of(&world, demo::ALICE)).await;
    let result = call(&client, "payslip").await;
    assert_eq!(result.is_error, Some(true));
    let text = result.content[0].as_text().unwrap().text.clone();
    let error = result.structured_content.unwrap();
    assert_eq!(error["error"], "consent_required");
    assert_eq!(error["scopes"], json!([demo::PAYROLL_READ_SCOPE]));
    assert_eq!(error["aadsts"], json!([65001]));
    assert!(error["correlation_id"].is_string());
    assert_eq!(error["message"], text.as_str());
    assert!(text.contains(demo::PAYROLL_READ_SCOPE));

    let grant = Grant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, [demo::PAYROLL_READ]);
    world.emulator.grant_consent(demo::TENANT, grant).unwrap();
    let result = call(&client, "payslip").await;
    assert_eq!(result.structured_content.unwrap(), json!({"payslip": true}));
}

#[tokio::test]
async fn each_kind_of_failure_has_its_code_and_no_foreign_prose() {
    let world = World::start().await;
    let downstream = payroll(&world);
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    for (status, body, code) in [
        (
            400,
            json!({"error": "invalid_grant", "suberror": "consent_required"}),
            "consent_required",
        ),
        (
            400,
            json!({"error": "interaction_required", "claims": claims}),
            "insufficient_claims",
        ),
        (
            400,
            json!({"error": "invalid_grant", "error_codes": [500_133]}),
            "sign_in_required",
        ),
        (
            401,
            json!({"error": "invalid_client", "error_codes": [7_000_215]}),
            "server_error",
        ),
        (400, json!({"error": "access_denied"}), "access_denied"),
        (
            503,
            json!({"error": "temporarily_unavailable"}),
            "temporarily_unavailable",
        ),
        (429, json!({}), "temporarily_unavailable"),
        (200, json!({}), "server_error"),
    ] {
        let mut body = body;
        body["error_description"] = "AADSTS0: s3cret-prose of the tenant".into();
        body["correlation_id"] = "73d656cf-54b1-4eb2-b429-26d8165a52d7".into();
        let answer = EntraError::from_response(
            status,
            None,
            body.to_string().as_bytes(),
            OffsetDateTime::UNIX_EPOCH,
        );
        let result = exchange_error(&downstream, &ExchangeError::from(answer));
        assert_eq!(result.is_error, Some(true), "{body}");
        let shown = serde_json::to_string(&result).unwrap();
        let content = result.structured_content.unwrap();
        assert_eq!(content["error"], code, "{body}");
        assert!(!shown.contains("s3cret"), "{shown}");
        let is = |name: &str| content.get(name).is_some_and(|v| !v.is_null());
        assert_eq!(is("claims"), code == "insufficient_claims");
        assert_eq!(is("retry_at"), code == "temporarily_unavailable");
        if code == "insufficient_claims" {
            assert_eq!(content["claims"], Value::from(claims));
        }
    }
}

/// With a parser that is not ours: rmcp's own reads what was meant.
#[test]
fn rmcp_reads_our_challenge() {
    let metadata = "https://mcp.test/.well-known/oauth-protected-resource/mcp";
    let scope = demo::MCP_READ_SCOPE.parse().unwrap();
    let challenge = Challenge::bearer()
        .scopes([scope])
        .claims(r#"{"access_token":{}}"#)
        .error(ChallengeError::InsufficientClaims)
        .description("see scope=x resource_metadata=http://evil");
    let header = challenge.to_header();
    let base = url::Url::parse("https://mcp.test/mcp").unwrap();
    let read = WWWAuthenticateParams::parse(header.to_str().unwrap(), &base);
    assert_eq!(read.error.as_deref(), Some("insufficient_claims"));
    assert_eq!(read.scope.as_deref(), Some(demo::MCP_READ_SCOPE));
    assert_eq!(read.resource_metadata_url, None);

    let tenant = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490".parse().unwrap();
    let authority = foundry_scopes::TenantAuthority::new(foundry_scopes::Cloud::public(), tenant);
    let resource = mcp_auth::ProtectedResource::builder("https://mcp.test/mcp")
        .authority(&authority)
        .identifier_uri("api://a".parse().unwrap())
        .facade()
        .build()
        .unwrap();
    let header = resource
        .challenge()
        .error(ChallengeError::InvalidToken)
        .to_header();
    let read = WWWAuthenticateParams::parse(header.to_str().unwrap(), &base);
    assert!(read.is_invalid_token());
    assert_eq!(read.scope.as_deref(), Some("api://a/.default"));
    assert_eq!(read.resource_metadata_url.unwrap().as_str(), metadata);
}
