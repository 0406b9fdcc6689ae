//! Routes behind guards, and the public ones beside them.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::axum::Router;
use ::axum::body::Body;
use ::axum::response::{IntoResponse, Response};
use ::axum::routing::Route;
use entra_claims::Authenticator;
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::probes::{self, Lifecycle};
use crate::guard::AuthLayer;

/// An application in which every path needs a token, unless it was called [`public`](Self::public).
///
/// Made by [`AuthLayer::protect`]. It is no [`Router`] and becomes none by itself, since a `Router` is opened by its
/// next route: there is no `route`, `merge` or `nest` here.
///
/// 1. A path of [`public`](Self::public) is open.
/// 2. A path of a protected router is guarded by the guard that it was given with.
/// 3. Every other path is guarded by the first guard, whose router answers: with its own fallback, or with 404. So
///    a client without a token does not learn which paths there are.
///
/// It is a [`Service`] of requests, for tests and for servers other than [`serve`](crate::serve):
///
/// ```
/// use axum::{Router, body::Body, routing::get};
/// use http::{Request, StatusCode};
/// use mcp_auth::EntraApp;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let entra = EntraApp::from_variables([
/// #     ("AZURE_TENANT_ID", "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"),
/// #     ("AZURE_CLIENT_ID", "11112222-bbbb-3333-cccc-4444dddd5555"),
/// # ])?;
/// let app = entra
///     .guard("orders.read")?
///     .protect(Router::new().route("/orders", get(|| async { "orders" })))
///     .public(Router::new().route("/about", get(|| async { "about" })));
/// for (path, status) in [
///     ("/about", StatusCode::OK),
///     ("/orders", StatusCode::UNAUTHORIZED),
///     ("/unknown", StatusCode::UNAUTHORIZED),
/// ] {
///     let answer = app.clone().oneshot(Request::get(path).body(Body::empty())?).await?;
///     assert_eq!(answer.status(), status, "{path}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "an application does nothing until it is served"]
pub struct Protected {
    /// All routes, in front of everything else.
    routes: Router,
    /// The routes of this crate: metadata, sign-in, probes. They give way to the user's.
    own: Router,
    /// The first guard with its router, for every other path.
    rest: Router,
    layers: Vec<Arc<dyn Fn(Router) -> Router + Send + Sync>>,
    authenticators: Vec<Authenticator>,
    lifecycle: Lifecycle,
    /// The paths of liveness and readiness.
    probes: Option<(String, String)>,
    /// All of it put together.
    whole: Router,
}

impl AuthLayer {
    /// Puts this guard around all routes of a router, its fallback included.
    #[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
    pub fn protect(self, routes: Router) -> Protected {
        let authenticators = vec![self.authenticator().clone()];
        let guarded = routes.layer(self);
        Protected::put_together(Protected {
            routes: guarded.clone().reset_fallback(),
            own: Router::new(),
            rest: guarded,
            layers: Vec::new(),
            authenticators,
            lifecycle: Lifecycle::default(),
            probes: None,
            whole: Router::new(),
        })
    }
}

impl Protected {
    /// More routes, behind another guard. Their fallback is left out: every path that has no route is the first guard's.
    ///
    /// # Panics
    ///
    /// As [`Router::merge`], if a path has a route already.
    #[doc(alias = "route")]
    #[doc(alias = "merge")]
    #[doc(alias = "nest")]
    pub fn and(mut self, guard: AuthLayer, routes: Router) -> Self {
        self.authenticators.push(guard.authenticator().clone());
        self.merged(routes.layer(guard))
    }

    /// **Opens these routes to everybody.** Their fallback is left out: a path that has no route stays guarded.
    ///
    /// # Panics
    ///
    /// As [`Router::merge`], if a path has a route already.
    pub fn public(self, routes: Router) -> Self {
        self.merged(routes)
    }

    /// Answers probes at `/livez` and `/readyz`, to everybody: see [`probes_at`](Self::probes_at).
    pub fn probes(self) -> Self {
        self.probes_at("/livez", "/readyz")
    }

    /// Answers probes at these paths, to everybody: `live` with 200 while the process runs, `ready` with 503 until
    /// the keys of the authority are there, and again while [`serve`](crate::serve) drains.
    pub fn probes_at(mut self, live: &str, ready: &str) -> Self {
        self.probes = Some((live.to_owned(), ready.to_owned()));
        self.put_together()
    }

    /// Puts a layer around everything, outermost: tracing, metrics, timeouts. Of several the last is outermost.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request<Body>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request<Body>>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request<Body>>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request<Body>>>::Future: Send + 'static,
    {
        self.layers
            .push(Arc::new(move |router: Router| router.layer(layer.clone())));
        self.put_together()
    }

    /// **The application as a plain router, whose next route is open.** For applications that have to be nested in
    /// another one; a route that is added to it needs a guard of its own.
    pub fn into_unguarded_router(self) -> Router {
        self.whole
    }

    /// Routes with the guard that they bring along, if any, and without their fallback.
    pub(crate) fn merged(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes.reset_fallback());
        self.put_together()
    }

    /// Open routes of this crate, which give way to the user's.
    pub(crate) fn own_routes(mut self, routes: Router) -> Self {
        self.own = self.own.merge(routes);
        self.put_together()
    }

    /// Whether a guard accepts tokens of a local Entra ID.
    #[cfg(feature = "serve")]
    pub(crate) fn accepts_local_tokens(&self) -> bool {
        let mut all = self.authenticators.iter();
        all.any(|one| one.validator().cloud().is_loopback())
    }

    #[cfg(feature = "serve")]
    pub(crate) fn authenticators(&self) -> &[Authenticator] {
        &self.authenticators
    }

    #[cfg(feature = "serve")]
    pub(crate) fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    fn put_together(mut self) -> Self {
        let mut own = self.own.clone();
        if let Some((live, ready)) = &self.probes {
            let authenticators = self.authenticators.clone();
            own = own.merge(probes::router(
                live,
                ready,
                self.lifecycle.clone(),
                authenticators,
            ));
        }
        let own = own.fallback_service(self.rest.clone());
        let whole = self.routes.clone().fallback_service(own);
        self.whole = self
            .layers
            .iter()
            .fold(whole, |router, layer| layer(router));
        self
    }
}

impl Service<Request<Body>> for Protected {
    type Response = Response;
    type Error = Infallible;
    type Future = <Router as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        <Router as Service<Request<Body>>>::poll_ready(&mut self.whole, context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        <Router as Service<Request<Body>>>::call(&mut self.whole, request)
    }
}

impl fmt::Debug for Protected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protected")
            .field("guards", &self.authenticators.len())
            .finish_non_exhaustive()
    }
}
