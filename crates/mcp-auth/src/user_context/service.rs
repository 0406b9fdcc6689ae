//! `UserContextService`: takes the context out of a request and verifies it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use agent_user_context::{ContextReason, ContextRefusal, SentContext, UserContext};
use http::request::Parts;
use http::{Request, Response};
use tower_service::Service;

use super::layer::{Rule, Verification};
use crate::caller::Caller;
use crate::guard::{Anonymous, ResponseBody};
use crate::metadata::answer::Answer;
use crate::refusal::{Cause, Refusal, unguarded_answer};

/// What [`UserContextLayer`](super::UserContextLayer) makes of a service.
#[derive(Clone, Debug)]
pub struct UserContextService<S> {
    inner: S,
    rule: Rule,
}

/// In a request's extensions: what the layer found.
#[derive(Clone)]
pub(super) enum Found {
    Context(UserContext, Arc<Verification>),
    Nothing,
}

impl<S> UserContextService<S> {
    pub(super) fn new(inner: S, rule: Rule) -> Self {
        Self { inner, rule }
    }
}

impl Rule {
    /// What the handler finds, or the answer instead of it.
    async fn apply(&self, parts: &mut Parts) -> Result<Found, Answer> {
        // Out of the request in any case, and before anything is decided.
        let sent = SentContext::take(&mut parts.headers);
        let extensions = &parts.extensions;
        let Some(caller) = extensions.get::<Caller>().cloned() else {
            return match (extensions.get::<Anonymous>(), self, sent) {
                (Some(_), Self::Optional(_) | Self::Refused, Ok(None)) => Ok(Found::Nothing),
                (Some(anonymous), ..) => Err(anonymous.refuse()),
                (None, ..) => {
                    let refusal = Refusal::new(Cause::Unguarded);
                    refusal.trace();
                    Err(unguarded_answer(&refusal))
                }
            };
        };
        let refuse = |cause| caller.authorization().refuse(&Refusal::new(cause));
        if extensions.get::<Found>().is_some() {
            return Err(refuse(Cause::DoubledContextLayer));
        }
        let refused = |refusal: ContextRefusal| refuse(Cause::Context(refusal));
        let verification = match (self, &sent) {
            (Self::Refused, Ok(None)) | (Self::Optional(_), Ok(None)) => return Ok(Found::Nothing),
            (Self::Refused, _) => return Err(refused(ContextReason::NotTaken.into())),
            (Self::Required(verification) | Self::Optional(verification), _) => verification,
        };
        let verifier = &verification.verifier;
        // The first check, also where the second one fails.
        verifier.admit_agent(caller.token()).map_err(refused)?;
        let sent = match sent {
            Ok(Some(sent)) => sent,
            Ok(None) => return Err(refused(ContextReason::Missing.into())),
            Err(reason) => return Err(refused(reason.into())),
        };
        let verified = verifier
            .verify(caller.token(), sent.expose(), verification.how)
            .await;
        let context = verified.map_err(refused)?;
        Ok(Found::Context(context, Arc::clone(verification)))
    }
}

impl<S, B, R> Service<Request<B>> for UserContextService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = UserContextFuture<R, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready is used, its clone stays.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let rule = self.rule.clone();
        UserContextFuture(Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match rule.apply(&mut parts).await {
                Ok(found) => {
                    parts.extensions.insert(found);
                    let answer = inner.call(Request::from_parts(parts, body)).await?;
                    Ok(answer.map(ResponseBody::inner))
                }
                Err(answer) => Ok(answer.map(ResponseBody::own)),
            }
        }))
    }
}

type Outcome<R, E> = Result<Response<ResponseBody<R>>, E>;

/// The future of [`UserContextService`].
#[must_use = "futures do nothing unless polled"]
pub struct UserContextFuture<R, E>(Pin<Box<dyn Future<Output = Outcome<R, E>> + Send>>);

impl<R, E> Future for UserContextFuture<R, E> {
    type Output = Outcome<R, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<R, E> fmt::Debug for UserContextFuture<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserContextFuture").finish_non_exhaustive()
    }
}
