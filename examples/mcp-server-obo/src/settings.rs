//! What the server has to know, and where a real tenant's values come from.

use std::error::Error;

use foundry_scopes::{Endpoint, EndpointKind, Scope};
use mcp_auth::EntraApp;

/// Where clients reach the server, who it is at Entra ID, and what it calls.
pub struct Settings {
    /// The public URL of the MCP endpoint.
    pub mcp_url: String,
    /// The app registration: who may call, and what it calls on with.
    pub entra: EntraApp,
    /// Origin of Microsoft Graph.
    pub graph: String,
    pub foundry: Foundry,
}

/// A Foundry project.
pub struct Foundry {
    /// Ends in `/api/projects/<project>`.
    pub project_url: String,
    /// What to ask Entra ID for.
    pub scope: Scope,
    /// The deployment that answers.
    pub model: String,
}

impl Settings {
    /// The settings of a real tenant, if the environment names one.
    pub fn from_environment(port: u16) -> Result<Option<Self>, Box<dyn Error>> {
        if optional("AZURE_TENANT_ID").is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            mcp_url: optional("MCP_PUBLIC_URL").unwrap_or_else(|| local_url(port)),
            // Any credential: certificate, federated token, managed identity or secret.
            entra: EntraApp::from_env()?,
            graph: "https://graph.microsoft.com".to_owned(),
            foundry: Foundry::pasted(
                &needed("FOUNDRY_PROJECT_ENDPOINT")?,
                needed("FOUNDRY_MODEL")?,
            )?,
        }))
    }
}

impl Foundry {
    /// From an endpoint as people paste it: only the project of it counts.
    pub fn pasted(endpoint: &str, model: String) -> Result<Self, Box<dyn Error>> {
        let endpoint = Endpoint::parse(endpoint)?;
        let is_project = matches!(
            endpoint.kind(),
            EndpointKind::FoundryProject | EndpointKind::ProjectOpenAi
        );
        let Some(project) = endpoint.project().filter(|_| is_project) else {
            return Err(format!(
                "{} is {}; a project's endpoint is needed: https://<resource>.services.ai.azure.com/api/projects/<project>",
                endpoint.base_url(),
                endpoint.kind()
            )
            .into());
        };
        Ok(Self {
            project_url: format!("{}/api/projects/{project}", endpoint.origin()),
            scope: endpoint.scope().clone(),
            model,
        })
    }
}

/// Where clients on this machine reach the server.
pub fn local_url(port: u16) -> String {
    format!("http://localhost:{port}/mcp")
}

fn optional(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.trim().is_empty())
}

fn needed(name: &str) -> Result<String, String> {
    optional(name).ok_or_else(|| {
        format!("AZURE_TENANT_ID is set, so {name} is needed too (or --offline); see README.md")
    })
}
