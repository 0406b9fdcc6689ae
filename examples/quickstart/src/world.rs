//! Everything that runs: a local Entra ID, the Orders API, the MCP server.

use std::error::Error;

use entra_emulator::{Directory, Emulator, Reading, demo};
use mcp_auth::EntraApp;
use mcp_auth::scopes::TenantAuthority;

use crate::{mcp_server, orders_api};

/// Where the browser is sent back to. Nobody listens there: the story reads the code from
/// the redirect itself.
pub const REDIRECT_URI: &str = "http://localhost:53682/callback";

pub struct World {
    pub emulator: Emulator,
    pub authority: TenantAuthority,
    /// URL of the MCP endpoint.
    pub mcp_url: String,
    /// What the MCP server logged, newest last.
    pub server_log: mcp_server::ServerLog,
}

impl World {
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        // A token has the scopes that were asked for, so that one without a scope can be shown.
        let directory = Directory::demo().reading(Reading::ScopesAsRequested);
        let emulator = Emulator::start(directory).await?;
        let orders_url = orders_api::start(&api(&emulator, demo::ORDERS_API, None)?).await?;
        let server = api(&emulator, demo::MCP_SERVER, Some(demo::MCP_SERVER_SECRET))?;
        let (mcp_url, server_log) = mcp_server::start(&server, orders_url).await?;
        Ok(Self {
            emulator,
            authority: server.authority().clone(),
            mcp_url,
            server_log,
        })
    }
}

/// One app registration of the local tenant. `EntraApp::from_env()` reads the same variables: in production their
/// values are all that differs.
fn api(
    emulator: &Emulator,
    client: &str,
    secret: Option<&str>,
) -> Result<EntraApp, Box<dyn Error>> {
    Ok(EntraApp::from_variables([
        ("AZURE_AUTHORITY_HOST", emulator.base_url()),
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", client),
        // A guard needs no credential; an empty variable counts as absent.
        ("AZURE_CLIENT_SECRET", secret.unwrap_or_default()),
    ])?)
}
