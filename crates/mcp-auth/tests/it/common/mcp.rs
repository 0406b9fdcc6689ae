//! An rmcp server behind a guard, on a socket, and a client that says exactly what it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The server at `/mcp`, without a guard.
pub(crate) fn service<S>(server: S, config: StreamableHttpServerConfig) -> Router
where
    S: ServerHandler + Clone,
{
    let mcp = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    Router::new().nest_service("/mcp", mcp)
}

/// Serves on a free port; the origin.
pub(crate) async fn listen(app: Router) -> String {
    let (listener, origin) = bind().await;
    serve(listener, app);
    origin
}

/// A free port, for an application that has to know its origin.
pub(crate) async fn bind() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    (listener, origin)
}

pub(crate) fn serve(listener: TcpListener, app: Router) {
    tokio::spawn(async move { axum::serve(listener, app).await });
}

/// One client of one user.
#[derive(Clone)]
pub(crate) struct Raw {
    http: reqwest::Client,
    url: String,
    token: String,
    session: Option<String>,
    capabilities: Value,
    version: &'static str,
    next_id: Arc<AtomicU64>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

pub(crate) const MODERN: &str = "2026-07-28";
pub(crate) const LEGACY: &str = "2025-11-25";

impl Raw {
    /// A client of the stateless era.
    pub(crate) fn modern(origin: &str, token: &str, capabilities: Value) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            http,
            url: format!("{origin}/mcp"),
            token: token.to_owned(),
            session: None,
            capabilities,
            version: MODERN,
            next_id: Arc::default(),
        }
    }

    /// A client of the older era, in a session.
    pub(crate) async fn legacy(origin: &str, token: &str, capabilities: Value) -> Self {
        Self::of_version(origin, token, capabilities, LEGACY).await
    }

    pub(crate) async fn of_version(
        origin: &str,
        token: &str,
        capabilities: Value,
        version: &'static str,
    ) -> Self {
        let mut client = Self::modern(origin, token, capabilities);
        client.version = version;
        let initialize = json!({
            "protocolVersion": version,
            "capabilities": client.capabilities,
            "clientInfo": {"name": "raw", "version": "1"},
        });
        let reply = client.request("initialize", initialize).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let session = reply.headers.get("mcp-session-id");
        client.session = session.map(|id| id.to_str().unwrap().to_owned());
        client
            .post(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
            .await;
        client
    }

    /// The same client with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Reply {
        let params = json!({"name": tool, "arguments": arguments});
        self.request("tools/call", params).await
    }

    pub(crate) async fn request(&self, method: &str, mut params: Value) -> Reply {
        if self.is_modern() {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": self.version,
                "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": self.capabilities,
            });
        }
        // A session tells requests under way apart by their ids.
        let id = self.next_id.fetch_add(1, Ordering::SeqCst);
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.post(&message).await
    }

    pub(crate) async fn notify(&self, method: &str) {
        let message = json!({"jsonrpc": "2.0", "method": method});
        let reply = self.post(&message).await;
        assert_eq!(reply.status, 202, "{reply:?}");
    }

    fn is_modern(&self) -> bool {
        self.version >= MODERN
    }

    async fn post(&self, message: &Value) -> Reply {
        let mut request = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .header("mcp-protocol-version", self.version)
            .body(message.to_string());
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        if self.is_modern() {
            request = request.header("mcp-method", message["method"].as_str().unwrap());
            let params = &message["params"];
            if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
                request = request.header("mcp-name", name);
            }
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        Reply {
            status,
            headers,
            body: answer(&text),
        }
    }
}

/// The message in a JSON body, or the last one with an id in an event stream.
fn answer(text: &str) -> Value {
    if let Ok(body) = serde_json::from_str(text) {
        return body;
    }
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let mut messages = data.filter_map(|data| serde_json::from_str::<Value>(data.trim()).ok());
    messages
        .rfind(|message| message.get("id").is_some())
        .unwrap_or(Value::Null)
}

impl Reply {
    /// The tool's result.
    pub(crate) fn result(&self) -> &Value {
        assert_eq!(self.status, 200, "{self:?}");
        assert!(self.body["error"].is_null(), "{self:?}");
        &self.body["result"]
    }

    /// The structured content of a tool's result.
    pub(crate) fn content(&self) -> &Value {
        &self.result()["structuredContent"]
    }

    /// The JSON-RPC error.
    pub(crate) fn error(&self) -> &Value {
        assert!(self.body["error"].is_object(), "{self:?}");
        &self.body["error"]
    }

    /// The one challenge.
    pub(crate) fn challenge(&self) -> &str {
        let mut all = self.headers.get_all("www-authenticate").iter();
        let (Some(one), None) = (all.next(), all.next()) else {
            panic!("one challenge is needed: {self:?}");
        };
        one.to_str().unwrap()
    }
}
