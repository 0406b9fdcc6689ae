//! The front door: settings, protected applications, the server, MCP servers.

mod app;
mod mcp;
mod protected;
mod serve;
mod settings;

use axum::body::Body;
use entra_emulator::{Emulator, demo};
use http::{Request, Response};
use mcp_auth::{EntraApp, Protected};
use tower::ServiceExt as _;

/// The demo tenant's MCP server, by the variables that a program would have.
pub(crate) fn entra(emulator: &Emulator) -> EntraApp {
    EntraApp::from_variables([
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", demo::MCP_SERVER),
        ("AZURE_CLIENT_SECRET", demo::MCP_SERVER_SECRET),
        ("AZURE_AUTHORITY_HOST", emulator.base_url()),
    ])
    .unwrap()
}

/// Alice's token for the MCP server, with these scopes.
pub(crate) fn token(emulator: &Emulator, scopes: &[&str]) -> String {
    let (client, server) = (demo::MCP_CLIENT, demo::MCP_SERVER);
    let forge = emulator.forge();
    let token = forge.user_token(demo::TENANT, demo::ALICE, client, server, scopes);
    token.unwrap().sign().unwrap()
}

pub(crate) async fn get(app: &Protected, path: &str, token: Option<&str>) -> Response<Body> {
    let mut request = Request::get(path).header("host", "127.0.0.1");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

pub(crate) async fn text(answer: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20)
        .await
        .unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}
