//! `rmcp`'s own client, in both of its modes.

use entra_emulator::demo;
use reqwest::redirect::Policy;
use rmcp::ClientServiceExt as _;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{ClientLifecycleMode, RoleClient, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{AuthClient, AuthorizationManager, AuthorizationRequest, OAuthState};
use rmcp::transport::streamable_http_client::{
    StreamableHttpClientTransportConfig, StreamableHttpError,
};
use serde_json::{Value, json};
use url::Url;

use super::server::McpServer;

const REDIRECT: &str = "http://localhost:49152/callback";

pub(super) struct Client {
    running: RunningService<RoleClient, ()>,
}

impl Client {
    /// Meets the 401, signs in as Alice, connects.
    async fn connect(server: &McpServer, mode: ClientLifecycleMode) -> Self {
        let transport = StreamableHttpClientTransport::from_uri(server.mcp_url());
        let refused = ().serve_with_lifecycle(transport, mode.clone()).await;
        let refusal = refused.expect_err("nobody gets in without a token");
        let challenge = refusal.auth_challenge().expect("a challenge");
        Self::answer(server, mode, challenge).await
    }

    /// Signs in as a challenge says, and connects.
    async fn answer(server: &McpServer, mode: ClientLifecycleMode, challenge: &str) -> Self {
        let url = server.mcp_url();
        let manager = sign_in(&url, challenge).await;
        let http = AuthClient::new(reqwest::Client::new(), manager);
        let config = StreamableHttpClientTransportConfig::with_uri(url);
        let transport = StreamableHttpClientTransport::with_client(http, config);
        let running = ().serve_with_lifecycle(transport, mode).await.unwrap();
        Self { running }
    }

    async fn tools(&self) -> Vec<String> {
        let tools = self.running.list_all_tools().await.unwrap();
        tools
            .into_iter()
            .map(|tool| tool.name.to_string())
            .collect()
    }

    /// The structured content, or the error's.
    async fn call(&self, tool: &'static str, arguments: Value) -> Value {
        let result = self.try_call(tool, arguments).await.unwrap();
        result.structured_content.unwrap_or_default()
    }

    async fn try_call(
        &self,
        tool: &'static str,
        arguments: Value,
    ) -> Result<CallToolResult, ServiceError> {
        let mut params = CallToolRequestParams::new(tool);
        params.arguments = arguments.as_object().cloned();
        self.running.call_tool(params).await
    }
}

/// The metadata and the sign-in: `rmcp` leaves the steps to its application.
async fn sign_in(url: &str, challenge: &str) -> AuthorizationManager {
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
    let client = Client::connect(server, mode.clone()).await;
    let mut tools = client.tools().await;
    tools.sort();
    assert_eq!(
        tools,
        [
            "ask_foundry",
            "audit",
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

    // `rmcp` hands the challenge of a 403 to its application.
    let mail = json!({ "to": "bob@contoso.example", "subject": "hello" });
    let refused = client
        .try_call("send_mail", mail.clone())
        .await
        .unwrap_err();
    client.running.cancel().await.unwrap();
    let challenge = challenge_of(&refused);
    let client = Client::answer(server, mode, &challenge).await;
    let sent = client.try_call("send_mail", mail).await.unwrap();
    assert_ne!(sent.is_error, Some(true));

    let refused = client.try_call("audit", json!({})).await.unwrap_err();
    assert!(challenge_of(&refused).contains("insufficient_scope"));
    client.running.cancel().await.unwrap();
}

fn challenge_of(error: &ServiceError) -> String {
    let ServiceError::TransportSend(sending) = error else {
        panic!("no error of the transport: {error:?}");
    };
    let http = sending
        .error
        .downcast_ref::<StreamableHttpError<reqwest::Error>>();
    let challenge = http.and_then(StreamableHttpError::auth_challenge);
    challenge
        .unwrap_or_else(|| panic!("no challenge: {error:?}"))
        .to_owned()
}
