//! HTTP transport: the trait, and the built-in client over reqwest.
//!
//! Tests and users put their own [`HttpTransport`] in its place. No type of the HTTP client
//! inside appears here.

use std::fmt::Debug;
use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::time::Duration;

use foundry_scopes::is_loopback_host;

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
    plain: Plain,
}

/// Where plain http is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plain {
    Nowhere,
    Loopback,
    /// Loopback, and addresses that no router forwards (RFC 3927).
    LinkLocal,
}

impl HttpClient {
    /// A client for https.
    ///
    /// # Errors
    ///
    /// A system without usable TLS roots.
    pub fn new() -> Result<Self, TransportError> {
        Self::build(Plain::Nowhere)
    }

    /// A client that also talks plain http to `127.0.0.1`, `[::1]` and `localhost`, for a
    /// local Entra ID.
    ///
    /// # Errors
    ///
    /// As [`HttpClient::new`].
    pub fn allowing_loopback() -> Result<Self, TransportError> {
        Self::build(Plain::Loopback)
    }

    /// A client for the endpoints of managed identities, which speak plain http on the
    /// machine itself: loopback and `169.254.0.0/16`. The one named exception to https.
    ///
    /// # Errors
    ///
    /// As [`HttpClient::new`].
    pub fn for_managed_identity() -> Result<Self, TransportError> {
        Self::build(Plain::LinkLocal)
    }

    /// A client for https that goes through this proxy, for example `http://proxy.contoso.example:8080`. What goes
    /// through it stays encrypted from here to Entra ID.
    ///
    /// # Errors
    ///
    /// As [`HttpClient::new`], and an address that is not a proxy's.
    pub fn through_proxy(proxy: &str) -> Result<Self, TransportError> {
        let proxy = reqwest::Proxy::https(proxy).map_err(|_| TransportError::Setup)?;
        Self::build_with(Plain::Nowhere, |builder| builder.proxy(proxy))
    }

    fn build(plain: Plain) -> Result<Self, TransportError> {
        Self::build_with(plain, |builder| builder)
    }

    fn build_with(
        plain: Plain,
        change: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, TransportError> {
        let builder = reqwest::Client::builder()
            // A redirected request would send its body, and the secrets in it, elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(plain == Plain::Nowhere)
            .connect_timeout(CONNECT)
            .timeout(TOTAL);
        let client = change(builder).build().map_err(|_| TransportError::Setup)?;
        Ok(Self { client, plain })
    }

    fn allows(&self, uri: &http::Uri) -> bool {
        let host = uri.host().unwrap_or_default();
        let loopback = is_loopback_host(host);
        let link_local = host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_link_local());
        match uri.scheme_str() {
            Some("https") => true,
            Some("http") => match self.plain {
                Plain::Nowhere => false,
                Plain::Loopback => loopback,
                Plain::LinkLocal => loopback || link_local,
            },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_spoken_where_it_is_meant_to_be() {
        let local = [
            "http://127.0.0.1:1/",
            "http://localhost/x",
            "http://[::1]:1/",
        ];
        let link_local = [
            "http://169.254.169.254/metadata",
            "http://169.254.128.1:80/",
        ];
        let elsewhere = [
            "http://10.0.0.1/",
            "http://169.255.0.1/",
            "http://169.254.169.254.evil.example/",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://0xa9fea9fe/",
            "ftp://127.0.0.1/",
        ];
        let clients = [
            (HttpClient::new().unwrap(), false, false),
            (HttpClient::allowing_loopback().unwrap(), true, false),
            (HttpClient::for_managed_identity().unwrap(), true, true),
        ];
        for (client, on_loopback, on_link_local) in clients {
            let allows = |address: &&str| client.allows(&address.parse().unwrap());
            assert!(local.iter().all(|address| allows(address) == on_loopback));
            assert!(
                link_local
                    .iter()
                    .all(|address| allows(address) == on_link_local)
            );
            assert!(!elsewhere.iter().any(allows));
            assert!(allows(&"https://login.microsoftonline.com/"));
        }
    }
}
