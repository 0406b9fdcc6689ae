//! The downstream API: an ordinary axum service that validates what it gets on its own
//! and answers whom it saw.

use std::error::Error;

use axum::{Json, Router, routing::get};
use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
use entra_emulator::demo;
use foundry_scopes::{AppIdUri, ClientId, ScopeName, TenantAuthority};
use mcp_auth::{AuthLayer, Caller};
use serde_json::{Value, json};

/// Starts the API and returns its base URL.
pub async fn start(authority: &TenantAuthority) -> Result<String, Box<dyn Error>> {
    let validator = Validator::new(
        authority.cloud().clone(),
        TenantPolicy::single(authority.tenant()),
        AcceptedAudiences::for_client(ClientId::parse(demo::ORDERS_API)?),
    );
    let guard = AuthLayer::for_api(
        Authenticator::new(validator)?,
        AppIdUri::parse(demo::ORDERS_API_URI)?,
        Requirement::scope(ScopeName::parse(demo::ORDERS_READ)?),
    )?;
    let app = Router::new().route("/orders", get(orders)).layer(guard);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://localhost:{}", listener.local_addr()?.port());
    tokio::spawn(async move { axum::serve(listener, app).await });
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
