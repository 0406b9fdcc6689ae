//! Base URL and scope for each family of client libraries.

use super::kind::EndpointKind as Kind;
use super::{Endpoint, hosts};
use crate::catalogue::{AZURE_AI, COGNITIVE_SERVICES};
use crate::cloud::Cloud;
use crate::scope::Scope;

/// A family of clients, by the name of the setting that takes the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Client {
    /// `azure_endpoint` of `AzureOpenAI` in the openai libraries; also `AZURE_OPENAI_ENDPOINT`.
    AzureOpenAi,
    /// `base_url` of `OpenAI` in the openai libraries.
    OpenAi,
    /// `endpoint` of azure-ai-projects and azure-ai-agents.
    AiProjects,
    /// `endpoint` of azure-ai-inference.
    AiInference,
    /// `base_url` of `AnthropicFoundry`.
    Anthropic,
}

impl Client {
    /// All families.
    pub const ALL: &'static [Self] = &[
        Self::AzureOpenAi,
        Self::OpenAi,
        Self::AiProjects,
        Self::AiInference,
        Self::Anthropic,
    ];

    /// The stable name, for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AzureOpenAi => "azure_endpoint",
            Self::OpenAi => "openai_base_url",
            Self::AiProjects => "azure_ai_projects",
            Self::AiInference => "azure_ai_inference",
            Self::Anthropic => "anthropic_base_url",
        }
    }
}

/// The address for one family of clients, and the scope it then needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    url: String,
    scope: Scope,
}

impl ClientAddress {
    /// The address, in the form that the client's documentation shows.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The scope to request: another client may reach the same account with another one.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Endpoint {
    /// What to give to a client of this family, if it can use this endpoint.
    ///
    /// ```
    /// use foundry_scopes::{Client, Endpoint};
    ///
    /// let endpoint = Endpoint::parse("https://contoso.openai.azure.com/")?;
    /// let classic = endpoint.for_client(Client::AzureOpenAi).unwrap();
    /// assert_eq!(classic.url(), "https://contoso.openai.azure.com");
    /// assert_eq!(classic.scope().as_str(), "https://cognitiveservices.azure.com/.default");
    ///
    /// let v1 = endpoint.for_client(Client::OpenAi).unwrap();
    /// assert_eq!(v1.url(), "https://contoso.openai.azure.com/openai/v1/");
    /// assert_eq!(v1.scope().as_str(), "https://ai.azure.com/.default");
    ///
    /// assert!(endpoint.for_client(Client::AiProjects).is_none());
    /// # Ok::<(), foundry_scopes::EndpointError>(())
    /// ```
    #[must_use]
    pub fn for_client(&self, client: Client) -> Option<ClientAddress> {
        let origin = self.origin();
        let classic = || COGNITIVE_SERVICES.default_scope(&self.cloud);
        let (url, scope) = match client {
            // No slash at the end: samples append `/openai/v1/` to the same variable.
            Client::AzureOpenAi if self.is_account() || self.is_project() => (origin, classic()?),
            Client::OpenAi if self.is_account() => {
                (format!("{origin}/openai/v1/"), v1_scope(&self.cloud)?)
            }
            Client::OpenAi => (self.project_openai_url()?, self.scope.clone()),
            Client::AiProjects => (self.project_url()?, self.scope.clone()),
            Client::AiInference if self.is_foundry_account() => {
                (format!("{origin}/models"), classic()?)
            }
            Client::Anthropic if self.is_foundry_account() => (
                format!("{origin}/anthropic/"),
                AZURE_AI.default_scope(&self.cloud)?,
            ),
            _ => return None,
        };
        Some(ClientAddress { url, scope })
    }

    /// The project's own address, if the endpoint is in a project.
    fn project_url(&self) -> Option<String> {
        let project = self.project()?;
        let here = !matches!(self.kind, Kind::ResourceManager | Kind::HubProject);
        here.then(|| format!("{}/api/projects/{project}", self.origin()))
    }

    fn project_openai_url(&self) -> Option<String> {
        match self.kind {
            Kind::FoundryProject | Kind::ProjectOpenAi => {
                Some(format!("{}/openai/v1", self.project_url()?))
            }
            Kind::FoundryAgent | Kind::FoundryApplication
                if self.protocol == Some(super::AgentProtocol::Responses) =>
            {
                Some(self.base_url.clone())
            }
            _ => None,
        }
    }

    /// Whether the endpoint is an account that serves models under `/openai`.
    fn is_account(&self) -> bool {
        matches!(
            self.kind,
            Kind::AzureOpenAi | Kind::OpenAiV1 | Kind::CognitiveServices
        ) || self.is_foundry_account()
    }

    fn is_project(&self) -> bool {
        matches!(self.kind, Kind::FoundryProject | Kind::ProjectOpenAi)
    }

    pub(super) fn is_on_foundry_host(&self) -> bool {
        hosts::find(self.host())
            .is_ok_and(|found| matches!(found.row.service, hosts::Service::Foundry))
    }

    fn is_foundry_account(&self) -> bool {
        matches!(
            self.kind,
            Kind::FoundryResource
                | Kind::OpenAiV1
                | Kind::ModelInference
                | Kind::Anthropic
                | Kind::ModelProvider
        ) && self.is_on_foundry_host()
    }
}

/// The audience documented for `/openai/v1`; where the cloud has no row for it, the
/// classic one, which shipped clients use on the same path.
fn v1_scope(cloud: &Cloud) -> Option<Scope> {
    AZURE_AI
        .default_scope(cloud)
        .or_else(|| COGNITIVE_SERVICES.default_scope(cloud))
}
