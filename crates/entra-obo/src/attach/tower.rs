//! `AttachToken` as a tower layer and service.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use entra_claims::transport::BoxFuture;
use http::{HeaderMap, Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::error::{AttachError, BoxError};
use super::message::{Outgoing, Sender};
use super::origins::ApiOrigins;
use super::token::AttachToken;

/// A service whose requests carry a token: [`AttachToken`] says which, and where to.
///
/// ```
/// use std::convert::Infallible;
/// use entra_obo::attach::{AttachError, AttachToken};
/// use http::{Request, Response, StatusCode};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
///
/// async fn call(attach: AttachToken) -> Result<StatusCode, AttachError> {
///     let api = service_fn(|request: Request<String>| async move {
///         // The token is there, and `Debug` does not show it.
///         assert!(request.headers()["authorization"].is_sensitive());
///         Ok::<_, Infallible>(Response::new(()))
///     });
///     let service = ServiceBuilder::new().layer(attach).service(api);
///     let request = Request::post("https://orders.contoso.example/orders");
///     let request = request.body("{}".to_owned()).unwrap();
///     Ok(service.oneshot(request).await?.status())
/// }
/// # use std::sync::Arc;
/// # use entra_obo::attach::ApiOrigins;
/// # use entra_obo::{ClientCredential, ClientSecret, ExchangeClient};
/// # use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
/// # use entra_emulator::{Directory, Emulator, demo};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = Emulator::start(Directory::demo()).await?;
/// # let authority = TenantAuthority::new(Cloud::loopback(emulator.base_url())?, TenantId::parse(demo::TENANT)?);
/// # let secret = ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET));
/// # let client = ExchangeClient::new(authority, ClientId::parse(demo::MCP_SERVER)?, secret)?;
/// # let orders = client.for_app(ScopeSet::parse(demo::ORDERS_DEFAULT_SCOPE)?)?;
/// # let origins = ApiOrigins::new(["https://orders.contoso.example"])?;
/// # let attach = AttachToken::as_app(&orders, &origins);
/// assert_eq!(call(attach).await?, StatusCode::OK);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AttachTokenService<S, R = WithRetry> {
    inner: S,
    attach: AttachToken,
    replay: PhantomData<R>,
}

impl<S, R> AttachTokenService<S, R> {
    pub(super) fn new(inner: S, attach: AttachToken) -> Self {
        Self {
            inner,
            attach,
            replay: PhantomData,
        }
    }
}

impl<S, R, B, D> Service<Request<B>> for AttachTokenService<S, R>
where
    S: Service<Request<B>, Response = Response<D>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    R: Copies<B>,
    B: Send + 'static,
    D: Send + 'static,
{
    type Response = Response<D>;
    type Error = AttachError;
    type Future = BoxFuture<'static, Result<Response<D>, AttachError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), AttachError>> {
        let ready = self.inner.poll_ready(context);
        ready.map_err(|error| AttachError::Send(error.into()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready goes with the request; a clone may not be.
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone);
        let attach = self.attach.clone();
        let copy = R::copy(&request);
        Box::pin(async move { attach.call(request, copy, Sends(ready)).await })
    }
}

struct Sends<S>(S);

impl<S, B, D> Sender<Request<B>> for Sends<S>
where
    S: Service<Request<B>, Response = Response<D>> + Send,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Send + 'static,
    D: Send,
{
    type Answer = Response<D>;

    fn send(&mut self, request: Request<B>) -> BoxFuture<'_, Result<Response<D>, BoxError>> {
        Box::pin(async move {
            // Ready already for the first one, and asked again for the second.
            poll_fn(|context| self.0.poll_ready(context))
                .await
                .map_err(Into::into)?;
            self.0.call(request).await.map_err(Into::into)
        })
    }
}

impl<B: Send> Outgoing for Request<B> {
    fn goes_to(&self, origins: &ApiOrigins) -> bool {
        let uri = self.uri();
        match (uri.scheme_str(), uri.host()) {
            (Some(scheme), Some(host)) => origins.admit(scheme, host, uri.port_u16()),
            _ => false,
        }
    }

    fn place(&self) -> String {
        let uri = self.uri();
        let scheme = uri.scheme_str().unwrap_or_default();
        let host = uri.host().unwrap_or_default();
        match uri.port_u16() {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }
}

impl<S> Layer<S> for AttachToken {
    type Service = AttachTokenService<S, WithRetry>;

    fn layer(&self, inner: S) -> Self::Service {
        AttachTokenService::new(inner, self.clone())
    }
}

/// [`AttachToken`] as a layer for requests whose bodies cannot be sent twice.
#[derive(Clone, Debug)]
pub struct AttachWithoutRetry(AttachToken);

impl AttachToken {
    /// A layer for requests whose bodies cannot be sent twice: streams, say. A challenge still
    /// leads to a new token, for the next request; the answer to this one is passed on.
    #[must_use]
    #[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
    pub fn without_retry(self) -> AttachWithoutRetry {
        AttachWithoutRetry(self)
    }
}

impl<S> Layer<S> for AttachWithoutRetry {
    type Service = AttachTokenService<S, WithoutRetry>;

    fn layer(&self, inner: S) -> Self::Service {
        AttachTokenService::new(inner, self.0.clone())
    }
}

/// Requests are copied before they are sent, and the copy is sent if the API asks for another
/// token. Copying a body of `bytes::Bytes` or `http_body_util::Full` of it copies a pointer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WithRetry;

/// Requests are sent once, since a body is a stream, say. The next request uses the new token.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WithoutRetry;

pub trait Copies<B>: sealed::Sealed {
    fn copy(request: &Request<B>) -> Option<Request<B>>;
}

impl<B: Clone> Copies<B> for WithRetry {
    fn copy(request: &Request<B>) -> Option<Request<B>> {
        Some(request.clone())
    }
}

impl<B> Copies<B> for WithoutRetry {
    fn copy(_: &Request<B>) -> Option<Request<B>> {
        None
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::WithRetry {}
    impl Sealed for super::WithoutRetry {}
}
