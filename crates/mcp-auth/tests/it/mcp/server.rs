//! An MCP server that remembers what it was asked to do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use entra_claims::Requirement;
use entra_emulator::demo;
use foundry_scopes::ScopeName;
use http::request::Parts;
use mcp_auth::rmcp::{caller, permissions};
use mcp_auth::{Caller, ChallengeDelivery, ChallengeError, DeferredChallenge, McpLayer};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CustomNotification,
    CustomRequest, CustomResult, GetPromptRequestParams, GetPromptResponse, GetPromptResult,
    ListToolsResult, PaginatedRequestParams, ProgressNotificationParam, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::json;

use super::client::Client;
use crate::common::world::World;

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
        .with_json_response(mode == Mode::Json)
        .with_sse_keep_alive(Some(std::time::Duration::from_millis(20)));
    let sessions = Arc::new(LocalSessionManager::default());
    StreamableHttpService::new(move || Ok(server.clone()), sessions, config)
}

/// A guarded server, and a client of it with the base scope.
pub(crate) struct Fixture {
    pub(crate) world: World,
    pub(crate) server: Server,
    pub(crate) client: Client,
}

impl Fixture {
    pub(crate) async fn start(mode: Mode, layer: impl FnOnce(McpLayer) -> McpLayer) -> Self {
        let world = World::start().await;
        let layer = layer(McpLayer::new(world.guard()));
        Self::with(world, mode, layer).await
    }

    pub(crate) async fn with(world: World, mode: Mode, layer: McpLayer) -> Self {
        let server = Server::default();
        let app = axum::Router::new().nest_service("/mcp", service(&server, mode));
        let url = listen(app.layer(layer)).await;
        let client = Client::new(&url, world.token(&[demo::MCP_READ]));
        Self {
            world,
            server,
            client,
        }
    }

    /// The same client with Alice's token for these scopes.
    pub(crate) fn alice(&self, scopes: &[&str]) -> Client {
        self.client.with_token(self.world.token(scopes))
    }

    pub(crate) fn user(&self, user: &str, client: &str) -> Client {
        let forge = self.world.emulator.forge();
        let read = &[demo::MCP_READ];
        let token = forge.user_token(demo::TENANT, user, client, demo::MCP_SERVER, read);
        self.client.with_token(token.unwrap().sign().unwrap())
    }

    pub(crate) fn app(&self, roles: &[&str]) -> Client {
        self.client.with_token(self.world.app_token(roles))
    }
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
        let slot = parts.extensions.get::<DeferredChallenge>().cloned();
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
            "announce" => {
                context.peer.notify_tool_list_changed().await.unwrap();
                "announced".to_owned()
            }
            "hang" => {
                let progress = context.meta.get_progress_token().unwrap();
                let progress = ProgressNotificationParam::new(progress, 1.0);
                context.peer.notify_progress(progress).await.unwrap();
                context.ct.cancelled().await;
                self.done.add("cancelled");
                String::new()
            }
            _ => json!({
                "object": caller.principal().object().to_string(),
                "expires": caller.token().expires_at_unix(),
                "authorization": parts.headers.contains_key("authorization"),
                "session": parts.headers.contains_key("mcp-session-id"),
                "resumes": parts.headers.contains_key("last-event-id"),
            })
            .to_string(),
        };
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.seen("list", &context)?;
        let permissions = permissions(&context)?;
        let tools = ["read", "write", "drop"].map(|name| Tool::new(name, "", Arc::default()));
        let mut tools = tools.to_vec();
        tools.retain(|tool| permissions.may_call_tool(&tool.name));
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        self.seen(&request.name, &context)?;
        Ok(GetPromptResult::new(Vec::new()).into())
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        self.seen(&request.uri, &context)?;
        Ok(ReadResourceResult::new(Vec::new()).into())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        self.seen(&request.method, &context)?;
        Ok(CustomResult(json!({})))
    }

    async fn on_custom_notification(
        &self,
        notification: CustomNotification,
        context: NotificationContext<RoleServer>,
    ) {
        let parts = context.extensions.get::<Parts>().unwrap();
        assert!(parts.extensions.get::<Caller>().is_some());
        self.done.add(&notification.method);
    }
}

impl Server {
    /// Every handler knows its caller.
    fn seen(&self, what: &str, context: &RequestContext<RoleServer>) -> Result<(), ErrorData> {
        caller(context)?;
        self.done.add(what);
        Ok(())
    }
}

/// A claims challenge of a tool, and what it says where that is too late.
fn further_proof(slot: &DeferredChallenge) -> String {
    let challenge = slot
        .challenge()
        .error(ChallengeError::InsufficientClaims)
        .claims(r#"{"access_token":{}}"#);
    said(slot.fill(challenge))
}

/// A scope that only the arguments tell.
fn dynamic(slot: &DeferredChallenge, caller: &Caller) -> String {
    let rule = Requirement::scope(ScopeName::parse("mcp.write").unwrap());
    match slot.require(&rule, caller) {
        Ok(()) => "allowed".to_owned(),
        Err(denied) => {
            assert_eq!(denied.refusal().code(), "missing_scope");
            said(denied.delivery())
        }
    }
}

fn said(delivery: ChallengeDelivery) -> String {
    match delivery {
        ChallengeDelivery::Http => "dropped by the layer".to_owned(),
        _ => "ask for more, and call again".to_owned(),
    }
}
