//! Agent identities (Microsoft Entra Agent ID): a blueprint holds the credentials, an agent
//! identity has none and acts through it.
//!
//! Up to three requests make one token. All of them ask one cloud and one tenant, which the
//! [`AgentIdentity`] fixes, and the tokens in between never leave this module: they are
//! credentials, and good for nothing else.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use entra_claims::transport::BoxFuture;
use foundry_scopes::{ClientId, ScopeSet, TenantAuthority, catalogue};

use super::downstream::{AppDownstream, Downstream};
use super::grant::{AgentUser, Grant};
use super::prepared::{Blueprint, Core, Prepared, Prover};
use crate::cache::key::{Flow, NO_ASSERTION};
use crate::credential::Proof;
use crate::error::ExchangeError;
use crate::secret::Secret;
use crate::token::AccessToken;

/// One agent identity of a blueprint.
///
/// Made with [`ExchangeClient::agent`](crate::ExchangeClient::agent) of the client that is
/// the blueprint. The tenant is the agent identity's home, also if the blueprint is
/// registered elsewhere (AADSTS700211 otherwise).
///
/// | method | the token says |
/// | --- | --- |
/// | [`for_app`](Self::for_app) | the agent, acting alone, with its roles |
/// | [`downstream`](Self::downstream) | a user, with the agent as client |
/// | [`user_account`](Self::user_account) | the agent's user account |
///
/// An administrator grants an agent identity its permissions, or the blueprint's inheritable
/// permissions do. A page for a user's consent may be refused (AADSTS82014): see
/// [`Consent::agent_pages`](crate::Consent::agent_pages).
///
/// A single-instance agent shares its client id with its blueprint. It is an ordinary client: use
/// [`ExchangeClient`](crate::ExchangeClient) as it is, without this type.
#[derive(Clone)]
pub struct AgentIdentity {
    core: Arc<Core>,
    authority: TenantAuthority,
    legs: Arc<Legs>,
}

impl AgentIdentity {
    pub(super) fn new(
        core: Arc<Core>,
        authority: TenantAuthority,
        agent: ClientId,
    ) -> Result<Self, ExchangeError> {
        let legs = Arc::new(Legs::new(&core, &authority, agent)?);
        Ok(Self {
            core,
            authority,
            legs,
        })
    }

    /// The agent identity's client id.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        self.legs.agent
    }

    /// Its authority.
    #[must_use]
    pub fn authority(&self) -> &TenantAuthority {
        &self.authority
    }

    /// The agent on its own (Entra doc "Agent OAuth flows: autonomous app flow").
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): scopes other than `<resource>/.default`.
    pub fn for_app(&self, scopes: ScopeSet) -> Result<AppDownstream, ExchangeError> {
        let request = self.prepare(Flow::ClientCredentials, scopes)?;
        let key = request.prefix.key(&NO_ASSERTION);
        Ok(AppDownstream::new(request, Grant::ClientCredentials, key))
    }

    /// The agent on behalf of a user (Entra doc "Agent OAuth flows: on-behalf-of flow").
    /// The user's token has the *blueprint* as its audience.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): OpenID Connect scopes.
    pub fn downstream(&self, scopes: ScopeSet) -> Result<Downstream, ExchangeError> {
        let request = self.prepare(Flow::OnBehalfOf, scopes)?;
        Ok(Downstream::new(request))
    }

    /// The agent's user account (Entra doc "Agent's user account impersonation protocol").
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): OpenID Connect scopes.
    pub fn user_account(
        &self,
        user: AgentUser,
        scopes: ScopeSet,
    ) -> Result<AppDownstream, ExchangeError> {
        let request = self.prepare(Flow::AgentUser, scopes)?;
        let selector = digest(&SHA256, user.selector().as_bytes());
        let selector = selector.as_ref().first_chunk().unwrap_or(&NO_ASSERTION);
        let key = request.prefix.key(selector);
        Ok(AppDownstream::new(request, Grant::AgentUser(user), key))
    }

    fn prepare(&self, flow: Flow, scopes: ScopeSet) -> Result<Prepared, ExchangeError> {
        let prover = Prover::Blueprint(Arc::clone(&self.legs) as Arc<dyn Blueprint>);
        Prepared::new(&self.core, self.authority.clone(), prover, flow, scopes)
    }
}

impl fmt::Debug for AgentIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentIdentity")
            .field("client_id", &self.legs.agent)
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

/// The requests before the last one, each cached and shared by itself.
pub(super) struct Legs {
    agent: ClientId,
    /// The blueprint's token with which the agent identity authenticates.
    exchange: AppDownstream,
    /// The agent identity's own, which stands for it towards its user account.
    user_exchange: Option<Box<AppDownstream>>,
}

impl Legs {
    fn new(
        core: &Arc<Core>,
        authority: &TenantAuthority,
        agent: ClientId,
    ) -> Result<Self, ExchangeError> {
        let Some(scope) = catalogue::AZURE_AD_TOKEN_EXCHANGE.default_scope(authority.cloud())
        else {
            return Err(ExchangeError::configuration(
                "the audience of token exchanges is not known for this cloud",
            ));
        };
        let scopes = ScopeSet::from(scope);
        let request = Prepared::made_for(
            core,
            authority.clone(),
            Prover::Client,
            Flow::AgentExchange,
            scopes.clone(),
            Some(agent),
        )?;
        let key = request.prefix.key(&NO_ASSERTION);
        let grant = Grant::ExchangeTokenFor(agent);
        let exchange = AppDownstream::new(request, grant, key);
        let first = Self {
            agent,
            exchange: exchange.clone(),
            user_exchange: None,
        };
        let request = Prepared::new(
            core,
            authority.clone(),
            Prover::Blueprint(Arc::new(first)),
            Flow::AgentUserExchange,
            scopes,
        )?;
        let key = request.prefix.key(&NO_ASSERTION);
        let grant = Grant::ClientCredentials;
        let user_exchange = AppDownstream::new(request, grant, key);
        Ok(Self {
            agent,
            exchange,
            user_exchange: Some(Box::new(user_exchange)),
        })
    }
}

impl Blueprint for Legs {
    fn agent(&self) -> ClientId {
        self.agent
    }

    fn proof(&self, renew: bool) -> BoxFuture<'_, Result<Proof, ExchangeError>> {
        Box::pin(async move {
            let token = token(&self.exchange, renew).await?;
            Ok(Proof::Assertion(Arc::new(Secret::new(token.expose()))))
        })
    }

    fn user_exchange(&self, renew: bool) -> BoxFuture<'_, Result<AccessToken, ExchangeError>> {
        Box::pin(async move {
            match &self.user_exchange {
                Some(leg) => token(leg, renew).await,
                None => Err(ExchangeError::configuration(
                    "an exchange token is not asked for with itself",
                )),
            }
        })
    }
}

async fn token(leg: &AppDownstream, renew: bool) -> Result<AccessToken, ExchangeError> {
    if renew {
        leg.renewed().await
    } else {
        leg.token().await
    }
}
