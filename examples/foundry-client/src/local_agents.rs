//! Stand-ins of two published agents: one is authorized by roles, one by its blueprint.

use std::error::Error;

use axum::extract::{Path, Query};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use mcp_auth::{AuthLayer, Caller, Protected};
use serde_json::{Value, json};

/// The blueprint of the second agent, and the scope that its callers need.
pub const BLUEPRINT: &str = "c0de0000-1de0-4000-8000-0000000000b1";
pub const CALL: &str = "access_agent";

/// Adds the two agents behind their guards.
pub fn serve(
    app: Protected,
    roles: AuthLayer,
    blueprint: AuthLayer,
) -> Result<Protected, Box<dyn Error>> {
    let agent = |name: &str| {
        let path =
            format!("/api/projects/{{project}}/agents/{name}/endpoint/protocols/openai/responses");
        Router::new().route(&path, post(respond))
    };
    Ok(app
        .and(roles, agent("roles"))
        .and(blueprint, agent("blueprint")))
}

/// Who may name users: in Azure a custom role says this.
const IMPERSONATES: &str = crate::local::APP;

async fn respond(
    Path(_): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    caller: Caller,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Response {
    let refuse = |status: StatusCode, code: &str| {
        (status, Json(json!({ "error": { "code": code } }))).into_response()
    };
    if !query.iter().any(|(name, _)| name == "api-version") {
        return refuse(StatusCode::BAD_REQUEST, "api_version_required");
    }
    if !headers.contains_key("foundry-features") {
        return refuse(StatusCode::FORBIDDEN, "preview_feature_required");
    }
    // The address names the agent already.
    if asked.get("agent_reference").is_some() {
        return refuse(StatusCode::BAD_REQUEST, "invalid_payload");
    }
    let principal = caller.principal();
    let user = match headers.get("x-ms-user-identity").map(|user| user.to_str()) {
        None => principal.object().to_string(),
        Some(Ok(_)) if principal.client().to_string() != IMPERSONATES => {
            return refuse(StatusCode::FORBIDDEN, "PermissionDenied");
        }
        Some(Ok(user)) if (1..=256).contains(&user.len()) => user.to_owned(),
        Some(_) => return refuse(StatusCode::BAD_REQUEST, "invalid_user_identity"),
    };
    let response = json!({
        "id": "resp_1",
        "status": "completed",
        "agent_session_id": format!("session of {user}"),
        "output": [{
            "type": "message",
            "content": [{ "type": "output_text", "text": format!("{} in the session of {user}", principal.kind().as_str()) }],
        }],
    });
    match asked["stream"] == true {
        false => Json(response).into_response(),
        true => ([(CONTENT_TYPE, "text/event-stream")], streamed(&response)).into_response(),
    }
}

/// The same response as events, its text word by word.
fn streamed(response: &Value) -> String {
    let mut text = String::new();
    let mut tell = |kind: &str, mut event: Value| {
        event["type"] = json!(kind);
        text.push_str(&format!("event: {kind}\ndata: {event}\n\n"));
    };
    let begun = json!({ "id": response["id"], "status": "in_progress", "output": [] });
    tell("response.created", json!({ "response": begun }));
    let words = response["output"][0]["content"][0]["text"].as_str();
    for word in words.unwrap_or_default().split_inclusive(' ') {
        tell("response.output_text.delta", json!({ "delta": word }));
    }
    tell("response.completed", json!({ "response": response }));
    text
}
