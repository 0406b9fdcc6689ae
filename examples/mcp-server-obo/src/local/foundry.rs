//! A Foundry-like API: the Responses endpoint of one project.

use std::error::Error;

use axum::Json;
use axum::extract::State;
use axum::routing::post;
use mcp_auth::{Caller, EntraApp};
use serde_json::{Value, json};

use super::api::{Api, Witness};
use super::directory::USER_IMPERSONATION;
use crate::events::Events;

pub async fn start(entra: EntraApp, events: Events) -> Result<String, Box<dyn Error>> {
    Api::new("foundry", entra, events)
        .route(
            "/api/projects/demo/openai/v1/responses",
            USER_IMPERSONATION,
            post(responses),
        )?
        .start()
        .await
}

async fn responses(
    State(witness): State<Witness>,
    caller: Caller,
    Json(request): Json<Value>,
) -> Json<Value> {
    witness.saw("responses", caller.token());
    let text = format!(
        "You asked: {}",
        request["input"].as_str().unwrap_or_default()
    );
    Json(json!({
        "id": "resp_local",
        "object": "response",
        "status": "completed",
        "model": request["model"],
        "output": [{
            "type": "message",
            "role": "assistant",
            "content": [{ "type": "output_text", "text": text }],
        }],
    }))
}
