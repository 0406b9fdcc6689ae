//! A credential that is one user.

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use foundry_scopes::{Audience, ScopeSet};

use super::asked::Resources;
use super::convert::answer;
use crate::{AgentIdentity, Downstream, ExchangeClient, ExchangeError, UserAssertion};

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
    pub fn of_agent(agent: &AgentIdentity, assertion: UserAssertion) -> Self {
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
            Ok(downstream) => downstream.token_for(&self.assertion).await,
            Err(error) => Err(error),
        };
        answer(got)
    }
}
