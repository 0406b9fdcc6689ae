//! Opening of a session: the server is asked, and what it opens gets its owner.

use entra_claims::VerifiedToken;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;
use tracing::Instrument as _;

use super::deferred::DeferredChallenge;
use super::era::SESSION_ID;
use super::error::McpRequestError;
use super::receive::McpRequestBody;
use super::sessions::{Endpoint, Reservation, Sessions};

/// A request that is of no session, whose answer may open one.
pub(super) struct Opening {
    pub(super) sessions: Sessions,
    pub(super) endpoint: Endpoint,
    pub(super) place: Option<Reservation>,
    pub(super) token: Option<VerifiedToken>,
}

/// The server's answer, and whether the session in it is the caller's now.
type Asked<R> = (Response<R>, Result<(), McpRequestError>);

impl Opening {
    /// Asks the server. `initialize` runs in a task of its own: a client that goes away leaves no
    /// session behind that has no owner and takes no place. `None` if the runtime ended.
    pub(super) async fn ask<S, B, R>(
        self,
        inner: S,
        request: Request<McpRequestBody<B>>,
        slot: &DeferredChallenge,
    ) -> Result<Option<Asked<R>>, S::Error>
    where
        S: Service<Request<McpRequestBody<B>>, Response = Response<R>> + Send + 'static,
        S::Future: Send,
        S::Error: Send + 'static,
        B: Send + 'static,
        R: Body + Send + 'static,
    {
        if self.place.is_none() {
            return self.exchange(inner, request, slot).await.map(Some);
        }
        let slot = slot.clone();
        let task = async move { self.exchange(inner, request, &slot).await };
        match tokio::spawn(task.in_current_span()).await {
            Ok(asked) => asked.map(Some),
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Ok(None),
            },
        }
    }

    async fn exchange<S, B, R>(
        self,
        mut inner: S,
        request: Request<McpRequestBody<B>>,
        slot: &DeferredChallenge,
    ) -> Result<Asked<R>, S::Error>
    where
        S: Service<Request<McpRequestBody<B>>, Response = Response<R>> + Send + 'static,
        S::Future: Send,
        B: Send + 'static,
    {
        let answer = inner.call(request).await?;
        let Some(id) = answer.headers().get(SESSION_ID).cloned() else {
            return Ok((answer, Ok(())));
        };
        if !answer.status().is_success() {
            return Ok((answer, Ok(())));
        }
        let Self {
            sessions,
            endpoint,
            place,
            token,
        } = self;
        let token = token.as_ref();
        let settled = match place.map_or_else(|| sessions.reserve(token), Ok) {
            Ok(place) => sessions.bind(place, id.as_bytes(), &endpoint, token).await,
            Err(full) => Err(full),
        };
        // What is not given to the caller would be unreachable and alive. Another caller's stays.
        let unreachable = match &settled {
            Ok(()) => slot.is_filled(),
            Err(error) => *error != McpRequestError::Session,
        };
        if unreachable {
            if settled.is_ok() {
                drop(sessions.remove(id.as_bytes()).await);
            }
            if let Some(closing) = endpoint.closing(id.as_bytes()) {
                closing.close(inner).await;
            }
        }
        Ok((answer, settled))
    }
}
