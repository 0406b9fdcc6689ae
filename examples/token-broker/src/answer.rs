//! The answers of the HTTP contract; README.md lists them. None may be kept by a cache.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use mcp_auth::obo::AccessToken;
use serde_json::json;
use time::OffsetDateTime;

pub fn token(token: &AccessToken) -> Response {
    let scopes: Vec<_> = token.scopes().collect();
    let left = token.expires_at() - OffsetDateTime::now_utc();
    let body = json!({
        "access_token": token.expose(),
        "token_type": "Bearer",
        "expires_in": left.whole_seconds().max(0),
        "scope": scopes.join(" "),
    });
    Json(body).into_response()
}

/// In the form in which `OnBehalfOfError` answers too.
pub fn error(status: StatusCode, error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    (status, Json(body)).into_response()
}
