//! The body of a request within its limits, and the body of an answer while it is counted.

use std::error::Error;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ::axum::body::{Body, Bytes};
use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, PROXY_AUTHORIZATION};
use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};

use super::activity::Running;

pin_project! {
    /// Fails when two frames of the inner body are too far apart; trailers lose what decides.
    pub(super) struct Timed<B> {
        #[pin]
        inner: B,
        time: Duration,
        #[pin]
        waiting: Sleep,
        armed: bool,
    }
}

/// A client that stopped sending in the middle of a body.
#[derive(Debug, thiserror::Error)]
#[error("the request's body stopped coming")]
pub(super) struct Stalled;

impl<B> Timed<B> {
    pub(super) fn new(inner: B, time: Duration) -> Self {
        Self {
            inner,
            time,
            waiting: tokio::time::sleep(time),
            armed: false,
        }
    }
}

impl<B> HttpBody for Timed<B>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut this = self.project();
        if let Poll::Ready(frame) = this.inner.poll_frame(context) {
            *this.armed = false;
            let frame = frame.map(|frame| frame.map(plain_trailers));
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        // The clock runs while a frame is awaited, not while the handler works.
        if !*this.armed {
            this.waiting.as_mut().reset(Instant::now() + *this.time);
            *this.armed = true;
        }
        match this.waiting.poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err(Stalled.into()))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Trailers without what decides on a request (RFC 9110, section 6.5.1): the guard looked at the
/// head, and a handler that merges trailers into it must not find other credentials there.
fn plain_trailers(frame: Frame<Bytes>) -> Frame<Bytes> {
    const DECIDE: [HeaderName; 5] = [AUTHORIZATION, COOKIE, HOST, ORIGIN, PROXY_AUTHORIZATION];
    match frame.into_trailers() {
        Ok(mut trailers) => {
            for name in DECIDE {
                trailers.remove(name);
            }
            crate::easy_auth::strip(&mut trailers);
            Frame::trailers(trailers)
        }
        Err(frame) => frame,
    }
}

pin_project! {
    /// An answer's body; its request counts as running until the body is gone.
    pub(super) struct Counted {
        #[pin]
        inner: Body,
        running: Running,
    }
}

impl Counted {
    pub(super) fn new(inner: Body, running: Running) -> Self {
        Self { inner, running }
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = ::axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ::axum::Error>>> {
        self.project().inner.poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
