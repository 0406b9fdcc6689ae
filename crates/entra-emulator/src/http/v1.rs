//! The v1.0 endpoints, which name a `resource` instead of a scope.
//!
//! A request is answered as the v2.0 endpoint answers one for `<resource>/.default`; numbers
//! of the answer are strings, as v1.0 has them.

use std::sync::Arc;

use axum::{
    Extension,
    body::to_bytes,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value};

use super::{authorize, device, response::uncached_json, token};
use crate::call::{Call, Params};
use crate::state::Shared;

/// Answers are in memory, so this only has to be enough.
const LIMIT: usize = 1024 * 1024;

/// `POST /{tenant}/oauth2/token`.
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    let resource = call.form.get("resource").map(str::to_owned);
    let now = call.now;
    let call = Arc::new(translated(&call));
    let response = token::token(State(shared), Path(segment), Extension(call)).await;
    if !response.status().is_success() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LIMIT).await.unwrap_or_default();
    let members: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
    let mut v1 = Map::new();
    for (name, value) in members {
        let value = match value {
            Value::Number(number) => number.to_string().into(),
            other => other,
        };
        v1.insert(name, value);
    }
    let lifetime = v1.get("expires_in").and_then(Value::as_str);
    let lifetime: i64 = lifetime.and_then(|text| text.parse().ok()).unwrap_or(0);
    let until = now.saturating_add(lifetime).saturating_add(1);
    v1.insert("expires_on".into(), until.to_string().into());
    let from = now.saturating_sub(crate::tokens::BACKDATED);
    v1.insert("not_before".into(), from.to_string().into());
    v1.extend(resource.map(|r| ("resource".to_owned(), r.into())));
    let mut answer = uncached_json(parts.status, &Value::Object(v1));
    let mut headers = parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    *answer.headers_mut() = headers;
    answer.into_response()
}

/// `/{tenant}/oauth2/authorize`.
pub(super) async fn authorize(
    state: State<Arc<Shared>>,
    path: Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    let call = Arc::new(translated(&call));
    authorize::authorize(state, path, Extension(call), headers).await
}

/// `POST /{tenant}/oauth2/devicecode`.
pub(super) async fn devicecode(
    state: State<Arc<Shared>>,
    path: Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    let call = Arc::new(translated(&call));
    device::devicecode(state, path, Extension(call)).await
}

/// The same request with the scope that its resource means. v1.0 always gives an ID token and
/// a refresh token to users.
fn translated(call: &Call) -> Call {
    let mut call = call.clone();
    let alone = call.form.get("grant_type") == Some("client_credentials");
    for params in [&mut call.form, &mut call.query] {
        translate(params, alone);
    }
    call
}

fn translate(params: &mut Params, alone: bool) {
    let Some(resource) = params.get("resource").map(str::to_owned) else {
        return;
    };
    let more = if alone {
        ""
    } else {
        " openid profile offline_access"
    };
    params.replace("scope", format!("{resource}/.default{more}"));
    params.remove("resource");
}
