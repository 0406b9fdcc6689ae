//! Everything that is Microsoft's in production, on this machine.

mod api;
mod directory;
mod foundry;
mod graph;

pub use directory::GRAPH;

use std::error::Error;

use entra_emulator::{Emulator, demo};
use mcp_auth::EntraApp;
use serde_json::{Value, json};

use crate::events::Events;
use crate::server::{READ, WRITE};
use crate::settings::{Foundry, Settings, local_url};

/// A local Entra ID, a Graph-like and a Foundry-like API.
pub struct Local {
    pub emulator: Emulator,
    graph: String,
    foundry: String,
    port: u16,
}

impl Local {
    /// Starts them, for a server on this port.
    pub async fn start(port: u16, events: Events) -> Result<Self, Box<dyn Error>> {
        let emulator = Emulator::start(directory::directory(port)).await?;
        let api = |client, uri| registration(&emulator, client, &[("ENTRA_IDENTIFIER_URI", uri)]);
        let graph = api(directory::GRAPH, directory::GRAPH_URI)?;
        let foundry = api(directory::FOUNDRY, directory::FOUNDRY_URI)?;
        Ok(Self {
            graph: graph::start(graph, events.clone()).await?,
            foundry: foundry::start(foundry, events).await?,
            emulator,
            port,
        })
    }

    /// What a real tenant's settings would be, with local addresses.
    pub fn settings(&self) -> Result<Settings, Box<dyn Error>> {
        let mut foundry = Foundry::pasted(
            "https://contoso.services.ai.azure.com/api/projects/demo",
            "gpt-5-mini".to_owned(),
        )?;
        foundry.project_url = format!("{}/api/projects/demo", self.foundry);
        let secret = ("AZURE_CLIENT_SECRET", demo::MCP_SERVER_SECRET);
        let entra = registration(&self.emulator, demo::MCP_SERVER, &[secret])?;
        Ok(Settings {
            mcp_url: local_url(self.port),
            entra,
            graph: self.graph.clone(),
            foundry,
        })
    }

    /// What a client needs to know to sign in.
    pub fn guide(&self) -> Value {
        let uri = demo::MCP_SERVER_URI;
        json!({
            "entra": self.emulator.base_url(),
            "control": format!("{}/__emulator", self.emulator.base_url()),
            "tenant": demo::TENANT,
            "client_id": demo::MCP_CLIENT,
            "server_client_id": demo::MCP_SERVER,
            "graph_client_id": directory::GRAPH,
            "redirect_uris": directory::REDIRECT_URIS,
            "scopes": { "read": format!("{uri}/{READ}"), "write": format!("{uri}/{WRITE}") },
            "users": {
                "alice": { "login_hint": demo::ALICE_UPN, "object": demo::ALICE },
                "bob": { "login_hint": demo::BOB_UPN, "object": demo::BOB },
            },
        })
    }
}

/// One registration of the local tenant, by the variables that `EntraApp::from_env` reads.
fn registration(
    emulator: &Emulator,
    client: &str,
    more: &[(&str, &str)],
) -> Result<EntraApp, Box<dyn Error>> {
    let all = [
        ("AZURE_AUTHORITY_HOST", emulator.base_url()),
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", client),
    ];
    Ok(EntraApp::from_variables(all.iter().chain(more).copied())?)
}
