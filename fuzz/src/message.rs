//! `mcp-auth`: messages of MCP clients.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::LazyLock;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use entra_claims::Requirement;
use foundry_scopes::ScopeName;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use mcp_auth::{McpLayer, McpPolicy, McpRequestBody, Refusal};
use rmcp::model::{ClientJsonRpcMessage, ClientNotification, ClientRequest};
use serde_json::Value;
use tower_layer::Layer;
use tower_service::Service;

use crate::bearer::{GUARD, RUNTIME};
use crate::check::one_line;
use crate::claims::world::ORIGINAL;

/// The token has the first scope and not the second.
static LAYER: LazyLock<McpLayer> = LazyLock::new(|| {
    let scope = |name| Requirement::scope(ScopeName::parse(name).expect("a scope name"));
    let (held, missing) = (scope("access_as_user"), scope("other"));
    let policy = McpPolicy::new()
        .tool("open", held.clone())
        .tool("closed", missing.clone())
        .prompt("open", held.clone())
        .prompt("closed", missing.clone())
        .resources_under("x://open/", held)
        .resources_under("x://closed/", missing)
        .deny_unlisted();
    McpLayer::new(GUARD.clone())
        .policy(policy)
        .expect("a guard")
        .body_limit(1 << 16)
});

/// The headers that decide nothing, or must not.
const HEADERS: [&str; 5] = [
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "mcp-session-id",
    "last-event-id",
];

/// The guard of an MCP server on a request: the lines of `data` up to an empty one are
/// `name: value` of the headers that MCP knows, the rest is the body.
///
/// What the server gets is the body byte for byte; rmcp, which keeps the last of two members,
/// reads from it nothing but what the caller may have; headers of the stateless era say what
/// it says; and no session or stream is selected, since none was ever opened.
pub fn message(data: &[u8]) {
    let (head, body) = split(data);
    let mut request = Request::new(Full::new(Bytes::copy_from_slice(body)));
    *request.method_mut() = Method::POST;
    let headers = request.headers_mut();
    let token = format!("Bearer {ORIGINAL}");
    headers.insert(AUTHORIZATION, token.parse().expect("a header value"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for line in head.split(|byte| *byte == b'\n') {
        let (name, value) = line.split_at(line.iter().position(|b| *b == b':').unwrap_or(0));
        let known = HEADERS.iter().find(|known| known.as_bytes() == name);
        let value = HeaderValue::from_bytes(value.get(1..).unwrap_or_default().trim_ascii());
        if let (Some(known), Ok(value)) = (known, value) {
            headers.append(*known, value);
        }
    }
    let body = body.to_vec();
    let answer = RUNTIME.block_on(async { LAYER.layer(Server { body }).call(request).await });
    let Ok(answer) = answer;
    if answer.status() == StatusCode::OK {
        return;
    }
    assert!(
        [400, 403, 404, 413].contains(&answer.status().as_u16()),
        "{answer:?}"
    );
    let refusal = answer.extensions().get::<Refusal>();
    one_line(&refusal.expect("a refusal says why").explain());
    for value in answer.headers().values() {
        value.to_str().expect("plain ASCII");
    }
}

fn split(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.windows(2).position(|pair| pair == b"\n\n");
    match end {
        Some(end) => (&data[..end], &data[end + 2..]),
        None => (&[], data),
    }
}

/// What stands behind the layer.
#[derive(Clone)]
struct Server {
    body: Vec<u8>,
}

impl Service<Request<McpRequestBody<Full<Bytes>>>> for Server {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<McpRequestBody<Full<Bytes>>>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let collected = body.collect();
        let mut collected = std::pin::pin!(collected);
        let mut context = Context::from_waker(std::task::Waker::noop());
        let Poll::Ready(Ok(bytes)) = collected.as_mut().poll(&mut context) else {
            panic!("the body is not at hand");
        };
        let bytes = bytes.to_bytes();
        assert_eq!(bytes, self.body, "other bytes than came in");
        for header in ["mcp-session-id", "last-event-id"] {
            assert!(!parts.headers.contains_key(header), "{header}");
        }
        let value: Value = serde_json::from_slice(&bytes).expect("JSON, also to a lenient reader");
        agrees(&value, &parts.headers);
        if let Ok(message) = serde_json::from_slice::<ClientJsonRpcMessage>(&bytes) {
            allowed(&message, &value);
        }
        ready(Ok(Response::new(Full::default())))
    }
}

/// What rmcp makes of it is what the caller may have.
fn allowed(message: &ClientJsonRpcMessage, value: &Value) {
    let under = |uri: &str| uri.starts_with("x://open/");
    match message {
        ClientJsonRpcMessage::Request(request) => match &request.request {
            ClientRequest::CallToolRequest(call) => assert_eq!(call.params.name, "open"),
            ClientRequest::GetPromptRequest(get) => assert_eq!(get.params.name, "open"),
            ClientRequest::ReadResourceRequest(read) => assert!(under(&read.params.uri)),
            ClientRequest::SubscribeRequest(subscribe) => assert!(under(&subscribe.params.uri)),
            ClientRequest::UnsubscribeRequest(from) => assert!(under(&from.params.uri)),
            ClientRequest::CustomRequest(custom) => listed(&custom.method, value),
            other => listed(other.method(), value),
        },
        ClientJsonRpcMessage::Notification(notification) => match &notification.notification {
            ClientNotification::CustomNotification(custom) => {
                if !custom.method.starts_with("notifications/") {
                    listed(&custom.method, value);
                }
            }
            _ => assert_eq!(value.get("id"), None),
        },
        ClientJsonRpcMessage::Response(_) | ClientJsonRpcMessage::Error(_) => {
            assert_eq!(value.get("method"), None);
        }
    }
}

fn listed(method: &str, value: &Value) {
    const OPEN: [&str; 8] = [
        "initialize",
        "server/discover",
        "ping",
        "tools/list",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
        "skills/list",
    ];
    assert!(OPEN.contains(&method) || named(method, value), "{value}");
}

/// Whether what it names is open, by the lenient reader.
fn named(method: &str, value: &Value) -> bool {
    let params = &value["params"];
    let open = |value: &Value| value == "open";
    let under = |value: &Value| {
        value
            .as_str()
            .is_some_and(|uri| uri.starts_with("x://open/"))
    };
    let reference = &params["ref"];
    match method {
        // As rmcp has it where the rest of the parameters does not fit.
        "tools/call" | "prompts/get" => open(&params["name"]),
        "completion/complete" => {
            let closed = |value: &Value, open: bool| value.is_string() && !open;
            let (name, uri) = (&reference["name"], &reference["uri"]);
            (open(name) || under(uri)) && !closed(name, open(name)) && !closed(uri, under(uri))
        }
        _ if method.starts_with("resources/") || method.starts_with("skills/") => {
            under(&params["uri"])
        }
        _ => false,
    }
}

/// In the stateless era the headers say what the lenient reader reads.
fn agrees(value: &Value, headers: &http::HeaderMap) {
    let header = |name: &str| {
        assert!(
            headers.get_all(name).iter().count() < 2
                || name.ends_with("method")
                || name.ends_with("name")
        );
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let method = value["method"].as_str();
    if header("mcp-protocol-version") != Some("2026-07-28")
        || matches!(method, None | Some("initialize"))
    {
        return;
    }
    assert_eq!(header("mcp-method"), method, "{value}");
    let params = &value["params"];
    let name = match method {
        Some("tools/call" | "prompts/get") => &params["name"],
        Some("resources/read" | "resources/subscribe" | "resources/unsubscribe") => &params["uri"],
        _ => return,
    };
    let header = header("mcp-name").expect("a mirrored name");
    let inner = header
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    let decoded = inner.map(|inner| String::from_utf8(STANDARD.decode(inner).unwrap()).unwrap());
    assert_eq!(
        decoded.as_deref().unwrap_or(header),
        name.as_str().expect("a name"),
        "{value}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The target says nothing about what is refused; here is what passes, and what does not.
    #[test]
    fn the_open_tool_is_open_and_the_closed_one_is_not() {
        let status = |tool: &str| {
            let body = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}"}}}}"#
            );
            let mut request = Request::new(Full::from(body.clone()));
            *request.method_mut() = Method::POST;
            let token = format!("Bearer {ORIGINAL}").parse().expect("a value");
            request.headers_mut().insert(AUTHORIZATION, token);
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            let mut service = LAYER.layer(Server {
                body: body.into_bytes(),
            });
            let Ok(answer) = RUNTIME.block_on(async { service.call(request).await });
            answer.status().as_u16()
        };
        assert_eq!(
            [status("open"), status("closed"), status("other")],
            [200, 403, 403]
        );
    }
}
