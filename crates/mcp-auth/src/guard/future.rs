//! Response future of a guarded service, with verification where keys are fetched.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use entra_claims::{PendingDecision, Rejection, VerifiedToken};
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::body::ResponseBody;
use super::decide::Guard;
use crate::caller::Caller;
use crate::metadata::answer::Answer;
use crate::origin::Cors;
use crate::refusal::{Refusal, Remedy};

pin_project! {
    /// The future of [`AuthService`](crate::AuthService): a refusal that is ready, or the
    /// inner service's answer, after the signature was checked where it was not known yet.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B>,
        cors: Cors,
    }
}

type Verifying = Pin<Box<dyn Future<Output = Result<VerifiedToken, Rejection>> + Send>>;

pin_project! {
    #[project = StateProjection]
    enum State<S, B>
    where
        S: Service<Request<B>>,
    {
        Answered { answer: Option<Answer> },
        Verifying { verifying: Verifying, pending: Option<Pending<S, B>> },
        Passed { #[pin] future: S::Future },
    }
}

struct Pending<S, B> {
    guard: Arc<Guard>,
    inner: S,
    request: Request<B>,
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    /// With an answer of the guard's own.
    pub(super) fn answered(answer: Answer, cors: Cors) -> Self {
        let answer = Some(answer);
        let state = State::Answered { answer };
        Self { state, cors }
    }

    pub(super) fn passed(future: S::Future, cors: Cors) -> Self {
        let state = State::Passed { future };
        Self { state, cors }
    }

    pub(super) fn verifying(
        guard: Arc<Guard>,
        decision: PendingDecision,
        inner: S,
        request: Request<B>,
        cors: Cors,
    ) -> Self {
        let state = State::Verifying {
            verifying: Box::pin(decision.wait()),
            pending: Some(Pending {
                guard,
                inner,
                request,
            }),
        };
        Self { state, cors }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Output = Result<Response<ResponseBody<R>>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProjection::Answered { answer } => match answer.take() {
                    Some(mut answer) => {
                        this.cors.apply(answer.headers_mut());
                        return Poll::Ready(Ok(answer.map(ResponseBody::own)));
                    }
                    None => return Poll::Pending,
                },
                StateProjection::Passed { future } => {
                    let mut answer = ready!(future.poll(context))?;
                    this.cors.apply(answer.headers_mut());
                    return Poll::Ready(Ok(answer.map(ResponseBody::inner)));
                }
                StateProjection::Verifying { verifying, pending } => {
                    let verified = ready!(verifying.as_mut().poll(context));
                    let Some(mut pending) = pending.take() else {
                        return Poll::Pending;
                    };
                    let guard = pending.guard;
                    let admitted = verified
                        .map_err(|rejection| Refusal::rejected(rejection, Remedy::None))
                        .and_then(|token| guard.admit(token));
                    match admitted {
                        Ok(token) => {
                            let caller = Caller::new(token, guard.authorization());
                            pending.request.extensions_mut().insert(caller);
                            let future = pending.inner.call(pending.request);
                            State::Passed { future }
                        }
                        Err(refusal) => {
                            let answer = Some(guard.refuse(&refusal));
                            State::Answered { answer }
                        }
                    }
                }
            };
            this.state.set(next);
        }
    }
}

impl<S, B> fmt::Debug for ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
