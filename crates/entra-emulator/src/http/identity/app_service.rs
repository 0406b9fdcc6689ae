//! The identity endpoint of App Service, Functions and Container Apps.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::json;

use super::{Refusal, issue};
use crate::call::Call;
use crate::http::response::{set, uncached_json};
use crate::state::Shared;

const VERSION: &str = "2019-08-01";

/// In the words of the real endpoint, which clients show.
const NO_IDENTITY: &str = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";

pub(in crate::http) async fn token(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    if let Some((status, _, text)) = shared.identity.state().failure() {
        let mut response = refuse(status, text);
        if status == 429 {
            set(response.headers_mut(), "retry-after", "1");
        }
        return response;
    }
    let header = headers
        .get("x-identity-header")
        .and_then(|v| v.to_str().ok());
    if header != Some(&shared.identity.header) {
        return refuse(401, "X-IDENTITY-HEADER is missing or does not match.");
    }
    if call.query.get("api-version") != Some(VERSION) {
        return refuse(400, "api-version must be 2019-08-01.");
    }
    match issue(&shared, &call) {
        Ok(issued) => uncached_json(
            StatusCode::OK,
            &json!({
                "access_token": issued.access_token,
                "client_id": issued.client_id,
                "expires_on": issued.expires_at.to_string(),
                "resource": issued.resource,
                "token_type": "Bearer",
            }),
        ),
        Err(Refusal::Identity(_)) => refuse(400, NO_IDENTITY),
        Err(Refusal::Request(text)) => refuse(400, text),
        Err(Refusal::Resource(text)) => refuse(400, &text),
    }
}

fn refuse(status: u16, message: &str) -> Response {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    uncached_json(code, &json!({ "statusCode": status, "message": message }))
}
