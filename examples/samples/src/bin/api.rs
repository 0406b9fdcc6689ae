//! An API: two routes with different needs, one of which calls Microsoft Graph as the user.

use axum::{Router, extract::State, routing};
use mcp_auth::obo::Downstream;
use mcp_auth::{Caller, EntraApp, OnBehalfOfError, ServeLimits, listen, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init(); // why a request was refused is in the log
    let entra = EntraApp::from_env()?;
    let graph = entra.downstream("https://graph.microsoft.com/User.Read")?;
    let me = Router::new().route("/me", routing::get(me));
    let orders = Router::new().route("/orders", routing::post(order));
    let (read, write) = (entra.guard("orders.read")?, entra.guard("orders.write")?);
    let app = read.protect(me.with_state(graph)).and(write, orders);
    let address = std::env::var("BIND").unwrap_or("127.0.0.1:3000".to_owned());
    let listener = listen(address).await?;
    Ok(serve(listener, app, ServeLimits::default()).await?)
}

async fn me(State(graph): State<Downstream>, caller: Caller) -> Result<String, OnBehalfOfError> {
    let token = caller.on_behalf_of(&graph).await?; // `.bearer_auth(token.expose())`
    Ok(format!("a token for Graph until {}", token.expires_at()))
}

async fn order(caller: Caller) -> String {
    format!("ordered by {}", caller.principal().object())
}
