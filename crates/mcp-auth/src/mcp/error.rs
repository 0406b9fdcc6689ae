//! Malformed or unacceptable MCP requests, and their HTTP and JSON-RPC answers.

use std::time::Duration;

use http::header::{ALLOW, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use http_body_util::Full;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::revision::Revision;
use crate::metadata::answer::{self, Answer};

/// A request that is not asked about its permission, since it is no proper one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum McpRequestError {
    /// No method that MCP uses.
    Method,
    /// Another content type than JSON.
    ContentType,
    /// A compressed body: it would be decided on other bytes than the server reads.
    ContentEncoding,
    TooLarge,
    /// The body broke off.
    BodyFailed,
    /// The body did not arrive in time.
    BodyTooSlow,
    Syntax(&'static str),
    Shape(&'static str),
    Params(&'static str),
    /// A header of the stateless era says something else than the body.
    Mismatch(&'static str),
    /// An unknown protocol version; the header's text where it may be repeated.
    Version(Option<String>),
    RepeatedSession,
    /// An unknown session, or another caller's: which of them is not said.
    Session,
    /// The shared store of sessions failed.
    SessionsUnavailable,
    /// The caller has its share of sessions; when the next one may be opened.
    TooManySessions(Duration),
    /// All places for sessions are taken.
    SessionsFull,
}

/// A request's id: it goes back to the client in errors (JSON-RPC 2.0, section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Number(i64),
    Text(String),
}

/// The body that `rmcp` has for a session it does not know: ours is the same, so that an
/// answer does not tell whether a session exists.
const NO_SESSION: &str = "Not Found: Session not found";

/// A client may end a session of its own at any time: it need not wait for a day.
const LONGEST_WAIT: u64 = 60;

impl McpRequestError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType | Self::ContentEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Session => StatusCode::NOT_FOUND,
            Self::SessionsUnavailable | Self::SessionsFull => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooManySessions(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::BodyFailed
            | Self::Syntax(_)
            | Self::Shape(_)
            | Self::Params(_)
            | Self::Mismatch(_)
            | Self::Version(_)
            | Self::RepeatedSession => StatusCode::BAD_REQUEST,
        }
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Method => "method_not_allowed",
            Self::ContentType => "wrong_content_type",
            Self::ContentEncoding => "encoded_body",
            Self::TooLarge => "body_too_large",
            Self::BodyFailed => "body_failed",
            Self::BodyTooSlow => "body_too_slow",
            Self::Syntax(_) => "malformed_json",
            Self::Shape(_) => "malformed_message",
            Self::Params(_) => "malformed_params",
            Self::Mismatch(_) => "header_mismatch",
            Self::Version(_) => "unsupported_version",
            Self::RepeatedSession => "repeated_session",
            Self::Session => "unknown_session",
            Self::SessionsUnavailable => "sessions_unavailable",
            Self::TooManySessions(_) => "too_many_sessions",
            Self::SessionsFull => "sessions_full",
        }
    }

    /// A fixed sentence, for the client too.
    pub(crate) fn explain(&self) -> &'static str {
        match self {
            Self::Method => "MCP uses GET, POST and DELETE",
            Self::ContentType => "the body must be application/json",
            Self::ContentEncoding => "the body must not be compressed",
            Self::TooLarge => "the body is larger than this server takes",
            Self::BodyFailed => "the body could not be read to its end",
            Self::BodyTooSlow => "the body did not arrive in time",
            Self::Syntax(why) | Self::Shape(why) | Self::Params(why) | Self::Mismatch(why) => why,
            Self::Version(_) => "unsupported protocol version",
            Self::RepeatedSession => "Mcp-Session-Id stands there more than once",
            Self::Session => "the session is unknown, or another caller's",
            Self::SessionsUnavailable => "sessions cannot be looked up at the moment",
            Self::TooManySessions(_) => "too many sessions are open: end one with DELETE",
            Self::SessionsFull => "all places for sessions are taken at the moment",
        }
    }

    /// JSON-RPC 2.0, section 5.1, and MCP 2026-07-28, basic (error codes).
    fn json_rpc_code(&self) -> i32 {
        match self {
            Self::Syntax(_) => -32700,
            Self::Params(_) => -32602,
            Self::Mismatch(_) => -32020,
            Self::Version(_) => -32022,
            Self::SessionsUnavailable | Self::TooManySessions(_) | Self::SessionsFull => -32603,
            _ => -32600,
        }
    }

    pub(super) fn answer(&self, id: Option<&Id>, incident_id: &str) -> Answer {
        let mut answer = match self {
            Self::Session => {
                let mut answer = answer::empty(self.status());
                *answer.body_mut() = Full::from(NO_SESSION);
                answer
            }
            Self::Method => answer::empty(self.status()),
            _ => answer::json(self.status(), self.message(id, incident_id).to_string()),
        };
        let headers = answer.headers_mut();
        match self {
            Self::Method => {
                headers.insert(ALLOW, HeaderValue::from_static("GET, POST, DELETE"));
            }
            Self::SessionsUnavailable => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::SessionsFull => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("60"));
            }
            Self::TooManySessions(wait) => {
                let seconds = wait.as_secs().clamp(1, LONGEST_WAIT);
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            _ => {}
        }
        answer
    }

    fn message(&self, id: Option<&Id>, incident_id: &str) -> Value {
        let data = match self {
            // MCP 2026-07-28: the client picks one of them and tries again.
            Self::Version(requested) => json!({
                "supported": Revision::versions().collect::<Vec<_>>(),
                "requested": requested,
                "incident_id": incident_id,
            }),
            _ => json!({"incident_id": incident_id}),
        };
        let code = self.json_rpc_code();
        let error = json!({"code": code, "message": self.explain(), "data": data});
        json!({"jsonrpc": "2.0", "id": id, "error": error})
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => to.serialize_i64(*number),
            Self::Text(text) => to.serialize_str(text),
        }
    }
}
