//! A prepared downstream for one identity that is not a user who calls.

use std::fmt;
use std::sync::Arc;

use foundry_scopes::ScopeSet;

use super::core::Core;
use super::exchange::Exchange;
use super::grant::Grant;
use super::prepared::Prepared;
use crate::cache::Key;
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
pub struct OwnDownstream(Exchange);

impl OwnDownstream {
    pub(super) fn new(core: Arc<Core>, request: Prepared, grant: Grant, key: Key) -> Self {
        Self(Exchange {
            core,
            request: Arc::new(request),
            grant,
            challenge: None,
            key,
        })
    }

    /// What is asked for.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        &self.0.request.scopes
    }

    /// The same downstream, asked with the claims that its API demands. Nobody is there to
    /// sign in: what such an identity cannot satisfy, nothing will.
    #[must_use]
    pub fn with_claims(&self, challenge: ClaimsChallenge) -> Self {
        Self(self.0.with_claims(challenge))
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
        self.0.token().await
    }

    /// A token that was not in the cache before this call. Used where what was cached has
    /// just been refused.
    pub(crate) async fn renewed(&self) -> Result<AccessToken, ExchangeError> {
        self.0.renewed().await
    }

    #[cfg(any(feature = "tower", feature = "reqwest"))]
    pub(super) fn exchange(&self) -> &Exchange {
        &self.0
    }
}

impl fmt::Debug for OwnDownstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = &self.0.request;
        f.debug_struct("OwnDownstream")
            .field("authority", &request.authority)
            .field("client", &request.client)
            .field("scopes", &request.scope)
            .finish_non_exhaustive()
    }
}
