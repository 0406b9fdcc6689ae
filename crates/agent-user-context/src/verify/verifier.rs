//! Verifier of an API: the agent's own token, the context beside it, and whether it was used.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entra_claims::{Clock, Requirement, VerifiedToken};
use foundry_scopes::Audience;

use super::check::{Expected, SKEW, TokenHash};
use super::replay::ReplayRecords;
use super::trust::Trust;
use crate::agent::AgentId;
use crate::context::UserContext;
use crate::jws::Kind;
use crate::key::Algorithm;
use crate::reason::{ContextReason, ContextRefusal};
use crate::request::RequestDigest;

/// Verifies contexts that agents send to one API. A handle.
///
/// In this order; the first failure ends it, and [`ContextReason`] lists the reasons in the same order:
///
/// 1. The agent's own access token, which was validated before: it is app-only, and lets the agent speak for users here
///    (the app role `UserContext.Assert`, unless another requirement is set).
/// 2. Exactly one context, of 4 KiB at most; three parts of base64url without padding.
/// 3. Its header: `typ`, an allowed `alg`, a `kid`; none of `crit`, `jku`, `jwk`, `x5u`, `x5c`, `x5t`, `zip`, `b64`.
/// 4. The key of that name of the configured issuer, for that algorithm. For an unknown one the key set is fetched
///    again, once in five minutes at most.
/// 5. The signature.
/// 6. The claims: no member twice, right types, none missing.
/// 7. `iss` is a configured issuer that may speak of this agent; `aud` is this API, byte for byte.
/// 8. Times, with 30 s of skew; it lives 300 s at most.
/// 9. `act` is the agent whose access token came with it; `ath`, if it is there or required, is that token's hash; `req`, if
///    it is there, is the request's.
/// 10. The user: two GUIDs, of an accepted tenant, and not the agent.
/// 11. Where a context is good for one request: it was not used before. Recorded after all of the above.
///
/// The twelfth, whether the operation is covered and the user may do it, is [`UserContext::authorize`].
///
/// ```
/// use agent_user_context::{AgentId, ContextKeys, ContextUse, ContextVerifier, TrustedIssuer};
/// use foundry_scopes::{Audience, TenantId};
/// # use entra_claims::VerifiedToken;
///
/// # async fn example(agent: AgentId, agents_token: VerifiedToken, keys: ContextKeys, sent: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// let verifier = ContextVerifier::builder(Audience::parse("api://orders.contoso.example")?)
///     .issuer(TrustedIssuer::new("https://gateway.contoso.example", keys, [agent], [tenant]))
///     .build()?;
/// let context = verifier.verify(&agents_token, sent, ContextUse::Once).await?;
/// # let _ = context;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ContextVerifier(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) audience: Audience,
    pub(super) issuers: Vec<Trust>,
    pub(super) agents: Requirement,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) max_lifetime: i64,
    pub(super) token_hash: TokenHash,
    pub(super) replay: ReplayRecords,
    pub(super) clock: Arc<dyn Clock>,
}

/// How often a context may be used on a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "once or until it ends")]
pub enum ContextUse {
    /// Once, for what changes something.
    Once,
    /// Until it ends, for what only reads.
    UntilItEnds,
}

impl ContextVerifier {
    /// Verifies a context that came with the agent's own access token.
    ///
    /// # Errors
    ///
    /// [`ContextRefusal`], by the first check that fails.
    pub async fn verify(
        &self,
        agent: &VerifiedToken,
        context: &str,
        how: ContextUse,
    ) -> Result<UserContext, ContextRefusal> {
        self.verify_request(agent, context, how, None).await
    }

    /// The same, for this request: a context that is bound to another one is refused. One that is bound to a request at
    /// all is refused by [`verify`](Self::verify), which does not know any.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub async fn verify_request(
        &self,
        agent: &VerifiedToken,
        context: &str,
        how: ContextUse,
        request: Option<RequestDigest>,
    ) -> Result<UserContext, ContextRefusal> {
        let verified = self.decide(agent, context, how, request).await;
        verified.map_err(|refusal| refusal.of_agent(AgentId::from_token(agent)))
    }

    /// Whether the agent's own token lets it speak for users here: the first check, for routes where a context is
    /// optional or missing.
    ///
    /// # Errors
    ///
    /// The token is a user's, or lacks the right.
    pub fn admit_agent(&self, agent: &VerifiedToken) -> Result<(), ContextRefusal> {
        let reason = if agent.principal().is_delegated() {
            ContextReason::NotAppOnly
        } else if self.0.agents.check(agent).is_err() {
            ContextReason::AgentNotAdmitted
        } else {
            return Ok(());
        };
        Err(ContextRefusal::new(reason).of_agent(AgentId::from_token(agent)))
    }

    async fn decide(
        &self,
        agent: &VerifiedToken,
        context: &str,
        how: ContextUse,
        request: Option<RequestDigest>,
    ) -> Result<UserContext, ContextRefusal> {
        self.admit_agent(agent)?;
        let inner = &*self.0;
        let now = inner.clock.wall();
        let mut expected = Expected {
            kind: Kind::Call,
            audience: inner.audience.as_str(),
            algorithms: &inner.algorithms,
            now,
            grace: SKEW,
            max_lifetime: inner.max_lifetime,
            tenants: None,
            token_hash: inner.token_hash,
            request,
        };
        let read = expected.read(context)?;
        let named = read.issuer()?;
        let issuer = inner.issuers.iter().find(|issuer| *issuer.url == *named);
        let issuer = issuer.ok_or(ContextReason::UnknownIssuer)?;
        let keys = issuer.keys.with(read.kid()).await?;
        let key = keys.find(read.kid()).ok_or(ContextReason::UnknownKey)?;
        expected.tenants = Some(&issuer.tenants);
        let may_speak_of = |agent| issuer.agents.contains(&agent);
        let checked = read.check(key, &issuer.url, may_speak_of, agent, &expected)?;
        let context = UserContext::new(checked, agent);
        if how == ContextUse::Once {
            let left = context
                .expires_at_unix()
                .saturating_add(SKEW)
                .saturating_sub(now);
            let keep = Duration::from_secs(left.max(1).unsigned_abs());
            let recorded = inner.replay.record(&issuer.url, context.jti(), keep).await;
            recorded.map_err(|reason| context.refused(reason))?;
        }
        Ok(context)
    }
}

impl fmt::Debug for ContextVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextVerifier")
            .field("audience", &self.0.audience)
            .field("issuers", &self.0.issuers)
            .field("replay", &self.0.replay)
            .finish_non_exhaustive()
    }
}
