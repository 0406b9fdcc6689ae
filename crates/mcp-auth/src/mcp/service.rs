//! `McpService`: the tower service that authorizes MCP requests.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::body::McpBody;
use super::exchange::{self, Server};
use super::receive::McpRequestBody;

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
    S: Service<Request<McpRequestBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    R: Body + Send + 'static,
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
        Box::pin(exchange::handle(Arc::clone(&self.server), inner, request))
    }
}
