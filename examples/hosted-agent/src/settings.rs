//! What the platform puts into the container's environment, and what is configured beside it.

use std::error::Error;

use foundry_scopes::{ClientId, Endpoint, EndpointKind, Scope};
use mcp_auth::obo::managed_identity::{IdentitySelector, ManagedIdentity};

use crate::consent::ConsentHosts;

/// Hosts of the pages on which people consent to the connections of a toolbox.
const CONSENT_HOSTS: &str = ".consent.azure-apim.net,.consent.azure-apihub.net";

pub struct Settings {
    /// Ends in `/api/projects/<project>`.
    pub project: String,
    /// What to ask the managed identity for: `https://ai.azure.com/.default`.
    pub scope: Scope,
    /// The agent's own identity: no token of a user ever reaches this container.
    pub identity: ManagedIdentity,
    pub toolbox: String,
    pub tool: String,
    /// The model that words the answer; without it the tool's own words are the answer.
    pub model: Option<String>,
    pub consent_hosts: ConsentHosts,
}

/// Whether this runs on the platform.
pub fn is_configured() -> bool {
    variable("FOUNDRY_PROJECT_ENDPOINT").is_some()
}

impl Settings {
    pub fn from_environment() -> Result<Self, Box<dyn Error>> {
        let endpoint = Endpoint::parse(&needed("FOUNDRY_PROJECT_ENDPOINT")?)?;
        let is_project = endpoint.kind() == EndpointKind::FoundryProject;
        let project = endpoint.project().filter(|_| is_project);
        let project = project.ok_or("FOUNDRY_PROJECT_ENDPOINT is no project's endpoint")?;
        let mut identity = ManagedIdentity::from_environment();
        if let Some(id) = variable("FOUNDRY_AGENT_INSTANCE_CLIENT_ID") {
            identity = identity.identity(IdentitySelector::Client(ClientId::parse(&id)?));
        }
        let hosts = variable("CONSENT_HOSTS").unwrap_or_else(|| CONSENT_HOSTS.to_owned());
        Ok(Self {
            project: format!("{}/api/projects/{project}", endpoint.origin()),
            scope: endpoint.scope().clone(),
            identity: identity.build()?,
            toolbox: needed("TOOLBOX_NAME")?,
            tool: needed("TOOLBOX_TOOL")?,
            model: variable("MODEL_DEPLOYMENT"),
            consent_hosts: ConsentHosts::parse(&hosts)?,
        })
    }
}

pub fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.trim().is_empty())
}

fn needed(name: &str) -> Result<String, String> {
    variable(name).ok_or_else(|| format!("{name} is needed; see README.md"))
}
