//! Responses in the form of the Responses protocol: one JSON object, or server-sent events.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{Json, body::Body};
use serde_json::{Value, json};

use crate::consent::ConsentRequest;

/// How a response ends.
pub enum End {
    Completed(String),
    /// It goes on after the user's consent, with this response as `previous_response_id`.
    Incomplete(Vec<ConsentRequest>),
    Failed(&'static str),
}

/// A response that is about to be told.
pub struct Told {
    pub id: String,
    pub previous: Option<String>,
    pub model: String,
}

impl Told {
    pub fn answer(&self, end: &End, stream: bool) -> Response {
        match stream {
            false => Json(self.object(end)).into_response(),
            true => {
                let headers = [
                    (CONTENT_TYPE, "text/event-stream"),
                    (CACHE_CONTROL, "no-cache"),
                ];
                (headers, Body::from(self.stream(end))).into_response()
            }
        }
    }

    fn items(&self, end: &End) -> Vec<Value> {
        match end {
            End::Completed(text) => vec![json!({
                "type": "message",
                "id": format!("msg_{}", self.id),
                "role": "assistant",
                "status": "completed",
                "content": [{ "type": "output_text", "text": text, "annotations": [] }],
            })],
            End::Incomplete(requests) => requests
                .iter()
                .map(|request| {
                    json!({
                        "type": "oauth_consent_request",
                        "id": format!("oacr_{}{}", id(), &id()[..18]),
                        "consent_link": request.link,
                        "server_label": request.server,
                    })
                })
                .collect(),
            End::Failed(_) => Vec::new(),
        }
    }

    fn object(&self, end: &End) -> Value {
        self.with(end, &self.items(end))
    }

    fn with(&self, end: &End, items: &[Value]) -> Value {
        let (status, error) = match end {
            End::Completed(_) => ("completed", Value::Null),
            End::Incomplete(_) => ("incomplete", Value::Null),
            End::Failed(text) => ("failed", json!({ "code": "server_error", "message": text })),
        };
        json!({
            "id": self.id,
            "object": "response",
            "status": status,
            // No reason: none of the known ones means consent.
            "incomplete_details": null,
            "error": error,
            "model": self.model,
            "previous_response_id": self.previous,
            "output": items,
        })
    }

    fn stream(&self, end: &End) -> String {
        let items = self.items(end);
        let mut text = String::new();
        let mut number = 0;
        let mut tell = |kind: &str, mut event: Value| {
            event["type"] = json!(kind);
            event["sequence_number"] = json!(number);
            number += 1;
            text.push_str(&format!("event: {kind}\ndata: {event}\n\n"));
        };
        let mut begun = self.with(end, &[]);
        begun["status"] = json!("in_progress");
        begun["error"] = Value::Null;
        tell("response.created", json!({ "response": begun.clone() }));
        tell("response.in_progress", json!({ "response": begun }));
        for (index, item) in items.iter().enumerate() {
            let event = json!({ "output_index": index, "item": item });
            tell("response.output_item.added", event.clone());
            if let End::Completed(text) = end {
                let part = json!({
                    "output_index": index,
                    "content_index": 0,
                    "item_id": item["id"],
                });
                let with = |name: &str| {
                    let mut part = part.clone();
                    part[name] = json!(text);
                    part
                };
                tell("response.output_text.delta", with("delta"));
                tell("response.output_text.done", with("text"));
            }
            tell("response.output_item.done", event);
        }
        let kind = match end {
            End::Completed(_) => "response.completed",
            End::Incomplete(_) => "response.incomplete",
            End::Failed(_) => "response.failed",
        };
        tell(kind, json!({ "response": self.with(end, &items) }));
        text
    }
}

/// 32 hex digits at random.
pub fn id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
