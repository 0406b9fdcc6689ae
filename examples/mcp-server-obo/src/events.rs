//! One JSON object per line: where the server listens, each request, each downstream call.
//!
//! For tests and for looking on. There are no codes, bodies or tokens in it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};

/// Where the lines go.
#[derive(Clone)]
pub struct Events(Sink);

#[derive(Clone)]
enum Sink {
    Off,
    Stdout,
}

impl Events {
    pub fn off() -> Self {
        Self(Sink::Off)
    }

    pub fn stdout() -> Self {
        Self(Sink::Stdout)
    }

    pub fn emit(&self, event: Value) {
        match self.0 {
            Sink::Off => {}
            Sink::Stdout => println!("{event}"),
        }
    }
}

/// How much of a body is looked at for its JSON-RPC method.
const LOOKED_AT: usize = 64 * 1024;

/// Tells each request once its answer begins. What the guard refuses before its body is
/// read has no `rpc`.
pub async fn tell(State(events): State<Events>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut event = json!({
        "event": "request",
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "authorization": parts.headers.contains_key(header::AUTHORIZATION),
        "session": parts.headers.contains_key("mcp-session-id"),
        "protocol": text(&parts.headers, "mcp-protocol-version"),
    });
    if parts.uri.path().ends_with("/authorize") {
        event["asked"] = asked(parts.uri.query().unwrap_or_default());
    }
    // A copy of what the services behind read, as they read it: nothing waits for it.
    let seen = Arc::new(Mutex::new(Vec::new()));
    let copy = Arc::clone(&seen);
    let body = Body::new(body.map_frame(move |frame| {
        if let Some(data) = frame.data_ref() {
            let mut copy = copy.lock().unwrap_or_else(PoisonError::into_inner);
            if copy.len() + data.len() <= LOOKED_AT {
                copy.extend_from_slice(data);
            }
        }
        frame
    }));
    let response = next.run(Request::from_parts(parts, body)).await;

    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let call: Value = serde_json::from_slice(&seen).unwrap_or_default();
    event["rpc"] = call["method"].clone();
    event["tool"] = call["params"]["name"].clone();
    event["status"] = response.status().as_u16().into();
    event["challenge"] = text(response.headers(), "www-authenticate");
    events.emit(event);
    response
}

/// What a client asks of Entra ID, without `state` and what else only it should know.
fn asked(query: &str) -> Value {
    let told = ["scope", "prompt", "resource"];
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let pairs = pairs.filter(|(name, _)| told.contains(&name.as_ref()));
    pairs
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect::<Map<_, _>>()
        .into()
}

fn text(headers: &HeaderMap, name: &str) -> Value {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .into()
}
