//! The service.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::body::McpBody;
use super::layer::Server;
use super::slot::ChallengeSlot;

/// What [`McpLayer`](crate::McpLayer) makes of a service, behind its
/// [`AuthService`](crate::AuthService).
#[derive(Clone, Debug)]
pub struct McpService<S> {
    inner: S,
    server: Arc<Server>,
}

impl<S> McpService<S> {
    pub(super) fn new(inner: S, server: Arc<Server>) -> Self {
        Self { inner, server }
    }
}

impl<S, B, R> Service<Request<B>> for McpService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: 'static,
{
    type Response = Response<McpBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The clone takes the place of the one that was polled ready.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);
        Box::pin(handle(Arc::clone(&self.server), inner, request))
    }
}

async fn handle<S, B, R>(
    server: Arc<Server>,
    mut inner: S,
    mut request: Request<B>,
) -> Result<Response<McpBody<R>>, S::Error>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    // In a session `rmcp` answers 200 before its handler runs. Where that were slower than
    // the handler, the answer would depend on who is first: so none is taken at all.
    let slot = if request.headers().contains_key("mcp-session-id") {
        ChallengeSlot::closed(Arc::clone(&server.guard))
    } else {
        ChallengeSlot::open(Arc::clone(&server.guard))
    };
    request.extensions_mut().insert(slot.clone());
    let answer = inner.call(request).await?;
    match slot.close() {
        Some(refusal) => Ok(server.guard.refuse(&refusal).map(McpBody::own)),
        None => Ok(answer.map(McpBody::of_server)),
    }
}
