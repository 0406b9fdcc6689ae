//! A token in place of one that the API refused.

use std::time::Duration;

use super::exchange::Exchange;
use super::{Downstream, OwnDownstream};
use crate::engine::Work as _;
use crate::{AccessToken, ClaimsChallenge, ExchangeError, UserAssertion};

/// A token that is younger than this and refused is refused for a reason that another one
/// would not mend.
const YOUNG: Duration = Duration::from_secs(60);

type Instead = Result<Option<AccessToken>, ExchangeError>;

impl Exchange {
    /// What the cache holds by now if that is another token than `refused`, else a new one,
    /// with the claims that the API demands.
    ///
    /// `None` if a new one would be refused too: without claims to ask for, a token that has
    /// just been issued is as good as the next.
    async fn instead_of(
        &self,
        refused: &AccessToken,
        challenge: Option<ClaimsChallenge>,
    ) -> Instead {
        let engine = &self.core.engine;
        let now = engine.now();
        self.check(now)?;
        let held = engine.cache.peek(&self.key, now);
        match (held, challenge) {
            (Some(held), _) if held.token.expose() != refused.expose() => Ok(Some(held.token)),
            (_, Some(challenge)) => self.with_claims(challenge).token().await.map(Some),
            (Some(held), None) if held.age >= YOUNG => self.renewed().await.map(Some),
            (_, None) => Ok(None),
        }
    }
}

impl Downstream {
    /// For this user; see [`Exchange::instead_of`].
    pub(crate) async fn instead_of(
        &self,
        refused: &AccessToken,
        challenge: Option<ClaimsChallenge>,
        assertion: &UserAssertion,
    ) -> Instead {
        let exchange = self.exchange(assertion);
        exchange.instead_of(refused, challenge).await
    }
}

impl OwnDownstream {
    /// See [`Exchange::instead_of`].
    pub(crate) async fn instead_of(
        &self,
        refused: &AccessToken,
        challenge: Option<ClaimsChallenge>,
    ) -> Instead {
        self.exchange().instead_of(refused, challenge).await
    }
}
