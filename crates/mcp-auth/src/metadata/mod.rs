//! `MetadataService`: protected resource metadata and the facade as one tower service.

pub(crate) mod answer;

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use entra_claims::transport::{HttpClient, HttpTransport, TransportError};
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use tower_service::Service;

use crate::facade::Facade;
use crate::resource::ProtectedResource;
use answer::{Answer, Methods, cacheable};

/// The routes that clients read before they have a token: the metadata of a
/// [`ProtectedResource`], and its facade when that is on.
///
/// It knows its own paths ([`MetadataService::paths`]) and answers 404 to any other, so it
/// can stand behind any router. With the feature `axum`, the resource's
/// `metadata_router()` gives them as a router.
///
/// What it answers:
///
/// 1. `GET` and `HEAD` of the metadata paths: the document, cacheable for an hour, the
///    same whatever `Host` says (RFC 9728, section 3).
/// 2. The facade's three metadata paths (RFC 8414, section 3.1; OpenID Connect Discovery
///    1.0, section 4): Entra's document, rewritten; 503 while Entra ID cannot be reached.
/// 3. `<facade>/authorize`: 302 to the tenant's authorization endpoint.
/// 4. `<facade>/token`: what the tenant's token endpoint answers.
/// 5. `OPTIONS`: 204 for any origin. Other methods: 405 with `Allow`.
///
/// ```
/// use foundry_scopes::{AppIdUri, Cloud, TenantAuthority, TenantId};
/// use http::{Request, StatusCode};
/// use mcp_auth::{MetadataService, ProtectedResource};
/// use tower::ServiceExt as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// let resource = ProtectedResource::builder("https://mcp.contoso.example/mcp")
///     .authority(&TenantAuthority::new(Cloud::public(), tenant))
///     .identifier_uri(AppIdUri::parse("https://mcp.contoso.example/mcp")?)
///     .build()?;
/// let service = MetadataService::new(&resource)?;
/// assert_eq!(service.paths().next(), Some("/.well-known/oauth-protected-resource/mcp"));
///
/// let request = Request::get("/.well-known/oauth-protected-resource/mcp").body(String::new())?;
/// assert_eq!(service.clone().oneshot(request).await?.status(), StatusCode::OK);
/// let other = Request::get("/mcp").body(String::new())?;
/// assert_eq!(service.oneshot(other).await?.status(), StatusCode::NOT_FOUND);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MetadataService(Arc<Inner>);

struct Inner {
    routes: Vec<(String, Route)>,
    document: Bytes,
    facade: Option<Facade>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    ProtectedResource,
    AuthorizationServer,
    Authorize,
    Token,
}

impl MetadataService {
    /// The routes of `resource`, with an HTTP client of their own for the facade.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be set up.
    pub fn new(resource: &ProtectedResource) -> Result<Self, TransportError> {
        let client = if resource.authority().cloud().is_loopback() {
            HttpClient::allowing_loopback()?
        } else {
            HttpClient::new()?
        };
        Ok(Self::with_transport(resource, Arc::new(client)))
    }

    /// The same with a given transport: for tests, or to share one.
    #[must_use]
    pub fn with_transport(resource: &ProtectedResource, transport: Arc<dyn HttpTransport>) -> Self {
        let mut routes: Vec<_> = resource
            .metadata_paths()
            .into_iter()
            .map(|path| (path, Route::ProtectedResource))
            .collect();
        let facade = resource.facade_url().map(|url| {
            let base = url.path();
            routes.extend([
                (
                    url.well_known_path("oauth-authorization-server"),
                    Route::AuthorizationServer,
                ),
                (
                    url.well_known_path("openid-configuration"),
                    Route::AuthorizationServer,
                ),
                (
                    format!("{base}/.well-known/openid-configuration"),
                    Route::AuthorizationServer,
                ),
                (format!("{base}/authorize"), Route::Authorize),
                (format!("{base}/token"), Route::Token),
            ]);
            Facade::new(resource, url.as_text(), transport)
        });
        let mode = resource.sign_in_mode();
        tracing::info!(
            target: "mcp_auth::metadata",
            resource = resource.url(),
            issuer = resource.issuer(),
            mode = mode.as_str(),
            "{}",
            mode.why(),
        );
        Self(Arc::new(Inner {
            routes,
            document: resource.metadata_json().into(),
            facade,
        }))
    }

    /// The paths that are answered, all below the root of the resource's origin.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.routes.iter().map(|(path, _)| path.as_str())
    }
}

impl Inner {
    fn route(&self, path: &str) -> Option<Route> {
        let found = self.routes.iter().find(|(known, _)| known == path);
        found.map(|(_, route)| *route)
    }

    async fn answer<B>(&self, request: Request<B>) -> Answer
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let Some(route) = self.route(request.uri().path()) else {
            return answer::empty(StatusCode::NOT_FOUND);
        };
        let methods = match route {
            Route::Token => Methods::Post,
            _ => Methods::Read,
        };
        let method = request.method().clone();
        let answer = if method == Method::OPTIONS {
            answer::options(methods)
        } else if !methods.allow(&method) {
            answer::not_allowed(methods)
        } else {
            match (route, &self.facade) {
                (Route::AuthorizationServer, Some(facade)) => facade.metadata().await,
                (Route::Authorize, Some(facade)) => facade.authorize(request.uri()),
                (Route::Token, Some(facade)) => facade.token(request).await,
                _ => cacheable(answer::json(StatusCode::OK, self.document.clone())),
            }
        };
        answer::public(answer, &method)
    }
}

impl<B> Service<Request<B>> for MetadataService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<MetadataBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { Ok(inner.answer(request).await.map(MetadataBody::whole)) })
    }
}

impl fmt::Debug for MetadataService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetadataService")
            .field("routes", &self.0.routes)
            .finish_non_exhaustive()
    }
}

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
