//! A prepared downstream: one resource, any user.

use std::fmt;
use std::sync::Arc;

use foundry_scopes::{ScopeSet, TenantAuthority};
use tokio::runtime::Handle;

use super::core::{Answer, Core, after, unix};
use super::exchange::Exchange;
use super::prepared::Prepared;
use crate::cache::key::{Flow, Shape};
use crate::cache::{Key, Lookup, Now};
use crate::throttle::Who;
use crate::{AccessToken, ClaimsChallenge, ExchangeError, UserAssertion};

/// Tokens for one downstream resource, on behalf of whoever is calling.
///
/// Prepared once with [`ExchangeClient::downstream`](crate::ExchangeClient::downstream);
/// cloning copies pointers.
///
/// ```
/// use entra_obo::{ClaimsChallenge, Downstream, ExchangeError, UserAssertion};
///
/// /// Calls the API, and once more with the claims that it demands.
/// async fn call(api: &Downstream, user: &UserAssertion) -> Result<u16, ExchangeError> {
///     let token = api.token_for(user).await?;
///     match send(token.expose()).await {
///         Ok(status) => Ok(status),
///         Err(challenge) => {
///             let token = api.with_claims(challenge).token_for(user).await?;
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
    core: Arc<Core>,
    request: Arc<Prepared>,
    challenge: Option<ClaimsChallenge>,
}

/// How often a call starts again when the work it waits for ends without an answer.
const ROUNDS: usize = 3;

impl Downstream {
    pub(super) fn prepare(
        core: Arc<Core>,
        authority: TenantAuthority,
        scopes: ScopeSet,
    ) -> Result<Self, ExchangeError> {
        if !scopes.oidc().is_empty() {
            return Err(ExchangeError::Configuration {
                reason: "an exchange asks for the scopes of one resource, without openid, \
                         profile, email and offline_access",
            });
        }
        let endpoint = authority.token_endpoint();
        let endpoint = endpoint.parse().map_err(|_| ExchangeError::Configuration {
            reason: "the token endpoint is not a URI",
        })?;
        let shape = Shape {
            flow: Flow::OnBehalfOf,
            authority: &authority,
            client: core.parts.client,
            credential_owner: core.parts.client,
            credential_kind: core.parts.credential.kind(),
            scopes: &scopes,
            capabilities: &core.parts.capabilities,
        };
        let request = Prepared {
            prefix: shape.prefix(),
            endpoint,
            scope: scopes.to_string(),
            scopes,
            authority,
        };
        Ok(Self {
            core,
            request: Arc::new(request),
            challenge: None,
        })
    }

    /// What is asked for.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        &self.request.scopes
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
    /// dropping this future harms nobody, and its result is still cached. Needs a tokio
    /// runtime with time enabled.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::TenantMismatch`] and [`ExchangeError::AssertionExpired`] before
    /// anything is sent or looked up; [`ExchangeError::Throttled`] while Entra ID asked for
    /// patience with this user; otherwise what came back. Failures are never cached.
    ///
    /// # Panics
    ///
    /// On a tokio runtime without its time driver, as everything of tokio that waits does.
    pub async fn token_for(&self, assertion: &UserAssertion) -> Result<AccessToken, ExchangeError> {
        let now = self.core.now();
        self.check(assertion, now)?;
        let key = self.request.prefix.key(assertion.digest());
        if self.challenge.is_none() {
            match self.core.cache.get(&key, now) {
                Lookup::Fresh(token) => return Ok(token),
                Lookup::Due(token) => {
                    self.refresh(assertion, key);
                    return Ok(token);
                }
                Lookup::Miss => {}
            }
        }
        // Boxed: the way to the network is taken once an hour, the way above always.
        Box::pin(self.fetch(assertion, key)).await
    }

    /// The cached token, if there is one, without any I/O.
    #[must_use]
    pub fn cached(&self, assertion: &UserAssertion) -> Option<AccessToken> {
        let now = self.core.now();
        if self.challenge.is_some() || self.check(assertion, now).is_err() {
            return None;
        }
        let key = self.request.prefix.key(assertion.digest());
        self.core.cache.peek(&key, now)
    }

    fn check(&self, assertion: &UserAssertion, now: Now) -> Result<(), ExchangeError> {
        let authority = self.request.authority.tenant();
        if assertion.tenant() != authority {
            return Err(ExchangeError::TenantMismatch {
                assertion: assertion.tenant(),
                authority,
            });
        }
        // An expired assertion opens nothing, not even the cache.
        if assertion.expires_at_unix() <= now.wall {
            return Err(ExchangeError::AssertionExpired {
                expired_at: unix(assertion.expires_at_unix()),
            });
        }
        Ok(())
    }

    async fn fetch(&self, assertion: &UserAssertion, key: Key) -> Answer {
        let flight = match &self.challenge {
            Some(challenge) => key.challenged(challenge.as_json()),
            None => key,
        };
        for _ in 0..ROUNDS {
            let now = self.core.now();
            self.check(assertion, now)?;
            let who = Who::new(self.request.prefix, assertion.principal());
            if let Some(left) = self.core.throttle.remaining(&who, now) {
                self.core.counters.throttled.count();
                let until = after(now, left);
                return Err(ExchangeError::Throttled { until });
            }
            let (seat, landing) = self.core.flights.board(flight, assertion.principal());
            match landing {
                None => self.core.counters.coalesced.count(),
                Some(landing) => {
                    // Another flight may have landed between the look and the boarding.
                    let landed = match self.challenge {
                        None => self.core.cache.peek(&key, now),
                        Some(_) => None,
                    };
                    match landed {
                        Some(token) => landing.land(Ok(token)),
                        None => self.exchange(assertion, key).start(landing)?,
                    }
                }
            }
            if let Some(answer) = seat.wait().await {
                return answer;
            }
        }
        Err(ExchangeError::Interrupted {
            retry_at: after(self.core.now(), std::time::Duration::from_secs(1)),
        })
    }

    /// Starts a refresh that nobody waits for. Whatever becomes of it, what is held keeps
    /// serving.
    fn refresh(&self, assertion: &UserAssertion, key: Key) {
        let who = Who::new(self.request.prefix, assertion.principal());
        if Handle::try_current().is_err()
            || self
                .core
                .throttle
                .remaining(&who, self.core.now())
                .is_some()
        {
            return;
        }
        let (_, landing) = self.core.flights.board(key, assertion.principal());
        if let Some(landing) = landing {
            self.core.counters.refreshes.count();
            // Without a runtime there is no refresh; the landing is dropped with it.
            let _ = self.exchange(assertion, key).start(landing);
        }
    }

    fn exchange(&self, assertion: &UserAssertion, key: Key) -> Exchange {
        Exchange {
            core: Arc::clone(&self.core),
            request: Arc::clone(&self.request),
            assertion: assertion.clone(),
            challenge: self.challenge.clone(),
            key,
            epoch: self.core.cache.epoch(),
        }
    }
}

impl fmt::Debug for Downstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downstream")
            .field("authority", &self.request.authority)
            .field("client", &self.core.parts.client)
            .field("scopes", &self.request.scope)
            .field("challenge", &self.challenge)
            .finish_non_exhaustive()
    }
}
