//! What happens around each request.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::faulty;
use super::host;
use super::response::{ErrorCode, set};
use crate::call::Call;
use crate::fault::Facts;
use crate::journal::JournalEntry;
use crate::serve::{Arrival, Channel};
use crate::state::Shared;

/// No parameter of the protocol needs more.
const BODY_LIMIT: usize = 1024 * 1024;

/// Reads the request once, answers it or fails it on order, and writes the journal.
pub(super) async fn around(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    if !host::is_own(&shared, &parts.headers) {
        let text = "`Host` is not a name of this emulator.\n";
        return (StatusCode::MISDIRECTED_REQUEST, text).into_response();
    }
    if shared.is_https() && came_plain(&parts) && !is_plain_by_nature(parts.uri.path()) {
        return (StatusCode::BAD_REQUEST, "This emulator speaks https.\n").into_response();
    }
    let path = parts.uri.path();
    let off = shared
        .remote
        .as_ref()
        .is_some_and(|r| !r.managed_identities);
    if off && MACHINE.iter().any(|p| path.starts_with(p)) {
        return (StatusCode::NOT_FOUND, "Managed identities are off here.\n").into_response();
    }
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let call = Arc::new(Call::read(&parts, &body, shared.clock.now()));
    let client_id = call
        .form
        .get("client_id")
        .or_else(|| call.query.get("client_id"))
        .or(call.basic.as_ref().map(|b| b.client_id.as_str()));
    let fault = shared.faults.take(&Facts {
        method: &call.method,
        path: &call.path,
        client_id,
        grant_type: call.form.get("grant_type"),
    });
    let mut response = match &fault {
        Some(fault) if !fault.needs_the_real_answer() => faulty::instead(fault, &call, &shared),
        _ => {
            let mut request = Request::from_parts(parts, Body::from(body));
            request.extensions_mut().insert(Arc::clone(&call));
            next.run(request).await
        }
    };
    let error_code = response.extensions().get::<ErrorCode>().map(|c| c.0);
    if let Some(fault) = &fault {
        response = faulty::spoil(fault, response).await;
    }
    shared.journal.push(JournalEntry {
        method: call.method.clone(),
        path: call.path.clone(),
        params: call.query.iter().chain(call.form.iter()).cloned().collect(),
        basic_client_id: call.basic.as_ref().map(|b| b.client_id.clone()),
        status: response.status().as_u16(),
        error_code,
        correlation_id: call.correlation_id.clone(),
    });
    let headers = response.headers_mut();
    set(headers, "x-ms-request-id", &call.trace_id);
    if call.correlation_was_sent {
        set(headers, "client-request-id", &call.correlation_id);
    }
    response
}

fn came_plain(parts: &Parts) -> bool {
    let arrival = parts.extensions.get::<Arrival>();
    arrival.is_none_or(|a| a.channel == Channel::Plain)
}

/// Where the endpoints of managed identities are.
const MACHINE: [&str; 3] = ["/metadata/", "/msi/", "/arc/"];

/// Metadata services for managed identities speak plain http; so may who steers.
fn is_plain_by_nature(path: &str) -> bool {
    MACHINE.iter().any(|p| path.starts_with(p)) || path.starts_with("/__emulator")
}
