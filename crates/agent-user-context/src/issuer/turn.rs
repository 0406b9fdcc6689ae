//! Turns: begun by a person's request, renewed and handed on by the agent.

use std::collections::HashSet;

use entra_claims::{PrincipalKey, PrincipalKind, VerifiedToken};
use foundry_scopes::Scope;

use super::sign::Draft;
use super::{Issuer, SessionId};
use crate::agent::AgentId;
use crate::claims::{Actor, Claims, Turn};
use crate::jws::Kind;
use crate::reason::{ContextReason, ContextRefusal};
use crate::text::TurnContext;
use crate::verify::{Checked, Expected};

impl Issuer {
    /// Begins a turn: a context for the agent that the user's request is handed to.
    ///
    /// The scopes are what the agent needs for this request, qualified with the APIs that they are of. The context ends
    /// with the user's token, after 300 s, or with the turn.
    ///
    /// # Errors
    ///
    /// The token is no person's or has expired; the session is not this user's or has ended; the agent or a scope is
    /// not configured; nothing can be signed.
    pub async fn start_turn(
        &self,
        user: &VerifiedToken,
        session: &SessionId,
        agent: AgentId,
        scopes: &[Scope],
    ) -> Result<TurnContext, ContextRefusal> {
        let now = self.now();
        let principal = user.principal();
        let started = async {
            let act = match principal.kind() {
                PrincipalKind::User => Actor::new(agent),
                // An agent brought the user to the gateway: it stays in the chain.
                PrincipalKind::AgentForUser | PrincipalKind::UserThroughAgentClient => {
                    let chain = Actor::new(AgentId::from_token(user)).followed_by(agent);
                    chain.ok_or(ContextReason::ChainTooLong)?
                }
                _ => return Err(ContextReason::UserRequired),
            };
            let token_ends = user.expires_at_unix();
            if token_ends <= now {
                return Err(ContextReason::UserRequired);
            }
            let allowed = self.allowed(agent)?;
            if scopes.is_empty() || !scopes.iter().all(|scope| allowed.contains(scope)) {
                return Err(ContextReason::ScopeNotInTurn);
            }
            self.check_session(session, principal.key()).await?;
            let turn = Turn {
                ends: now.saturating_add(self.0.lifetimes.turn),
                session: session.as_bytes(),
            };
            let scopes: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
            self.sign(Draft {
                kind: Kind::Turn,
                audience: &self.0.url,
                now,
                exp: now
                    .saturating_add(self.0.lifetimes.turn_context)
                    .min(turn.ends)
                    .min(token_ends),
                sub: &principal.object().to_string(),
                tid: &principal.tenant().to_string(),
                act: &act,
                scope: &scopes.join(" "),
                txn: None,
                ath: None,
                req: None,
                turn: Some(&turn),
            })
            .await
        };
        let refused = |reason| ContextRefusal::new(reason).of_agent(agent);
        started.await.map(TurnContext::new).map_err(refused)
    }

    /// Renews a turn context for the agent that it was issued for, until the turn is over.
    ///
    /// # Errors
    ///
    /// The context is not a valid one of this issuer for this agent; the turn is over; the session has ended.
    pub async fn renew_turn(
        &self,
        agent: &VerifiedToken,
        turn: &str,
    ) -> Result<TurnContext, ContextRefusal> {
        let open = self.open_turn(agent, turn).await?;
        let act = open.claims.act.clone();
        self.reissue(&open, &act, &open.claims.scope).await
    }

    /// Hands a turn on to another agent, which the acting one calls: the chain grows, the turn stays.
    ///
    /// # Errors
    ///
    /// As [`renew_turn`](Self::renew_turn); the other agent or a scope is not configured for it, or is not part of the
    /// turn; the chain would be longer than three agents.
    pub async fn delegate_turn(
        &self,
        agent: &VerifiedToken,
        turn: &str,
        to: AgentId,
        scopes: &[Scope],
    ) -> Result<TurnContext, ContextRefusal> {
        let open = self.open_turn(agent, turn).await?;
        let refused = |reason| open.refused(reason);
        let allowed = self.allowed(to).map_err(refused)?;
        let part = |scope: &Scope| open.has(scope) && allowed.contains(scope);
        if scopes.is_empty() || !scopes.iter().all(part) {
            return Err(refused(ContextReason::ScopeNotInTurn));
        }
        let act = open.claims.act.followed_by(to);
        let act = act.ok_or_else(|| refused(ContextReason::ChainTooLong))?;
        let scopes: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
        self.reissue(&open, &act, &scopes.join(" ")).await
    }

    async fn reissue(
        &self,
        open: &OpenTurn,
        act: &Actor,
        scope: &str,
    ) -> Result<TurnContext, ContextRefusal> {
        let claims = &open.claims;
        let signed = self
            .sign(Draft {
                kind: Kind::Turn,
                audience: &self.0.url,
                now: open.now,
                exp: open
                    .now
                    .saturating_add(self.0.lifetimes.turn_context)
                    .min(open.turn.ends),
                sub: &claims.sub,
                tid: &claims.tid,
                act,
                scope,
                txn: Some(claims.txn),
                ath: None,
                req: None,
                turn: Some(&open.turn),
            })
            .await;
        signed
            .map(TurnContext::new)
            .map_err(|reason| open.refused(reason))
    }

    /// A turn context that comes back with the agent's own token: checked as an API checks a call context, and the
    /// turn and the session beside.
    pub(super) async fn open_turn(
        &self,
        agent: &VerifiedToken,
        turn: &str,
    ) -> Result<OpenTurn, ContextRefusal> {
        let now = self.now();
        let acting = AgentId::from_token(agent);
        let opened = async {
            if agent.principal().is_delegated() {
                return Err(ContextReason::NotAppOnly.into());
            }
            let expected = Expected::turn(&self.0.url, now);
            let read = expected.read(turn)?;
            let key = self.0.keys.verifying(read.kid(), now);
            let key = key.ok_or(ContextReason::UnknownKey)?;
            // Of its own contexts the issuer is the judge: it lists the agents below.
            let checked = read.check(&key, &self.0.url, |_| true, agent, &expected)?;
            let Checked { claims, user, .. } = checked;
            let refused =
                |reason: ContextReason| ContextRefusal::new(reason).of_user(Some(user), 0);
            let turn = claims.turn.clone();
            let turn = turn.ok_or_else(|| refused(ContextReason::MissingClaim))?;
            if turn.ends <= now {
                return Err(refused(ContextReason::TurnOver));
            }
            self.allowed(acting).map_err(refused)?;
            let session = SessionId::from_bytes(turn.session);
            self.check_session(&session, user).await.map_err(refused)?;
            Ok(OpenTurn {
                claims,
                user,
                turn,
                acting,
                now,
            })
        };
        opened
            .await
            .map_err(|refusal: ContextRefusal| refusal.of_agent(acting))
    }

    pub(super) fn allowed(&self, agent: AgentId) -> Result<&HashSet<Scope>, ContextReason> {
        self.0
            .agents
            .get(&agent)
            .ok_or(ContextReason::AgentNotListed)
    }

    async fn check_session(
        &self,
        session: &SessionId,
        user: PrincipalKey,
    ) -> Result<(), ContextReason> {
        match self.0.sessions.is_active(session, user).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(ContextReason::SessionEnded),
            Err(error) => {
                tracing::warn!(%error, "whether a user's session lasts cannot be said");
                Err(ContextReason::SessionUndecided)
            }
        }
    }
}

/// A turn that goes on.
pub(super) struct OpenTurn {
    pub(super) claims: Claims,
    user: PrincipalKey,
    pub(super) turn: Turn,
    acting: AgentId,
    pub(super) now: i64,
}

impl OpenTurn {
    /// Whether the turn has this scope.
    pub(super) fn has(&self, scope: &Scope) -> bool {
        self.claims.scopes().any(|own| own == scope.as_str())
    }

    pub(super) fn acting(&self) -> AgentId {
        self.acting
    }

    pub(super) fn refused(&self, reason: ContextReason) -> ContextRefusal {
        ContextRefusal::new(reason)
            .of_user(Some(self.user), 0)
            .of_agent(self.acting)
    }
}
