//! Prepared downstreams: one resource, on behalf of any user or as one application identity.

use std::fmt;
use std::sync::Arc;

use foundry_scopes::ScopeSet;

use super::exchange::Exchange;
use super::grant::Grant;
use super::prepared::Prepared;
use crate::assertion::UserAssertion;
use crate::cache::Key;
use crate::error::ExchangeError;
use crate::token::AccessToken;
use entra_claims::ClaimsChallenge;

/// Tokens for one downstream resource, on behalf of the calling user.
///
/// Prepared once with [`ExchangeClient::downstream`](crate::ExchangeClient::downstream), or
/// with [`AgentIdentity::downstream`](crate::AgentIdentity::downstream) for an agent that
/// acts for users; cloning copies pointers.
///
/// ```
/// use entra_obo::{ClaimsChallenge, Downstream, ExchangeError, UserAssertion};
///
/// /// Calls the API, and once more with the claims that it demands.
/// async fn call(api: &Downstream, user: &UserAssertion) -> Result<u16, ExchangeError> {
///     let token = api.token_on_behalf_of(user).await?;
///     match send(token.expose()).await {
///         Ok(status) => Ok(status),
///         Err(challenge) => {
///             let token = api.with_claims(challenge).token_on_behalf_of(user).await?;
///             Ok(send(token.expose()).await.unwrap_or(401))
///         }
///     }
/// }
///
/// // 401 with `claims="..."` in WWW-Authenticate becomes the challenge.
/// async fn send(bearer: &str) -> Result<u16, ClaimsChallenge> {
/// #   let _ = bearer;
///     // ...
///     Ok(200)
/// }
/// # let _ = call;
/// ```
#[derive(Clone)]
pub struct Downstream {
    prepared: Arc<Prepared>,
    challenge: Option<ClaimsChallenge>,
}

impl Downstream {
    pub(super) fn new(prepared: Prepared) -> Self {
        Self {
            prepared: Arc::new(prepared),
            challenge: None,
        }
    }

    /// What is asked for.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        &self.prepared.scopes
    }

    /// The same downstream, asked with the claims that its API demands.
    ///
    /// Its calls never take a token from the cache: the API has just said that the cached
    /// one is not enough. What they get is cached for later calls without claims. If the
    /// user has to sign in for it, the error says so with a challenge for the client.
    #[must_use]
    pub fn with_claims(&self, challenge: ClaimsChallenge) -> Self {
        Self {
            challenge: Some(challenge),
            ..self.clone()
        }
    }

    /// A token for this downstream as the user of `assertion`: from the cache, from a
    /// request that is already under way, or from Entra ID.
    ///
    /// Concurrent calls for the same user share one request. It runs in a task of its own:
    /// dropping this future does not stop the request, and its result is still cached. Needs a tokio
    /// runtime with time enabled.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Assertion`](crate::ErrorKind::Assertion) for a token of another tenant and for one that
    /// has expired, before anything is sent or looked up; [`ErrorKind::Throttled`](crate::ErrorKind::Throttled) while Entra ID asked for
    /// patience with this user; otherwise what came back. Failures are never cached.
    ///
    /// # Panics
    ///
    /// On a tokio runtime without its time driver, as everything of tokio that waits does.
    pub async fn token_on_behalf_of(
        &self,
        assertion: &UserAssertion,
    ) -> Result<AccessToken, ExchangeError> {
        self.exchange(assertion).token().await
    }

    /// The cached token, if there is one, without any I/O.
    #[must_use]
    pub fn cached(&self, assertion: &UserAssertion) -> Option<AccessToken> {
        self.exchange(assertion).cached()
    }

    /// Copies pointers only.
    pub(crate) fn exchange(&self, assertion: &UserAssertion) -> Exchange {
        Exchange {
            prepared: Arc::clone(&self.prepared),
            grant: Grant::OnBehalfOf(assertion.clone()),
            challenge: self.challenge.clone(),
            key: self.prepared.prefix.key_of(assertion),
        }
    }
}

impl fmt::Debug for Downstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downstream")
            .field("authority", &self.prepared.authority)
            .field("client", &self.prepared.client)
            .field("scopes", &self.prepared.scope)
            .field("challenge", &self.challenge)
            .finish_non_exhaustive()
    }
}

/// Tokens for one downstream resource as one fixed identity: the application itself, an
/// agent identity, or an agent's user account.
///
/// Prepared once with [`ExchangeClient::for_app`](crate::ExchangeClient::for_app),
/// [`AgentIdentity::for_app`](crate::AgentIdentity::for_app) or
/// [`AgentIdentity::user_account`](crate::AgentIdentity::user_account); cloning copies
/// pointers. Cached, renewed ahead of time and shared between callers exactly as
/// [`Downstream`](crate::Downstream) does it for users.
#[derive(Clone)]
pub struct AppDownstream(Exchange);

impl AppDownstream {
    pub(super) fn new(prepared: Prepared, grant: Grant, key: Key) -> Self {
        Self(Exchange {
            prepared: Arc::new(prepared),
            grant,
            challenge: None,
            key,
        })
    }

    /// What is asked for.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        &self.0.prepared.scopes
    }

    /// The same downstream, asked with the claims that its API demands. No user is there to
    /// sign in: what such an identity cannot satisfy, nothing will.
    ///
    /// What is got is kept apart, by its claims: **the token that all callers share is never
    /// replaced**, since a caller may have chosen the claims. The same claims cause one request in
    /// 60 s, and what it brought, a token or a failure, is the answer for that time. One
    /// downstream has 8 such entries at most: then the error is
    /// [`ErrorKind::Throttled`](crate::ErrorKind::Throttled). With the feature `tower` or `reqwest`,
    /// `AttachToken` reads a challenge from the API itself and does replace the shared token, once
    /// in 60 s.
    #[must_use]
    pub fn with_claims(&self, challenge: ClaimsChallenge) -> Self {
        Self(self.0.with_claims(challenge))
    }

    /// A token: from the cache, from a request under way, or from Entra ID.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Throttled`](crate::ErrorKind::Throttled) while Entra ID asked for patience; otherwise what came
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
    pub(crate) fn exchange(&self) -> &Exchange {
        &self.0
    }
}

impl fmt::Debug for AppDownstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prepared = &self.0.prepared;
        f.debug_struct("AppDownstream")
            .field("authority", &prepared.authority)
            .field("client", &prepared.client)
            .field("scopes", &prepared.scope)
            .finish_non_exhaustive()
    }
}
