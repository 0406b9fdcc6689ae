//! Cross-origin requests to the token endpoint: its preflight, and who may read the answer.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::response::set;
use crate::call::Call;

/// What pages may read of an answer.
const EXPOSED: &str = "Content-Length,Content-Encoding,x-ms-request-id,x-ms-srs";

/// The answer to the preflight of the token endpoint. Its exact form at Entra ID is unknown:
/// every header that a page wants to send is allowed, and the redemption itself decides.
pub(super) async fn preflight(headers: HeaderMap) -> Response {
    let mut response = StatusCode::OK.into_response();
    let to = response.headers_mut();
    set(to, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(to, header::ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS");
    if let Some(wanted) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        to.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    set(to, header::ACCESS_CONTROL_MAX_AGE, "86400");
    response
}

/// Lets the page that asked read the answer, errors too.
pub(super) fn readable(call: &Call, mut response: Response) -> Response {
    if call.origin.is_some() {
        let headers = response.headers_mut();
        set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}
