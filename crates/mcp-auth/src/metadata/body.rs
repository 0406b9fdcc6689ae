//! The body.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;

/// The body of what this crate serves by itself ([`MetadataService`](crate::MetadataService),
/// `ConsentPages`): whole, and never an error.
#[derive(Clone, Debug, Default)]
pub struct MetadataBody(Full<Bytes>);

impl MetadataBody {
    pub(crate) fn whole(body: Full<Bytes>) -> Self {
        Self(body)
    }
}

impl Body for MetadataBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
