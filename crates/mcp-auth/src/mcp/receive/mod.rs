//! Request body: content type, size limit, and the same bytes for the server.

use std::error::Error;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;

use super::error::McpRequestError;

pin_project! {
    /// The body of a request to a guarded MCP server: the bytes that were decided on, or,
    /// for methods other than POST, what the client sends.
    #[derive(Debug)]
    pub struct McpRequestBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = KindProjection]
    enum Kind<B> {
        Read { #[pin] body: Full<Bytes> },
        Unread { #[pin] body: B },
    }
}

impl<B> McpRequestBody<B> {
    pub(super) fn read(bytes: Bytes) -> Self {
        let body = Full::new(bytes);
        let kind = Kind::Read { body };
        Self { kind }
    }

    pub(super) fn unread(body: B) -> Self {
        let kind = Kind::Unread { body };
        Self { kind }
    }
}

impl<B> Body for McpRequestBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            KindProjection::Read { body } => body
                .poll_frame(context)
                .map_err(|never: std::convert::Infallible| match never {}),
            KindProjection::Unread { body } => body.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Read { body } => body.is_end_stream(),
            Kind::Unread { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Read { body } => body.size_hint(),
            Kind::Unread { body } => body.size_hint(),
        }
    }
}

/// Whether the headers announce what will be read: JSON as it is.
pub(super) fn announced(headers: &HeaderMap) -> Result<(), McpRequestError> {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    if !encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(McpRequestError::ContentEncoding);
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(one), None) = (types.next(), types.next()) else {
        return Err(McpRequestError::ContentType);
    };
    let text = one.to_str().unwrap_or_default();
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    // JSON is UTF-8 (RFC 8259, section 8.1); another charset would mean other bytes.
    let foreign = parameters.split(';').any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8")
    });
    if foreign || !essence.trim().eq_ignore_ascii_case("application/json") {
        return Err(McpRequestError::ContentType);
    }
    Ok(())
}

/// How long a message may take to arrive.
const TIME: Duration = Duration::from_secs(30);

/// The whole body, if it is no larger than `limit` bytes and arrives in time.
pub(super) async fn whole<B>(body: B, limit: usize) -> Result<Bytes, McpRequestError>
where
    B: Body<Data = Bytes>,
{
    let read = tokio::time::timeout(TIME, collect(body, limit)).await;
    read.unwrap_or(Err(McpRequestError::BodyTooSlow))
}

async fn collect<B>(body: B, limit: usize) -> Result<Bytes, McpRequestError>
where
    B: Body<Data = Bytes>,
{
    // A length that is announced is refused before a byte is read.
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(McpRequestError::TooLarge);
    }
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut rest: Option<BytesMut> = None;
    let mut length = 0_usize;
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let Ok(data) = frame.map_err(|_| McpRequestError::BodyFailed)?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length > limit {
            return Err(McpRequestError::TooLarge);
        }
        match &mut rest {
            // An ordinary message comes in one piece, which is not copied.
            None if first.is_empty() => first = data,
            None => {
                let mut both = BytesMut::with_capacity(length);
                both.extend_from_slice(&first);
                both.extend_from_slice(&data);
                rest = Some(both);
            }
            Some(bytes) => bytes.extend_from_slice(&data),
        }
    }
    Ok(rest.map_or(first, BytesMut::freeze))
}

#[cfg(test)]
mod tests;
