//! JSON answers and their headers: errors, tokens, metadata.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use crate::call::Call;
use crate::errors::{AadError, table};
use crate::state::Shared;

/// The number of the AADSTS error in a response, for the journal.
#[derive(Clone, Copy)]
pub(super) struct ErrorCode(pub(super) u32);

/// An error as JSON, as every endpoint but the authorization endpoint gives it.
pub(super) fn error_response(error: &AadError, call: &Call, shared: &Shared) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = uncached_members(status, &error.envelope(call, &shared.base_url));
    let telemetry = format!("1,{},0,,", error.code());
    set(response.headers_mut(), "x-ms-clitelem", &telemetry);
    response.extensions_mut().insert(ErrorCode(error.code()));
    response
}

/// The answer to client credentials in a request loop, which is no JSON (AADSTS50196).
pub(super) fn loop_response() -> Response {
    let text = format!("AADSTS{}: {}", table::LOOP.code, table::LOOP.text);
    let mut response = uncached(StatusCode::TOO_MANY_REQUESTS, text);
    set(
        response.headers_mut(),
        header::CONTENT_TYPE,
        "text/plain; charset=utf-8",
    );
    set(response.headers_mut(), header::RETRY_AFTER, "60");
    response
        .extensions_mut()
        .insert(ErrorCode(table::LOOP.code));
    response
}

/// JSON that must not be stored (RFC 6749, section 5.1).
pub(super) fn uncached_json(status: StatusCode, body: &Value) -> Response {
    uncached(status, body.to_string())
}

/// The same with its members in this order, under the headers of the token endpoint.
pub(super) fn uncached_members(status: StatusCode, members: &[(&str, Value)]) -> Response {
    let mut response = uncached(status, ordered(members));
    let headers = response.headers_mut();
    set(headers, header::EXPIRES, "-1");
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, "p3p", "CP=\"DSP CUR OTPi IND OTRi ONL FIN\"");
    set(headers, "x-ms-ests-server", "2.1.0 - entra-emulator");
    response
}

fn uncached(status: StatusCode, body: String) -> Response {
    let mut response = json(status, body);
    let headers = response.headers_mut();
    set(headers, header::CACHE_CONTROL, "no-store, no-cache");
    set(headers, header::PRAGMA, "no-cache");
    response
}

/// JSON that may be kept for a day and read by any page, as Entra's metadata.
pub(super) fn cached_json(body: &Value) -> Response {
    public(json(StatusCode::OK, body.to_string()))
}

/// An error of the metadata endpoints, which is cached and readable like metadata.
pub(super) fn cached_error(error: &AadError, call: &Call, shared: &Shared) -> Response {
    public(error_response(error, call, shared))
}

/// Marks an answer as metadata: kept for a day, readable by pages of any origin.
fn public(mut response: Response) -> Response {
    let headers = response.headers_mut();
    set(headers, header::CACHE_CONTROL, "max-age=86400, private");
    headers.remove(header::PRAGMA);
    headers.remove(header::EXPIRES);
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(
        headers,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        "GET, OPTIONS",
    );
    response
}

/// The same answer for its own origin only.
pub(super) fn without_cors(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    headers.remove(header::ACCESS_CONTROL_ALLOW_METHODS);
    response
}

/// The answer to a preflight of the metadata endpoints.
pub(super) async fn public_preflight() -> Response {
    public(StatusCode::OK.into_response())
}

fn json(status: StatusCode, body: String) -> Response {
    let mut response = (status, body).into_response();
    set(
        response.headers_mut(),
        header::CONTENT_TYPE,
        "application/json; charset=utf-8",
    );
    response
}

/// An object whose members keep their order.
fn ordered(members: &[(&str, Value)]) -> String {
    let members = members
        .iter()
        .map(|(name, value)| format!("{}:{value}", Value::from(*name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

pub(super) fn set(headers: &mut HeaderMap, name: impl header::IntoHeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
