//! How an exchange is asked for: through the engine, or past what the cache holds.

use super::exchange::Exchange;
use super::grant::Grant;
use crate::engine::{Call, Work as _};
use crate::{AccessToken, ClaimsChallenge, ExchangeError};

impl Exchange {
    /// The same with the claims that the API demands.
    pub(super) fn with_claims(&self, challenge: ClaimsChallenge) -> Self {
        Self {
            challenge: Some(challenge),
            ..self.clone()
        }
    }

    /// A token: from the cache unless claims are demanded, from a request under way, or from
    /// Entra ID.
    pub(super) async fn token(&self) -> Result<AccessToken, ExchangeError> {
        let challenge = self.challenge.as_ref().map(ClaimsChallenge::as_json);
        self.call(challenge).await
    }

    /// A token that was not in the cache before this call.
    pub(super) async fn renewed(&self) -> Result<AccessToken, ExchangeError> {
        self.call(Some("")).await
    }

    /// The cached token, if there is one that may be used, without any I/O.
    pub(super) fn cached(&self) -> Option<AccessToken> {
        let engine = &self.core.engine;
        let now = engine.now();
        if self.challenge.is_some() || self.check(now).is_err() {
            return None;
        }
        let held = engine.cache.peek(&self.key, now)?;
        Some(held.token)
    }

    async fn call(&self, past_cache: Option<&str>) -> Result<AccessToken, ExchangeError> {
        let call = Call {
            engine: &self.core.engine,
            key: self.key,
            line: self.request.prefix,
            owner: match &self.grant {
                Grant::OnBehalfOf(assertion) => Some(assertion.principal()),
                _ => None,
            },
            past_cache,
            work: self,
        };
        call.token().await
    }
}
