//! `UserContextLayer`: whether routes need, take or refuse a user context.

use agent_user_context::{ContextUse, ContextVerifier, UserRules};
use tower_layer::Layer;

use super::rule::{Rule, Verification};
use super::service::UserContextService;

/// What routes do about user contexts. It goes inside the guard, which validates the agent's own token.
///
/// 1. The header `x-client-user-context` is taken out of every request, so that no handler reads it unverified.
/// 2. Routes that **require** one answer 403 without it; **optional** ones go on without; others **refuse** it, 403.
/// 3. A context that was sent is verified in the order of [`ContextVerifier`]: 403 with the reason's code, 503 with
///    `Retry-After` where that cannot be decided now. Nothing that it says is in the answer.
/// 4. [`ActingFor`](super::ActingFor) asks for the operation, the agent's own right and the user's.
///
/// # Deployment caveats
///
/// - A route with a context is one of an agent: a user's token beside it is 403.
/// - A handler that takes no `ActingFor` is authorized by the guard alone, for the agent and not for the user.
/// - One of these layers per route. Two answer 500.
/// - An edge proxy should take the header out of what comes from outside.
#[derive(Clone, Debug)]
pub struct UserContextLayer(Rule);

impl UserContextLayer {
    /// Routes that need a context: an agent alone gets no user's data.
    ///
    /// A context is good [once](ContextUse::Once) where a request changes something, and [until it
    /// ends](ContextUse::UntilItEnds) where it only reads.
    #[must_use]
    pub fn required(
        verifier: ContextVerifier,
        rules: impl UserRules + 'static,
        how: ContextUse,
    ) -> Self {
        Self(Rule::Required(Verification::new(verifier, rules, how)))
    }

    /// Routes that take a context if there is one. `Option<ActingFor<..>>` is `None` without.
    #[must_use]
    pub fn optional(
        verifier: ContextVerifier,
        rules: impl UserRules + 'static,
        how: ContextUse,
    ) -> Self {
        Self(Rule::Optional(Verification::new(verifier, rules, how)))
    }

    /// Routes that take none: a request with one is refused, since its sender expects that the user counts.
    #[must_use]
    pub const fn refused() -> Self {
        Self(Rule::Refused)
    }
}

impl<S> Layer<S> for UserContextLayer {
    type Service = UserContextService<S>;

    fn layer(&self, inner: S) -> UserContextService<S> {
        UserContextService::new(inner, self.0.clone())
    }
}
