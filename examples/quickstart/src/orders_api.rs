//! The downstream API: an ordinary axum service that validates what it gets on its own
//! and answers whom it saw.

use std::error::Error;

use axum::{Json, Router, routing::get};
use entra_emulator::demo;
use mcp_auth::{Caller, EntraApp, ServeLimits};
use serde_json::{Value, json};

/// Starts the API and returns its base URL.
pub async fn start(entra: &EntraApp) -> Result<String, Box<dyn Error>> {
    let app = entra
        .guard(demo::ORDERS_READ)?
        .protect(Router::new().route("/orders", get(orders)));
    let listener = mcp_auth::listen("127.0.0.1:0").await?;
    let url = format!("http://localhost:{}", listener.local_addr()?.port());
    // A service calls `mcp_auth::serve`, which drains at SIGTERM; the story ends with its process.
    let forever = std::future::pending();
    tokio::spawn(mcp_auth::serve_until(
        listener,
        app,
        ServeLimits::default(),
        forever,
    ));
    Ok(url)
}

async fn orders(caller: Caller) -> Json<Value> {
    let principal = caller.principal();
    Json(json!({
        "orders": ["4711: 12 bicycles", "4712: 1 tandem"],
        "saw": {
            "tenant": principal.tenant().to_string(),
            "object": principal.object().to_string(),
            "client": principal.client().to_string(),
            "kind": format!("{:?}", principal.kind()),
            "audience": caller.token().claims().aud(),
        },
    }))
}
