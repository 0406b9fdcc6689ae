//! `AttachToken` for requests of a `reqwest` client.

use entra_claims::transport::BoxFuture;
use http::{HeaderMap, StatusCode};
use reqwest::{Client, Request, Response, Url};

use super::error::{AttachError, BoxError};
use super::message::{Incoming, Outgoing, Sender};
use super::origins::ApiOrigins;
use super::token::AttachToken;

impl AttachToken {
    /// Sends a request with `client` and the token, once more if the API asks for another
    /// token and the body is in memory.
    ///
    /// # Errors
    ///
    /// [`AttachError`]; a response of any status is `Ok`.
    ///
    /// # Panics
    ///
    /// On a tokio runtime without its time driver.
    #[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
    pub async fn execute(
        &self,
        client: &Client,
        request: Request,
    ) -> Result<Response, AttachError> {
        let copy = request.try_clone();
        self.call(request, copy, Sends(client)).await
    }
}

struct Sends<'a>(&'a Client);

impl Sender<Request> for Sends<'_> {
    type Answer = Response;

    fn send(&mut self, request: Request) -> BoxFuture<'_, Result<Response, BoxError>> {
        Box::pin(async move { Ok(self.0.execute(request).await?) })
    }
}

fn is_at(url: &Url, origins: &ApiOrigins) -> bool {
    let host = url.host_str();
    host.is_some_and(|host| origins.admit(url.scheme(), host, url.port()))
}

impl Outgoing for Request {
    fn goes_to(&self, origins: &ApiOrigins) -> bool {
        is_at(self.url(), origins)
    }

    fn place(&self) -> String {
        self.url().origin().ascii_serialization()
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }
}

impl Incoming for Response {
    fn comes_from(&self, origins: &ApiOrigins) -> bool {
        is_at(self.url(), origins)
    }

    fn status(&self) -> StatusCode {
        self.status()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}
