//! The bridge to rmcp: a real rmcp server and client over a socket.

use std::sync::Arc;

use crate::common::world::World;
use entra_emulator::demo;
use http::request::Parts;
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
use serde_json::json;

#[derive(Clone)]
struct Tools;

#[tool_router(server_handler)]
impl Tools {
    #[tool(description = "who is calling")]
    async fn who(&self, caller: Caller, Extension(parts): Extension<Parts>) -> CallToolResult {
        CallToolResult::structured(json!({
            "object": caller.principal().object().to_string(),
            "authorization": parts.headers.contains_key("authorization"),
        }))
    }
}

/// Serves the tools, behind the guard or without one.
async fn serve(guard: Option<AuthLayer>) -> String {
    let mcp = StreamableHttpService::new(
        || Ok(Tools),
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

/// Each handler sees its own caller, and no token.
#[tokio::test]
async fn a_tool_gets_its_caller_and_no_authorization() {
    let world = World::start().await;
    let url = serve(Some(world.guard())).await;
    let alice = connect(&url, &world.token_of(demo::ALICE)).await;
    let bob = connect(&url, &world.token_of(demo::BOB)).await;
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
    let url = serve(None).await;
    let client = connect(&url, &world.token_of(demo::ALICE)).await;
    let error = client
        .call_tool(CallToolRequestParams::new("who"))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("does not know who is calling"),
        "{error}"
    );
}

/// The challenge with a parser that is not ours: rmcp's own reads what was meant.
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
