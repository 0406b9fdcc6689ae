//! Age of the signing keys, for monitoring. Liveness and readiness are probes of `mcp_auth::Protected`.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use mcp_auth::claims::Authenticator;
use serde_json::{Value, json};

pub fn router(authenticator: Authenticator) -> Router {
    Router::new()
        .route("/healthz/keys", get(keys))
        .with_state(authenticator)
}

/// An age that grows beyond half a day says that fetching fails, while tokens are still decided.
async fn keys(State(authenticator): State<Authenticator>) -> Json<Value> {
    let health = authenticator.key_health();
    let keys = health.iter().map(|keys| {
        json!({
            "tenant": keys.tenant.map(|tenant| tenant.to_string()),
            "count": keys.keys,
            "age_seconds": keys.age.map(|age| age.as_secs()),
            "failing_for_seconds": keys.degraded_for.map(|time| time.as_secs()),
        })
    });
    Json(json!({ "keys": keys.collect::<Vec<_>>() }))
}
