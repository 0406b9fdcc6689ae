//! `rmcp`'s own client, in both of its modes.

use entra_emulator::demo;
use reqwest::redirect::Policy;
use rmcp::ClientServiceExt as _;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{ClientLifecycleMode, RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{AuthClient, AuthorizationManager, AuthorizationRequest, OAuthState};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use url::Url;

use super::server::McpServer;

const REDIRECT: &str = "http://localhost:49152/callback";

pub(super) struct Client {
    running: RunningService<RoleClient, ()>,
}

impl Client {
    /// Meets the 401, signs in as Alice, connects.
    pub(super) async fn connect(server: &McpServer, mode: ClientLifecycleMode) -> Self {
        let url = server.mcp_url();
        let manager = sign_in(&url, &mode).await;
        let http = AuthClient::new(reqwest::Client::new(), manager);
        let config = StreamableHttpClientTransportConfig::with_uri(url);
        let transport = StreamableHttpClientTransport::with_client(http, config);
        let running = ().serve_with_lifecycle(transport, mode).await.unwrap();
        Self { running }
    }

    pub(super) async fn tools(&self) -> Vec<String> {
        let tools = self.running.list_all_tools().await.unwrap();
        tools
            .into_iter()
            .map(|tool| tool.name.to_string())
            .collect()
    }

    /// The structured content, or the error's.
    pub(super) async fn call(&self, tool: &'static str, arguments: Value) -> Value {
        let mut params = CallToolRequestParams::new(tool);
        params.arguments = arguments.as_object().cloned();
        let result: CallToolResult = self.running.call_tool(params).await.unwrap();
        result.structured_content.unwrap_or_default()
    }
}

/// The challenge, the metadata, the sign-in: `rmcp` leaves the steps to its application.
async fn sign_in(url: &str, mode: &ClientLifecycleMode) -> AuthorizationManager {
    let transport = StreamableHttpClientTransport::from_uri(url);
    let refused = ().serve_with_lifecycle(transport, mode.clone()).await;
    let refusal = refused.expect_err("nobody gets in without a token");
    let challenge = refusal.auth_challenge().expect("a challenge");
    let mut state = OAuthState::new(url, None).await.unwrap();
    let request = AuthorizationRequest::new(REDIRECT)
        .with_preregistered_client(demo::MCP_CLIENT)
        .with_challenge(challenge);
    state.start_authorization(request).await.unwrap();
    let back = visit(&state.get_authorization_url().await.unwrap()).await;
    state.handle_callback_url(back.as_str()).await.unwrap();
    state.into_authorization_manager().unwrap()
}

/// The person's browser.
async fn visit(authorize: &str) -> Url {
    let http = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy();
    let http = http.build().unwrap();
    let mut url = Url::parse(authorize).unwrap();
    url.query_pairs_mut()
        .append_pair("login_hint", demo::ALICE_UPN);
    for _ in 0..5 {
        let answer = http.get(url.clone()).send().await.unwrap();
        let location = answer.headers().get("location").expect("a redirect");
        url = url.join(location.to_str().unwrap()).unwrap();
        if url.as_str().starts_with(REDIRECT) {
            return url;
        }
    }
    panic!("the redirects never came back to the client");
}

/// The same cases as of the clients in other languages.
pub(super) async fn cases(server: &McpServer, mode: ClientLifecycleMode) {
    let client = Client::connect(server, mode).await;
    let mut tools = client.tools().await;
    tools.sort();
    assert_eq!(
        tools,
        [
            "ask_foundry",
            "read_calendar",
            "read_profile",
            "send_mail",
            "whoami"
        ]
    );
    let saw = client.call("whoami", json!({})).await;
    assert_eq!(saw["object"], demo::ALICE);
    assert_eq!(saw["client"], demo::MCP_CLIENT);
    assert_eq!(
        client.call("read_profile", json!({})).await["id"],
        demo::ALICE
    );
    let answer = client
        .call("ask_foundry", json!({ "question": "why?" }))
        .await;
    assert_eq!(answer["output"][0]["content"][0]["text"], "You asked: why?");

    let refused = client.call("read_calendar", json!({})).await;
    assert_eq!(refused["error"], "consent_required");
    server.consent().await;
    let events = client.call("read_calendar", json!({})).await;
    assert_eq!(events["value"][0]["subject"], "Stand-up");
    client.running.cancel().await.unwrap();
}
