//! An API: two routes with different needs, and a call to Microsoft Graph as the user.

use axum::extract::State;
use axum::routing::{get, post};
use axum::Router;
use mcp_auth::obo::Downstream;
use mcp_auth::{Caller, EntraApp, OnBehalfOfError, ServeLimits};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let entra = EntraApp::from_env()?;
    let graph = entra.downstream("https://graph.microsoft.com/User.Read")?;
    let orders = Router::new().route("/orders", post(place_order));
    let app = entra.guard("orders.read")?.protect(Router::new().route("/me", get(me)).with_state(graph));
    let app = app.and(entra.guard("orders.write")?, orders).probes();
    let address = std::env::var("BIND").unwrap_or("127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(mcp_auth::serve(listener, app, ServeLimits::default()).await?)
}

async fn me(State(graph): State<Downstream>, caller: Caller) -> Result<String, OnBehalfOfError> {
    let token = caller.on_behalf_of(&graph).await?; // for `.bearer_auth(token.expose())`
    Ok(format!("a token for Graph as {} until {}", caller.principal().object(), token.expires_at()))
}

async fn place_order(caller: Caller) -> String {
    format!("ordered by {}", caller.principal().object())
}
