//! An MCP server that remembers what it was asked to do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use entra_claims::Requirement;
use foundry_scopes::ScopeName;
use http::request::Parts;
use mcp_auth::rmcp::caller;
use mcp_auth::{Caller, ChallengeError, ChallengeSlot, Delivery};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock,
    ProgressNotificationParam, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::json;

/// How rmcp runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Sessions and event streams: the default.
    Sessions,
    /// No sessions, plain JSON.
    Json,
}

/// What was done, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Done(Arc<Mutex<HashMap<String, usize>>>);

impl Done {
    pub(crate) fn add(&self, what: &str) {
        *self.0.lock().unwrap().entry(what.to_owned()).or_default() += 1;
    }

    pub(crate) fn times(&self, what: &str) -> usize {
        self.0
            .lock()
            .unwrap()
            .get(what)
            .copied()
            .unwrap_or_default()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Server {
    pub(crate) done: Done,
}

pub(crate) fn service(
    server: &Server,
    mode: Mode,
) -> StreamableHttpService<Server, LocalSessionManager> {
    let server = server.clone();
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(mode == Mode::Sessions)
        .with_json_response(mode == Mode::Json);
    let sessions = Arc::new(LocalSessionManager::default());
    StreamableHttpService::new(move || Ok(server.clone()), sessions, config)
}

/// Serves an application; its MCP endpoint's URL.
pub(crate) async fn listen(app: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://localhost:{port}/mcp")
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_resources();
        ServerConfig::new(capabilities.build())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.done.add(&request.name);
        let caller = caller(&context)?;
        let parts = context.extensions.get::<Parts>().unwrap();
        let slot = parts.extensions.get::<ChallengeSlot>().cloned();
        let text = match &*request.name {
            "claims" | "late" => {
                if request.name == "late" {
                    let progress = context.meta.get_progress_token().unwrap();
                    let progress = ProgressNotificationParam::new(progress, 1.0);
                    context.peer.notify_progress(progress).await.unwrap();
                }
                further_proof(&slot.unwrap())
            }
            "dynamic" => dynamic(&slot.unwrap(), &caller),
            _ => json!({
                "object": caller.principal().object().to_string(),
                "authorization": parts.headers.contains_key("authorization"),
                "session": parts.headers.contains_key("mcp-session-id"),
            })
            .to_string(),
        };
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }
}

/// A claims challenge of a tool, and what it says where that is too late.
fn further_proof(slot: &ChallengeSlot) -> String {
    let challenge = slot
        .challenge()
        .error(ChallengeError::InsufficientClaims)
        .claims(r#"{"access_token":{}}"#);
    said(slot.fill(challenge))
}

/// A scope that only the arguments tell.
fn dynamic(slot: &ChallengeSlot, caller: &Caller) -> String {
    let rule = Requirement::scope(ScopeName::parse("mcp.write").unwrap());
    match slot.require(&rule, caller) {
        Ok(()) => "allowed".to_owned(),
        Err(denied) => {
            assert_eq!(denied.refusal().code(), "missing_scope");
            said(denied.delivery())
        }
    }
}

fn said(delivery: Delivery) -> String {
    match delivery {
        Delivery::Http => "dropped by the layer".to_owned(),
        _ => "ask for more, and call again".to_owned(),
    }
}
