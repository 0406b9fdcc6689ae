//! A prepared downstream for one identity that is not a user who calls.

use std::fmt;
use std::sync::Arc;

use foundry_scopes::ScopeSet;

use super::core::Core;
use super::exchange::Exchange;
use super::grant::Grant;
use super::prepared::Prepared;
use crate::cache::Key;
use crate::engine::Call;
use crate::{AccessToken, ClaimsChallenge, ExchangeError};

/// Tokens for one downstream resource as one fixed identity: the application itself, an
/// agent identity, or an agent's user account.
///
/// Prepared once with [`ExchangeClient::own`](crate::ExchangeClient::own),
/// [`AgentIdentity::own`](crate::AgentIdentity::own) or
/// [`AgentIdentity::user_account`](crate::AgentIdentity::user_account); cloning copies
/// pointers. Cached, renewed ahead of time and shared between callers exactly as
/// [`Downstream`](crate::Downstream) does it for users.
#[derive(Clone)]
pub struct OwnDownstream {
    core: Arc<Core>,
    request: Arc<Prepared>,
    grant: Grant,
    key: Key,
    challenge: Option<ClaimsChallenge>,
}

impl OwnDownstream {
    pub(super) fn new(core: Arc<Core>, request: Prepared, grant: Grant, key: Key) -> Self {
        Self {
            core,
            request: Arc::new(request),
            grant,
            key,
            challenge: None,
        }
    }

    /// What is asked for.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        &self.request.scopes
    }

    /// The same downstream, asked with the claims that its API demands. Nobody is there to
    /// sign in: what such an identity cannot satisfy, nothing will.
    #[must_use]
    pub fn with_claims(&self, challenge: ClaimsChallenge) -> Self {
        Self {
            challenge: Some(challenge),
            ..self.clone()
        }
    }

    /// A token: from the cache, from a request under way, or from Entra ID.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::Throttled`] while Entra ID asked for patience; otherwise what came
    /// back. Failures are never cached.
    ///
    /// # Panics
    ///
    /// On a tokio runtime without its time driver.
    pub async fn token(&self) -> Result<AccessToken, ExchangeError> {
        let challenge = self.challenge.as_ref().map(ClaimsChallenge::as_json);
        self.call(challenge).await
    }

    /// A token that was not in the cache before this call. Used where what was cached has
    /// just been refused.
    pub(crate) async fn renewed(&self) -> Result<AccessToken, ExchangeError> {
        self.call(Some("")).await
    }

    async fn call(&self, past_cache: Option<&str>) -> Result<AccessToken, ExchangeError> {
        let exchange = Exchange {
            core: Arc::clone(&self.core),
            request: Arc::clone(&self.request),
            grant: self.grant.clone(),
            challenge: self.challenge.clone(),
            key: self.key,
        };
        let call = Call {
            engine: &self.core.engine,
            key: self.key,
            line: self.request.prefix,
            owner: None,
            past_cache,
            work: &exchange,
        };
        call.token().await
    }
}

impl fmt::Debug for OwnDownstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnDownstream")
            .field("authority", &self.request.authority)
            .field("client", &self.request.client)
            .field("scopes", &self.request.scope)
            .finish_non_exhaustive()
    }
}
