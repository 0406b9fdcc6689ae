//! Everything that runs: a local Entra ID, the Orders API, the MCP server.

use std::error::Error;

use entra_emulator::{Directory, Emulator, Reading, demo};
use foundry_scopes::{Cloud, TenantAuthority, TenantId};

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
        // The only line that differs from production, where it is `Cloud::public()`.
        let cloud = Cloud::loopback(emulator.base_url())?;
        let authority = TenantAuthority::new(cloud, TenantId::parse(demo::TENANT)?);

        let orders_url = orders_api::start(&authority).await?;
        let (mcp_url, server_log) = mcp_server::start(&authority, orders_url).await?;
        Ok(Self {
            emulator,
            authority,
            mcp_url,
            server_log,
        })
    }
}
