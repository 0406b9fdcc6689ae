//! JSON answers and their headers: errors, tokens, metadata.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use crate::call::Call;
use crate::errors::AadError;
use crate::state::Shared;

/// The number of the AADSTS error in a response, for the journal.
#[derive(Clone, Copy)]
pub(super) struct ErrorCode(pub(super) u32);

/// An error as JSON, as every endpoint but the authorization endpoint gives it.
pub(super) fn error_response(error: &AadError, call: &Call, shared: &Shared) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = uncached_json(status, &error.envelope(call, &shared.base_url));
    response.extensions_mut().insert(ErrorCode(error.code()));
    response
}

/// JSON that nobody may store (RFC 6749, section 5.1).
pub(super) fn uncached_json(status: StatusCode, body: &Value) -> Response {
    let mut response = json(status, body);
    set(
        response.headers_mut(),
        header::CACHE_CONTROL,
        "no-store, no-cache",
    );
    set(response.headers_mut(), header::PRAGMA, "no-cache");
    response
}

/// JSON that may be kept for a day, as Entra's metadata.
pub(super) fn cached_json(body: &Value) -> Response {
    let mut response = json(StatusCode::OK, body);
    set(
        response.headers_mut(),
        header::CACHE_CONTROL,
        "max-age=86400, private",
    );
    response
}

pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    set(
        response.headers_mut(),
        header::CONTENT_TYPE,
        "application/json; charset=utf-8",
    );
    response
}

pub(super) fn set(headers: &mut HeaderMap, name: impl header::IntoHeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
