//! Whether a request can be sent twice.

use http::Request;

/// Requests are copied before they are sent, and the copy is sent if the API asks for another
/// token. Copying a body of `bytes::Bytes` or `http_body_util::Full` of it copies a pointer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Replayed;

/// Requests are sent once, since a body is a stream, say. The new token is for the next one.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SentOnce;

pub trait Copies<B>: sealed::Sealed {
    fn copy(request: &Request<B>) -> Option<Request<B>>;
}

impl<B: Clone> Copies<B> for Replayed {
    fn copy(request: &Request<B>) -> Option<Request<B>> {
        Some(request.clone())
    }
}

impl<B> Copies<B> for SentOnce {
    fn copy(_: &Request<B>) -> Option<Request<B>> {
        None
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Replayed {}
    impl Sealed for super::SentOnce {}
}
