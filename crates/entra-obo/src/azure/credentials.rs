//! Implementations of the Azure SDK's `TokenCredential`: one user, or one application identity.

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use foundry_scopes::{Audience, ScopeSet};

use super::{Resources, answer};
use crate::assertion::UserAssertion;
use crate::client::{AgentIdentity, AgentUser, Downstream, ExchangeClient};
use crate::error::ExchangeError;
use crate::managed_identity::ManagedIdentity;

/// A credential of the Azure SDK that acts on behalf of one user, and never of another.
///
/// Make one per request, with an SDK client of its own over a shared transport: the
/// [module](crate::azure) says why, and shows it. Making it copies pointers.
#[derive(Clone, Debug)]
pub struct OnBehalfOfCredential {
    acting: Acting,
    assertion: UserAssertion,
    resources: Resources,
}

/// Who acts for the user.
#[derive(Clone, Debug)]
enum Acting {
    Client(ExchangeClient),
    Agent(AgentIdentity),
}

impl Acting {
    fn downstream(&self, scopes: ScopeSet) -> Result<Downstream, ExchangeError> {
        match self {
            Self::Client(client) => client.downstream(scopes),
            Self::Agent(agent) => agent.downstream(scopes),
        }
    }
}

impl OnBehalfOfCredential {
    /// `client` on behalf of the user of `assertion`.
    #[must_use]
    pub fn new(client: &ExchangeClient, assertion: UserAssertion) -> Self {
        Self::of(Acting::Client(client.clone()), assertion)
    }

    /// An agent identity on behalf of the user of `assertion`, whose audience is the agent's
    /// blueprint.
    #[must_use]
    pub fn for_agent(agent: &AgentIdentity, assertion: UserAssertion) -> Self {
        Self::of(Acting::Agent(agent.clone()), assertion)
    }

    fn of(acting: Acting, assertion: UserAssertion) -> Self {
        Self {
            acting,
            assertion,
            resources: Resources::default(),
        }
    }

    /// Bounds it to these resources, in any of their spellings: the user's token for another
    /// one is not fetched, whatever an SDK client or a server that it talks to asks for.
    #[must_use]
    pub fn only(mut self, resources: impl IntoIterator<Item = Audience>) -> Self {
        self.resources = Resources::only(resources);
        self
    }
}

#[async_trait]
impl TokenCredential for OnBehalfOfCredential {
    /// The options carry tracing context only, and no claims: the scopes decide.
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let scopes = self.resources.read(scopes)?;
        let got = match self.acting.downstream(scopes) {
            Ok(downstream) => downstream.token_on_behalf_of(&self.assertion).await,
            Err(error) => Err(error),
        };
        answer(got)
    }
}

/// A credential of the Azure SDK for one fixed identity that is not a user who calls. One SDK
/// client with it may serve everybody.
///
/// ```
/// use azure_core::credentials::TokenCredential;
/// use entra_obo::managed_identity::ManagedIdentity;
/// use entra_obo::azure::AppCredential;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let credential = AppCredential::managed_identity(&ManagedIdentity::imds().build()?);
///
/// // Two resources in one request are refused before anything is sent.
/// let scopes = ["https://vault.azure.net/.default", "https://storage.azure.com/.default"];
/// let error = credential.get_token(&scopes, None).await.unwrap_err();
/// assert!(error.to_string().contains("a token is for one resource"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AppCredential {
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

impl AppCredential {
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
            Identity::Application(client) => client.for_app(scopes)?.token().await,
            Identity::Agent(agent) => agent.for_app(scopes)?.token().await,
            Identity::AgentUser(agent, user) => {
                agent.user_account(user.clone(), scopes)?.token().await
            }
            Identity::Managed(identity) => match scopes.scopes() {
                [scope] => identity.token(scope).await,
                _ => Err(ExchangeError::configuration(
                    "a managed identity asks for <resource>/.default",
                )),
            },
        }
    }
}

#[async_trait]
impl TokenCredential for AppCredential {
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
