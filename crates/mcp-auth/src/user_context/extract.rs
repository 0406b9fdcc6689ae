//! `ActingFor`: the extractor of an agent that may do an operation for a user.

use std::fmt;
use std::marker::PhantomData;

use ::axum::extract::{FromRequestParts, OptionalFromRequestParts};
use agent_user_context::{ActingAgent, AgentId, ContextReason, Operation};
use entra_claims::PrincipalKey;
use foundry_scopes::ParseError;
use http::request::Parts;

use super::rule::Found;
use crate::axum::CallerRejection;
use crate::caller::Caller;
use crate::refusal::{Cause, Refusal};

/// An operation with a name: what [`ActingFor`] demands. Implement it for a type of your own.
pub trait ContextOperation {
    /// The operation: its name in the scope of contexts, and what the agent's own token needs for it.
    ///
    /// # Errors
    ///
    /// A name that can be none. The handler then answers 500, and the reason is traced.
    fn operation() -> Result<Operation, ParseError>;
}

/// An agent that may do `O` for a user: its own token permits it, the context covers it, and this API lets the user do
/// it.
///
/// It is no [`Caller`] and no [`Authorized`](crate::Authorized): those are the agent. On a route without
/// [`UserContextLayer`](super::UserContextLayer) it is 500; where the layer refuses contexts, or an optional one was not sent, 403.
/// `Option<ActingFor<O>>` is `None` without a context; one that does not suffice is refused, and never `None`.
///
/// See the [module](super) for an example.
pub struct ActingFor<O> {
    acting: ActingAgent,
    caller: Caller,
    operation: PhantomData<fn() -> O>,
}

impl<O> ActingFor<O> {
    /// The user: tenant and object.
    #[must_use]
    pub const fn user(&self) -> PrincipalKey {
        self.acting.user()
    }

    /// The agent.
    #[must_use]
    pub const fn agent(&self) -> AgentId {
        self.acting.agent()
    }

    /// Both, the operation and the turn.
    #[must_use]
    pub const fn acting(&self) -> &ActingAgent {
        &self.acting
    }

    /// The agent's own token: **not the user's**.
    #[must_use]
    pub const fn agents_caller(&self) -> &Caller {
        &self.caller
    }
}

impl<O: ContextOperation> ActingFor<O> {
    async fn check(found: Found, caller: Caller) -> Result<Self, CallerRejection> {
        let refused =
            |cause| CallerRejection::refused(caller.authorization(), &Refusal::new(cause));
        let Found::Context(context, verification) = found else {
            return Err(refused(Cause::Context(ContextReason::Missing.into())));
        };
        let operation = O::operation();
        let operation =
            operation.map_err(|error| refused(Cause::BadRequirement(error.to_string())))?;
        let acting = context.authorize(&operation, &*verification.rules).await;
        let acting = acting.map_err(|refusal| refused(Cause::Context(refusal)))?;
        Ok(Self {
            acting,
            caller,
            operation: PhantomData,
        })
    }
}

/// What the layer found; without the layer the server is set up wrongly.
fn found(parts: &Parts) -> Result<Found, CallerRejection> {
    parts
        .extensions
        .get::<Found>()
        .cloned()
        .ok_or_else(CallerRejection::no_layer)
}

impl<O: ContextOperation, S: Send + Sync> FromRequestParts<S> for ActingFor<O> {
    type Rejection = CallerRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, CallerRejection> {
        let found = found(parts)?;
        let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Self::check(found, caller).await
    }
}

impl<O: ContextOperation, S: Send + Sync> OptionalFromRequestParts<S> for ActingFor<O> {
    type Rejection = CallerRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, CallerRejection> {
        let found = found(parts)?;
        if matches!(found, Found::Nothing) {
            return Ok(None);
        }
        let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Self::check(found, caller).await.map(Some)
    }
}

impl<O> Clone for ActingFor<O> {
    fn clone(&self) -> Self {
        Self {
            acting: self.acting.clone(),
            caller: self.caller.clone(),
            operation: PhantomData,
        }
    }
}

impl<O> fmt::Debug for ActingFor<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ActingFor").field(&self.acting).finish()
    }
}
