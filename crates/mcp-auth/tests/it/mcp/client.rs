//! Plain HTTP requests of an MCP client, so that each can be wrong.

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use serde_json::{Value, json};

pub(crate) const MODERN: &str = "2026-07-28";
pub(crate) const LEGACY: &str = "2025-11-25";

/// One client with one token.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The one challenge.
    pub(crate) fn challenge(&self) -> &str {
        let mut all = self.headers.get_all(WWW_AUTHENTICATE).iter();
        let (Some(one), None) = (all.next(), all.next()) else {
            panic!("one challenge is needed: {self:?}");
        };
        one.to_str().unwrap()
    }

    /// The JSON-RPC message: the body, or the last event of a stream that has data.
    pub(crate) fn message(&self) -> Value {
        let is_stream = self.text.contains("data:");
        let mut data = self.text.lines().filter_map(|l| l.strip_prefix("data: "));
        let last = data.rfind(|data| !data.is_empty());
        let text = if is_stream { last.unwrap() } else { &self.text };
        serde_json::from_str(text).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The text of a tool's result.
    pub(crate) fn tool_text(&self) -> String {
        let message = self.message();
        let text = message["result"]["content"][0]["text"].as_str();
        text.unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

/// A stream that does not end fails, and does not hang.
fn http() -> reqwest::Client {
    let limit = std::time::Duration::from_secs(30);
    let builder = reqwest::Client::builder().no_proxy().timeout(limit);
    builder.build().unwrap()
}

impl Client {
    pub(crate) fn new(url: &str, token: impl Into<String>) -> Self {
        Self {
            http: http(),
            url: url.to_owned(),
            token: token.into(),
        }
    }

    pub(crate) fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            ..self.clone()
        }
    }

    pub(crate) fn request(&self, method: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method.parse().unwrap(), &self.url);
        let request = request.header("accept", "application/json, text/event-stream");
        match self.token.as_str() {
            // Nobody's.
            "" => request,
            token => request.bearer_auth(token),
        }
    }

    pub(crate) fn post(&self, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
        self.request("POST")
            .header("content-type", "application/json")
            .body(body)
    }

    /// A request of the older era, without a session.
    pub(crate) fn legacy(&self, body: &Value) -> reqwest::RequestBuilder {
        self.post(body.to_string())
            .header("mcp-protocol-version", LEGACY)
    }

    /// A request of the stateless era, with everything that it asks for.
    pub(crate) fn modern(&self, body: &Value) -> reqwest::RequestBuilder {
        let body = with_meta(body.clone());
        let mut request = self
            .post(body.to_string())
            .header("mcp-protocol-version", MODERN)
            .header("mcp-method", body["method"].as_str().unwrap());
        let params = &body["params"];
        if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
            request = request.header("mcp-name", name);
        }
        request
    }

    /// Opens a session of the older era and gives its id.
    pub(crate) async fn open(&self) -> String {
        let answer = send(self.legacy(&initialize())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let session = answer.header("mcp-session-id").unwrap().to_owned();
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let answer = send(self.in_session(&session, &ready)).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        session
    }

    pub(crate) fn in_session(&self, session: &str, body: &Value) -> reqwest::RequestBuilder {
        self.legacy(body).header("mcp-session-id", session)
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    Answer::read(request.send().await.unwrap()).await
}

/// The metadata that each request of the stateless era carries.
pub(crate) fn with_meta(mut body: Value) -> Value {
    let meta = &mut body["params"]["_meta"];
    meta["io.modelcontextprotocol/protocolVersion"] = MODERN.into();
    meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
    body
}

pub(crate) fn initialize() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": LEGACY,
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }})
}

pub(crate) fn call(tool: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {
        "name": tool, "arguments": {}, "_meta": {"progressToken": 1},
    }})
}
