//! The probes: whether the process lives, and whether it can decide about tokens.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use entra_claims::Authenticator;
use serde_json::json;

use crate::answer;

pub fn router(authenticator: Authenticator) -> Router {
    Router::new()
        .route("/healthz", get(live))
        .route("/readyz", get(ready))
        .with_state(authenticator)
}

async fn live() -> Response {
    answer::json(StatusCode::OK, json!({ "status": "alive" }))
}

/// Ready while the signing keys of every tenant are at hand, be they old: tokens are
/// decided with them. An age that grows beyond half a day says that fetching fails.
async fn ready(State(authenticator): State<Authenticator>) -> Response {
    let health = authenticator.key_health();
    let keys: Vec<_> = health
        .iter()
        .map(|keys| {
            json!({
                "tenant": keys.tenant.map(|tenant| tenant.to_string()),
                "count": keys.keys,
                "age_seconds": keys.age.map(|age| age.as_secs()),
                "failing_for_seconds": keys.degraded_for.map(|time| time.as_secs()),
            })
        })
        .collect();
    let (status, word) = match authenticator.ready() {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    answer::json(status, json!({ "status": word, "keys": keys }))
}
