//! Response body of an MCP server; a stream ends when its token expires.

use std::error::Error;
use std::fmt;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use entra_claims::VerifiedToken;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use crate::guard::Guard;

pin_project! {
    /// The body of a guarded MCP server's answers: the server's own, passed on frame by
    /// frame, or a refusal's.
    ///
    /// A stream ends when its token is not accepted any more: a client that comes back to
    /// it then meets the 401 that makes it get a new one.
    #[derive(Debug)]
    pub struct McpBody<R> {
        #[pin]
        kind: Kind<R>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = KindProjection]
    enum Kind<R> {
        Own { #[pin] body: Full<Bytes> },
        // An answer of a known length is sent as it is: cut off, it would be no answer.
        Whole { #[pin] body: R },
        Stream { #[pin] body: R, lease: Lease },
        Ended,
    }
}

/// For how long a stream may go on.
struct Lease {
    guard: Arc<Guard>,
    token: VerifiedToken,
    timer: Option<Pin<Box<Sleep>>>,
}

/// The wall clock may be set while a stream is open, so it is looked at now and then.
const LOOK: Duration = Duration::from_secs(30);

impl<R> McpBody<R> {
    pub(super) fn own(body: Full<Bytes>) -> Self {
        let kind = Kind::Own { body };
        Self { kind }
    }
}

impl<R: Body> McpBody<R> {
    pub(super) fn of_server(body: R, guard: &Arc<Guard>, token: Option<&VerifiedToken>) -> Self {
        let kind = match token {
            Some(token) if body.size_hint().exact().is_none() => {
                let lease = Lease {
                    guard: Arc::clone(guard),
                    token: token.clone(),
                    timer: None,
                };
                Kind::Stream { body, lease }
            }
            _ => Kind::Whole { body },
        };
        Self { kind }
    }
}

impl Lease {
    /// Ready when the token has ended.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let left = self.guard.time_left(&self.token);
            if left.is_zero() {
                return Poll::Ready(());
            }
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(sleep(left.min(LOOK))));
            if timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.timer = None;
        }
    }
}

impl<R> Body for McpBody<R>
where
    R: Body<Data = Bytes>,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        let mut kind = self.as_mut().project().kind;
        match kind.as_mut().project() {
            KindProjection::Own { body } => body
                .poll_frame(context)
                .map_err(|never: std::convert::Infallible| match never {}),
            KindProjection::Whole { body } => body.poll_frame(context),
            KindProjection::Stream { body, lease } => {
                // Before the frame: what comes too late is not sent.
                if lease.poll_end(context).is_pending() {
                    return body.poll_frame(context);
                }
                tracing::debug!(target: "mcp_auth::sessions", "a stream ends with its token");
                // The server's side is dropped, and with it what still works for it.
                kind.set(Kind::Ended);
                Poll::Ready(None)
            }
            KindProjection::Ended => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Own { body } => body.is_end_stream(),
            Kind::Whole { body } | Kind::Stream { body, .. } => body.is_end_stream(),
            Kind::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Own { body } => body.size_hint(),
            Kind::Whole { body } => body.size_hint(),
            Kind::Stream { .. } => SizeHint::default(),
            Kind::Ended => SizeHint::with_exact(0),
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
