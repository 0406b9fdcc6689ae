//! The HTTP seam: one trait, and the client that implements it.
//!
//! Tests and users put their own [`HttpTransport`] in its place. No type of the HTTP client
//! inside appears here.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

pub use super::client::HttpClient;

/// A future in a box, as object-safe traits need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request and reads the whole answer.
///
/// An implementation follows no redirects: a redirected token request would carry a secret
/// to wherever it points. It bounds its own time and the size of the body.
pub trait HttpTransport: Debug + Send + Sync {
    /// Sends `request`. Any status is an answer and not an error.
    fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<http::Response<Vec<u8>>, TransportError>>;
}

/// Why there is no answer. Holds no address, no header and no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection: refused, no route, no such name, or TLS that failed.
    #[error("no connection to the server")]
    Connect,
    /// The server did not answer in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// The answer is larger than 1 MiB.
    #[error("the answer is larger than 1 MiB")]
    TooLarge,
    /// An address that this client does not talk to: plain http beyond loopback.
    #[error("the address is not https")]
    NotHttps,
    /// The connection broke, or the answer was no HTTP.
    #[error("the exchange with the server failed")]
    Exchange,
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made")]
    Setup,
}
