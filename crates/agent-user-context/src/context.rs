//! Verified user context, and the one way to ask what may be done with it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use entra_claims::{PrincipalKey, Requirement, VerifiedToken};
use foundry_scopes::ScopeName;

use crate::agent::AgentId;
use crate::claims::Id;
use crate::jws::encode;
use crate::reason::{ContextReason, ContextRefusal};
use crate::verify::Checked;

/// A verified context: an agent, and the user that it speaks for.
///
/// It is no user's token and becomes none: nothing here meets a requirement for scopes, and there is no way to a user
/// assertion. It does not even say who the user is: **rights are the intersection** of what the agent's own token
/// permits, what the context covers and what this API knows that the user may do, and [`authorize`](Self::authorize) is the only
/// way to ask. What it answers names the user.
#[derive(Clone)]
pub struct UserContext {
    checked: Arc<Checked>,
    agent: VerifiedToken,
}

/// An operation of an API: its name in the scope of contexts, and what an agent's own token needs for it.
///
/// ```
/// use agent_user_context::Operation;
/// use entra_claims::Requirement;
/// use foundry_scopes::ScopeName;
///
/// let read = Operation::new(ScopeName::parse("orders.read")?, Requirement::role("Orders.Read.All"));
/// assert_eq!(read.name(), "orders.read");
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    scope: ScopeName,
    agent: Requirement,
}

impl Operation {
    /// An operation. The requirement is the agent's: a role of its own token, say.
    #[must_use]
    pub const fn new(scope: ScopeName, agent: Requirement) -> Self {
        Self { scope, agent }
    }

    /// Its name in the scope of contexts.
    #[must_use]
    pub fn name(&self) -> &str {
        self.scope.as_str()
    }

    /// What the agent's own token needs.
    #[must_use]
    pub const fn agent_requirement(&self) -> &Requirement {
        &self.agent
    }
}

/// What an API knows about its users: whether one may do an operation, with or without an agent.
#[async_trait]
pub trait UserRules: fmt::Debug + Send + Sync {
    /// Whether this user may do this.
    async fn right(&self, user: PrincipalKey, operation: &Operation) -> UserRight;
}

#[async_trait]
impl<R: UserRules + ?Sized> UserRules for Arc<R> {
    async fn right(&self, user: PrincipalKey, operation: &Operation) -> UserRight {
        (**self).right(user, operation).await
    }
}

/// What an API says about a user and an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "an API has to answer one of these")]
pub enum UserRight {
    /// The user may.
    Permitted,
    /// The user is known, and may not.
    Denied,
    /// The user is not known: refused.
    Unknown,
    /// It cannot be said now: refused, and the agent may ask again.
    Undecided,
}

impl UserContext {
    pub(crate) fn new(checked: Checked, agent: &VerifiedToken) -> Self {
        Self {
            checked: Arc::new(checked),
            agent: agent.clone(),
        }
    }

    /// Whether the agent may do this for the user: the agent's own token permits it, the context covers it, and the user
    /// may do it.
    ///
    /// # Errors
    ///
    /// The first of the three that does not hold.
    pub async fn authorize(
        &self,
        operation: &Operation,
        rules: &dyn UserRules,
    ) -> Result<ActingAgent, ContextRefusal> {
        if !self
            .checked
            .claims
            .scopes()
            .any(|scope| scope == operation.name())
        {
            return Err(self.refused(ContextReason::ScopeMissing));
        }
        if operation.agent.check(&self.agent).is_err() {
            return Err(self.refused(ContextReason::AgentNotPermitted));
        }
        let user = self.checked.user;
        let reason = match rules.right(user, operation).await {
            UserRight::Permitted => {
                return Ok(ActingAgent {
                    user,
                    agent: self.agent(),
                    earlier: self.checked.claims.act.earlier.clone(),
                    operation: operation.clone(),
                    turn: self.turn(),
                });
            }
            UserRight::Denied => ContextReason::UserNotPermitted,
            UserRight::Unknown => ContextReason::UnknownUser,
            UserRight::Undecided => ContextReason::UserUndecided,
        };
        Err(self.refused(reason))
    }

    /// The agent whose own token came with the context.
    #[must_use]
    pub fn agent(&self) -> AgentId {
        AgentId::from_token(&self.agent)
    }

    /// The turn that it belongs to (`txn`), for the log.
    #[must_use]
    pub fn turn(&self) -> String {
        encode(self.checked.claims.txn)
    }

    /// When it ends, in Unix seconds, without skew.
    #[must_use]
    pub fn expires_at_unix(&self) -> i64 {
        self.checked.claims.exp
    }

    pub(crate) fn jti(&self) -> Id {
        self.checked.claims.jti
    }

    pub(crate) fn refused(&self, reason: ContextReason) -> ContextRefusal {
        let jti = self.checked.claims.jti;
        let mark = jti
            .first_chunk()
            .map_or(0, |first| u64::from_be_bytes(*first));
        ContextRefusal::new(reason)
            .of_user(Some(self.checked.user), mark)
            .of_agent(self.agent())
    }
}

impl fmt::Debug for UserContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserContext")
            .field("agent", &self.agent())
            .field("turn", &self.turn())
            .finish_non_exhaustive()
    }
}

/// An agent that may do one operation for one user: what [`UserContext::authorize`] answers.
///
/// `Debug` and `Display` show ids only and are safe to log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActingAgent {
    user: PrincipalKey,
    agent: AgentId,
    earlier: Vec<AgentId>,
    operation: Operation,
    turn: String,
}

impl ActingAgent {
    /// The user that the agent acts for: tenant and object.
    #[must_use]
    pub const fn user(&self) -> PrincipalKey {
        self.user
    }

    /// The agent.
    #[must_use]
    pub const fn agent(&self) -> AgentId {
        self.agent
    }

    /// The agents before it in the chain, newest first. For the log: access is the acting one's.
    #[must_use]
    pub fn earlier_agents(&self) -> &[AgentId] {
        &self.earlier
    }

    /// What it may do.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The turn that it belongs to, for the log.
    #[must_use]
    pub fn turn(&self) -> &str {
        &self.turn
    }
}

impl fmt::Display for ActingAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, operation) = (self.user, self.operation.name());
        write!(
            f,
            "agent {} for user {}/{}: {operation}",
            self.agent, user.tenant, user.object
        )
    }
}
