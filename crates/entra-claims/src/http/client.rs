//! The default transport: reqwest with rustls, kept private.

use std::time::Duration;

use super::transport::{BoxFuture, HttpTransport, TransportError};

const CONNECT: Duration = Duration::from_secs(3);
const TOTAL: Duration = Duration::from_secs(10);
/// The largest body that is read.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// The built-in HTTP client: https only, no redirects, no proxy of the environment, 3 s to
/// connect, 10 s in all, at most 1 MiB of body.
///
/// ```
/// use entra_claims::transport::HttpClient;
///
/// let client = HttpClient::new()?;
/// # Ok::<(), entra_claims::transport::TransportError>(())
/// ```
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: reqwest::Client,
    plain_loopback: bool,
}

impl HttpClient {
    /// A client for https.
    ///
    /// # Errors
    ///
    /// A system without usable TLS roots.
    pub fn new() -> Result<Self, TransportError> {
        Self::build(false)
    }

    /// A client that also talks plain http to `127.0.0.1`, `[::1]` and `localhost`, for a
    /// local Entra ID.
    ///
    /// # Errors
    ///
    /// As [`HttpClient::new`].
    pub fn allowing_loopback() -> Result<Self, TransportError> {
        Self::build(true)
    }

    fn build(plain_loopback: bool) -> Result<Self, TransportError> {
        let client = reqwest::Client::builder()
            // A redirected request would send its body, and the secrets in it, elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(!plain_loopback)
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .build()
            .map_err(|_| TransportError::Setup)?;
        Ok(Self {
            client,
            plain_loopback,
        })
    }

    fn allows(&self, uri: &http::Uri) -> bool {
        let loopback = matches!(uri.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
        match uri.scheme_str() {
            Some("https") => true,
            Some("http") => self.plain_loopback && loopback,
            _ => false,
        }
    }

    async fn exchange(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        if !self.allows(request.uri()) {
            return Err(TransportError::NotHttps);
        }
        let request = reqwest::Request::try_from(request).map_err(|_| TransportError::Exchange)?;
        let mut answer = self.client.execute(request).await.map_err(translate)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(translate)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(TransportError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = http::Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl HttpTransport for HttpClient {
    fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<http::Response<Vec<u8>>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

/// Keeps the kind and drops the text: it may hold an address.
fn translate(error: reqwest::Error) -> TransportError {
    if error.is_timeout() {
        TransportError::Timeout
    } else if error.is_connect() {
        TransportError::Connect
    } else {
        TransportError::Exchange
    }
}
