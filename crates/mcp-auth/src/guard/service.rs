//! The service.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::body::ResponseBody;
use super::decide::{Anonymous, Guard, Look, Presence};
use super::future::ResponseFuture;
use crate::Caller;

/// What [`AuthLayer`](crate::AuthLayer) makes of a service.
#[derive(Clone, Debug)]
pub struct AuthService<S> {
    inner: S,
    guard: Arc<Guard>,
    presence: Presence,
}

impl<S> AuthService<S> {
    pub(super) fn new(inner: S, guard: Arc<Guard>, presence: Presence) -> Self {
        Self {
            inner,
            guard,
            presence,
        }
    }
}

impl<S, B, R> Service<Request<B>> for AuthService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let look = self
            .guard
            .look(self.presence, &mut parts.headers, &parts.uri);
        // What an outer guard decided is not this guard's decision.
        parts.extensions.remove::<Caller>();
        parts.extensions.remove::<Anonymous>();
        request = Request::from_parts(parts, body);
        match look {
            Ok(Look::Admitted(caller)) => {
                request.extensions_mut().insert(caller);
                ResponseFuture::passed(self.inner.call(request))
            }
            Ok(Look::Anonymous) => {
                request.extensions_mut().insert(Anonymous::new(&self.guard));
                ResponseFuture::passed(self.inner.call(request))
            }
            Ok(Look::Unknown(token)) => {
                // The clone takes the place of the one that was polled ready.
                let clone = self.inner.clone();
                let ready = mem::replace(&mut self.inner, clone);
                ResponseFuture::verifying(Arc::clone(&self.guard), token, ready, request)
            }
            Err(refusal) => ResponseFuture::refused(self.guard.refuse(&refusal)),
        }
    }
}
