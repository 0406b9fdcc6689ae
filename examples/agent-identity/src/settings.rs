//! What the parts have to know, and where a real tenant's values come from.

use std::error::Error;

use entra_obo::{AgentUser, ExchangeClient};
use mcp_auth::EntraApp;
use mcp_auth::scopes::ClientId;

/// The registrations of the story and where Microsoft Graph is.
pub struct Settings {
    /// The app's own registration, a public client: at it the user signs in.
    pub app: ClientId,
    /// The blueprint as an API: its audience is that of the user's token for the agent.
    pub blueprint: EntraApp,
    /// The blueprint as a client, with its credential.
    pub credentials: ExchangeClient,
    /// The agent identity.
    pub agent: ClientId,
    /// The agent's own user account, if it has one.
    pub account: Option<AgentUser>,
    /// The self-hosted MCP server, and the API behind it.
    pub mcp: EntraApp,
    pub api: EntraApp,
    /// Origin of Microsoft Graph.
    pub graph: String,
}

/// Whether the environment names a tenant.
pub fn is_configured() -> bool {
    variable("AZURE_TENANT_ID").is_some()
}

impl Settings {
    pub fn from_environment() -> Result<Self, Box<dyn Error>> {
        let blueprint = EntraApp::from_env()?;
        Ok(Self {
            app: ClientId::parse(&needed("AGENT_APP_CLIENT_ID")?)?,
            // Any credential: certificate, federated token, managed identity or secret.
            credentials: blueprint.exchange()?.clone(),
            blueprint,
            agent: ClientId::parse(&needed("AGENT_CLIENT_ID")?)?,
            account: variable("AGENT_USER").map(AgentUser::upn).transpose()?,
            mcp: prefixed("MCP_")?,
            api: prefixed("API_")?,
            graph: "https://graph.microsoft.com".to_owned(),
        })
    }
}

/// A registration of the same tenant by variables with a prefix: `MCP_AZURE_CLIENT_ID`.
fn prefixed(prefix: &str) -> Result<EntraApp, Box<dyn Error>> {
    let own = std::env::vars().filter_map(|(name, value)| {
        let name = name.strip_prefix(prefix)?;
        Some((name.to_owned(), value))
    });
    let shared = ["AZURE_TENANT_ID", "AZURE_AUTHORITY_HOST"];
    let shared = shared
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), variable(name)?)));
    let all: Vec<_> = shared.chain(own).collect();
    EntraApp::from_variables(all)
        .map_err(|error| format!("with the prefix {prefix}: {error}").into())
}

pub fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.trim().is_empty())
}

pub fn needed(name: &str) -> Result<String, String> {
    variable(name).ok_or_else(|| format!("{name} is needed; see README.md"))
}
