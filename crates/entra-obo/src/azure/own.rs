//! A credential that is nobody's but its own.

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use foundry_scopes::{Audience, ScopeSet};

use super::asked::Resources;
use super::convert::answer;
use crate::{AgentIdentity, AgentUser, ExchangeClient, ExchangeError, ManagedIdentity};

/// A credential of the Azure SDK for one fixed identity that is not a user who calls. One SDK
/// client with it may serve everybody.
///
/// ```
/// use azure_core::credentials::TokenCredential;
/// use entra_obo::ManagedIdentity;
/// use entra_obo::azure::OwnCredential;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let credential = OwnCredential::managed_identity(&ManagedIdentity::imds().build()?);
///
/// // Two resources in one request are refused before anything is sent.
/// let scopes = ["https://vault.azure.net/.default", "https://storage.azure.com/.default"];
/// let error = credential.get_token(&scopes, None).await.unwrap_err();
/// assert!(error.to_string().contains("a token is for one resource"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OwnCredential {
    identity: Identity,
    resources: Resources,
}

#[derive(Clone, Debug)]
enum Identity {
    Application(ExchangeClient),
    Agent(AgentIdentity),
    AgentUser(AgentIdentity, AgentUser),
    Managed(ManagedIdentity),
}

impl OwnCredential {
    /// The application itself, with its roles (client credentials).
    #[must_use]
    pub fn application(client: &ExchangeClient) -> Self {
        Self::of(Identity::Application(client.clone()))
    }

    /// An agent identity on its own.
    #[must_use]
    pub fn agent(agent: &AgentIdentity) -> Self {
        Self::of(Identity::Agent(agent.clone()))
    }

    /// An agent's user account.
    #[must_use]
    pub fn agent_user(agent: &AgentIdentity, user: AgentUser) -> Self {
        Self::of(Identity::AgentUser(agent.clone(), user))
    }

    /// What runs on a platform of Azure.
    #[must_use]
    pub fn managed_identity(identity: &ManagedIdentity) -> Self {
        Self::of(Identity::Managed(identity.clone()))
    }

    fn of(identity: Identity) -> Self {
        Self {
            identity,
            resources: Resources::default(),
        }
    }

    /// Bounds it to these resources, in any of their spellings, whatever an SDK client or a
    /// server that it talks to asks for.
    #[must_use]
    pub fn only(mut self, resources: impl IntoIterator<Item = Audience>) -> Self {
        self.resources = Resources::only(resources);
        self
    }

    async fn token(&self, scopes: ScopeSet) -> Result<crate::AccessToken, ExchangeError> {
        match &self.identity {
            Identity::Application(client) => client.own(scopes)?.token().await,
            Identity::Agent(agent) => agent.own(scopes)?.token().await,
            Identity::AgentUser(agent, user) => {
                agent.user_account(user.clone(), scopes)?.token().await
            }
            Identity::Managed(identity) => match scopes.scopes() {
                [scope] => identity.token(scope).await,
                _ => Err(ExchangeError::Configuration {
                    reason: "a managed identity asks for <resource>/.default",
                }),
            },
        }
    }
}

#[async_trait]
impl TokenCredential for OwnCredential {
    /// The options carry tracing context only, and no claims: the scopes decide.
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let scopes = self.resources.read(scopes)?;
        answer(self.token(scopes).await)
    }
}
