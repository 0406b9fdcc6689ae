//! `AuthService`: the tower service that authenticates requests.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{Request, Response};
use tower_service::Service;

use super::body::ResponseBody;
use super::decide::{Anonymous, Guard, Look, Platform, Presence};
use super::future::ResponseFuture;
use crate::caller::Caller;
use crate::easy_auth;
use crate::origin::{Cors, Entry};
use crate::refusal::{Cause, Refusal};

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
        let outer = request.extensions();
        if outer.get::<Caller>().is_some() || outer.get::<Anonymous>().is_some() {
            let answer = self.guard.refuse(&Refusal::new(Cause::DoubledGuard));
            return ResponseFuture::answered(answer, Cors::silent());
        }
        if self.guard.platform == Platform::Untrusted {
            easy_auth::strip(request.headers_mut());
        }
        let cors = match self.guard.origin.enter(&request) {
            Entry::Pass(cors) => cors,
            Entry::Probe => {
                request.headers_mut().remove(AUTHORIZATION);
                return ResponseFuture::passed(self.inner.call(request), Cors::silent());
            }
            Entry::Preflight(answer) => return ResponseFuture::answered(answer, Cors::silent()),
            Entry::Refused(error) => {
                let answer = self.guard.refuse(&Refusal::new(Cause::Origin(error)));
                return ResponseFuture::answered(answer, Cors::of(None));
            }
        };
        match self.guard.look(self.presence, &mut request) {
            Ok(Look::Admitted(token)) => {
                let caller = Caller::new(token, self.guard.authorization());
                request.extensions_mut().insert(caller);
                ResponseFuture::passed(self.inner.call(request), cors)
            }
            Ok(Look::Anonymous) => {
                request.extensions_mut().insert(Anonymous::new(&self.guard));
                ResponseFuture::passed(self.inner.call(request), cors)
            }
            Ok(Look::Pending(decision)) => {
                // The clone takes the place of the one that was polled ready.
                let clone = self.inner.clone();
                let ready = mem::replace(&mut self.inner, clone);
                ResponseFuture::verifying(Arc::clone(&self.guard), decision, ready, request, cors)
            }
            Err(refusal) => ResponseFuture::answered(self.guard.refuse(&refusal), cors),
        }
    }
}
