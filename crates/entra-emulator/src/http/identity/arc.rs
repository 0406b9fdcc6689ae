//! The identity endpoint of Azure Arc: a caller shows that it may read a file of the machine.
//!
//! The first request gets 401 and the name of a new file, the second carries its content
//! (Azure doc "Authenticate against Azure resources with Azure Arc-enabled servers").

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};

use super::imds::{answered, is_metadata, refuse};
use super::{SELECTORS, issue};
use crate::call::Call;
use crate::http::response::set;
use crate::state::Shared;

pub(in crate::http) async fn token(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    if !shared.identity.has_arc() {
        return refuse(404, "not_found", "The machine is not connected to Arc.");
    }
    if let Some((status, error, text)) = shared.identity.state().failure() {
        return refuse(status, error, text);
    }
    if !is_metadata(&headers) {
        return refuse(
            400,
            "invalid_request",
            "Required metadata header not specified",
        );
    }
    // An Arc machine has its own identity and no other.
    if SELECTORS
        .iter()
        .any(|(name, _)| call.query.get(name).is_some())
    {
        return refuse(
            400,
            "invalid_request",
            "User assigned identities are not supported on Azure Arc.",
        );
    }
    let given = headers.get(header::AUTHORIZATION);
    let given = given
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "));
    match given {
        Some(secret) if shared.identity.answer(secret) => answered(issue(&shared, &call)),
        Some(_) => refuse(403, "unauthorized_client", "The challenge is not answered."),
        None => challenge(&shared),
    }
}

fn challenge(shared: &Shared) -> Response {
    let Ok(file) = shared.identity.challenge() else {
        return refuse(500, "unknown", "The challenge file could not be written.");
    };
    let mut response = refuse(401, "unauthorized", "Answer the challenge.");
    let realm = format!("Basic realm={}", file.display());
    set(response.headers_mut(), header::WWW_AUTHENTICATE, &realm);
    response
}
