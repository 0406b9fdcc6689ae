//! `UserContextService`: the tower service that verifies contexts before the inner one is called.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::rule::Rule;
use crate::guard::ResponseBody;

/// What [`UserContextLayer`](super::UserContextLayer) makes of a service.
#[derive(Clone, Debug)]
pub struct UserContextService<S> {
    inner: S,
    rule: Rule,
}

impl<S> UserContextService<S> {
    pub(super) fn new(inner: S, rule: Rule) -> Self {
        Self { inner, rule }
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
