//! `POST /responses`: a question, the tool as the user, and an answer or a request for consent.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::Call;
use crate::events::{End, Told, id};
use crate::model;
use crate::settings::Settings;
use crate::toolbox::{self, Outcome};
use crate::turns::Turns;

pub struct Agent {
    pub settings: Settings,
    pub http: reqwest::Client,
    pub turns: Turns,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    input: Value,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    stream: bool,
    previous_response_id: Option<String>,
}

pub async fn respond(
    State(agent): State<Arc<Agent>>,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> Response {
    let call = Call::of(&headers);
    let Some(question) = question(&agent, &call, &asked) else {
        return not_found();
    };
    let end = agent.answer(&call, &question).await;
    let told = Told {
        id: format!("resp_{}", id()),
        previous: asked.previous_response_id,
        model: asked.model.unwrap_or_else(|| "hosted-agent".to_owned()),
    };
    agent.turns.keep(&told.id, &call.partition, &question);
    told.answer(&end, asked.stream)
}

/// What is asked: of an earlier response of this user the same again, if nothing new is said.
fn question(agent: &Agent, call: &Call, asked: &Asked) -> Option<String> {
    let new = text(&asked.input);
    let Some(previous) = &asked.previous_response_id else {
        return Some(new);
    };
    let earlier = agent.turns.question(previous, &call.partition)?;
    Some(if new.is_empty() { earlier } else { new })
}

/// The text of an input: as it is, or of its items.
fn text(input: &Value) -> String {
    match input {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let texts = items.iter().map(|item| match &item["content"] {
                Value::Array(parts) => text_of(parts),
                other => text(other),
            });
            texts
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join("\n")
        }
        _ => String::new(),
    }
}

fn text_of(parts: &[Value]) -> String {
    let texts = parts.iter().filter_map(|part| part["text"].as_str());
    texts.collect::<Vec<_>>().join("\n")
}

impl Agent {
    async fn answer(&self, call: &Call, question: &str) -> End {
        let outcome = toolbox::call(&self.http, &self.settings, call.id.as_ref(), question).await;
        let text = match outcome {
            Outcome::Text(text) => text,
            Outcome::Consent(requests) => return End::Incomplete(requests),
            Outcome::Failed(why) => {
                tracing::warn!(why, "the tool failed");
                return End::Failed("a tool of this agent failed");
            }
        };
        let Some(model) = &self.settings.model else {
            return End::Completed(text);
        };
        match model::word(&self.http, &self.settings, model, &text).await {
            Ok(text) => End::Completed(text),
            Err(why) => {
                tracing::warn!(why, "the model failed");
                End::Failed("the model of this agent failed")
            }
        }
    }
}

/// One answer for what never was and what is another user's.
fn not_found() -> Response {
    let error = json!({
        "error": {
            "type": "invalid_request_error",
            "code": "previous_response_not_found",
            "message": "there is no such response",
        },
    });
    (StatusCode::NOT_FOUND, Json(error)).into_response()
}
