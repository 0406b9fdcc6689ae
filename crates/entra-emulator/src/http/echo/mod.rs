//! A downstream API for examples: it validates the bearer token that it gets and tells what
//! it read in it (RFC 6750). Served only when asked for.

mod verify;

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};

use super::response::{set, uncached_json};
use crate::call::Call;
use crate::directory::{App, Directory};
use crate::state::Shared;
use crate::tokens::jwt::Parsed;

/// Whether an emulator serves the echo API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EchoApi {
    Off,
    On,
}

/// `/echo/{client_id}`, with any method: the API that is registered under this client id.
pub(super) async fn echo(
    State(shared): State<Arc<Shared>>,
    Path(client_id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    let directory = shared.directory();
    let Some(api) = find(&directory, &client_id) else {
        let reason = json!({ "reason": "No app is registered under this client id." });
        return uncached_json(StatusCode::NOT_FOUND, &reason);
    };
    let token = match bearer(&headers) {
        Bearer::None => return refusal("Bearer", "The request carries no bearer token."),
        Bearer::Several => return invalid("The request has more than one Authorization header."),
        Bearer::One(token) => token,
    };
    match verify::token(&shared, &directory, &client_id, token, call.now) {
        Ok(token) => uncached_json(StatusCode::OK, &report(api, &token)),
        Err(reason) => invalid(reason),
    }
}

/// An app of this id in any tenant; the token's tenant must have it too.
fn find<'a>(directory: &'a Directory, client_id: &str) -> Option<&'a App> {
    directory.tenants().find_map(|t| t.find_app(client_id))
}

enum Bearer<'a> {
    None,
    One(&'a str),
    /// Which of them counts would be a guess.
    Several,
}

fn bearer(headers: &HeaderMap) -> Bearer<'_> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (all.next(), all.next());
    if second.is_some() {
        return Bearer::Several;
    }
    let pair = first
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split_once(' '));
    match pair {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Bearer::One(token.trim()),
        _ => Bearer::None,
    }
}

/// What the API read: everything but the token itself.
fn report(api: &App, token: &Parsed<'_>) -> Value {
    let scopes = token.text("scp").unwrap_or_default();
    let kind = match verify::is_of_a_user(token) {
        true => "user",
        false => "app",
    };
    json!({
        "api": { "client_id": api.client_id(), "name": api.name() },
        "kind": kind,
        "who": {
            "tid": token.text("tid"),
            "oid": token.text("oid"),
            "sub": token.text("sub"),
            "name": token.text("name"),
        },
        "client": verify::client(token),
        "scopes": scopes.split_whitespace().collect::<Vec<_>>(),
        "roles": verify::roles(token).collect::<Vec<_>>(),
        "claims": token.claims,
    })
}

fn invalid(reason: &str) -> Response {
    refusal("Bearer error=\"invalid_token\"", reason)
}

fn refusal(challenge: &str, reason: &str) -> Response {
    let mut response = uncached_json(StatusCode::UNAUTHORIZED, &json!({ "reason": reason }));
    set(response.headers_mut(), header::WWW_AUTHENTICATE, challenge);
    response
}
