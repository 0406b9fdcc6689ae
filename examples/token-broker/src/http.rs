//! The routes.

use std::error::Error;
use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use mcp_auth::obo::ClaimsChallenge;
use mcp_auth::{Caller, EntraApp, Protected};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer;
use crate::broker::{Broker, Refused};
use crate::config::Config;
use crate::health;

/// A name and a claims challenge; nothing a client sends is longer.
const BODY_LIMIT: usize = 16 * 1024;

/// The broker behind its guard, and the probes, which are open.
pub fn application(config: &Config, entra: &EntraApp) -> Result<Protected, Box<dyn Error>> {
    let routes = Router::new()
        .route("/v1/token", post(token))
        .route("/v1/downstreams", get(downstreams))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::new(Broker::new(config, entra)?));
    Ok(entra
        .guard(config.callers()?)?
        .protect(routes)
        .public(health::router(entra.authenticator().clone()))
        .probes_at("/healthz", "/readyz")
        .layer(from_fn(never_stored)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    downstream: String,
    /// The claims challenge of the downstream API, base64 as it stood in its header.
    claims: Option<String>,
}

async fn token(
    State(broker): State<Arc<Broker>>,
    caller: Caller,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Response {
    let wanted = match wanted {
        Ok(Json(wanted)) => wanted,
        Err(rejection) => {
            let text = "a JSON object with \"downstream\", and \"claims\" if there are any";
            let status = match rejection.status() {
                too_much @ (StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNSUPPORTED_MEDIA_TYPE) => {
                    too_much
                }
                _ => StatusCode::BAD_REQUEST,
            };
            return answer::error(status, "invalid_request", text);
        }
    };
    let claims = match wanted.claims.as_deref().map(ClaimsChallenge::from_base64) {
        None => None,
        Some(Ok(claims)) => Some(claims),
        Some(Err(_)) => {
            let text = "\"claims\" is the base64 of a claims challenge";
            return answer::error(StatusCode::BAD_REQUEST, "invalid_request", text);
        }
    };
    match broker.token(&caller, &wanted.downstream, claims).await {
        Ok(token) => answer::token(&token),
        Err(Refused::NotAllowed) => {
            let text = "there is no such token for this caller";
            answer::error(StatusCode::FORBIDDEN, "not_allowed", text)
        }
        Err(Refused::ClaimsOfTheBroker) => {
            let text = "\"claims\" are for tokens of the calling user";
            answer::error(StatusCode::BAD_REQUEST, "invalid_request", text)
        }
        Err(Refused::NoToken(error)) => error.into_response(),
    }
}

async fn downstreams(State(broker): State<Arc<Broker>>, caller: Caller) -> Json<Value> {
    let names = broker.names_for(&caller);
    Json(json!({ "downstreams": names }))
}

/// Also for what the framework answers by itself: an unknown path, a wrong method.
async fn never_stored(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}
