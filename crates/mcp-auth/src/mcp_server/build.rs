//! An MCP server with its handler, and the order of its parts.

use std::convert::Infallible;
use std::task::{Context, Poll};

use ::axum::Router;
use ::axum::body::Body;
use ::axum::response::IntoResponse;
use http::Request;
use tower_service::Service;

use super::server::McpServer;
use crate::entra_app::EntraAppError;
use crate::guard::AuthLayer;
use crate::protected::Protected;

/// An MCP server with its handler: what is left is other routes, and [`build`](Self::build).
///
/// The MCP endpoint is guarded by the message guard; other paths are those of [`protected`](Self::protected) (guarded,
/// base scopes), [`public`](Self::public), and the server's own: metadata, the facade, consent pages. The server's own
/// give way to yours. Every other path is guarded.
#[derive(Debug)]
#[must_use = "no server is made before `build`"]
pub struct McpApplication {
    server: McpServer,
    endpoint: Router,
    protected: Vec<(Option<AuthLayer>, Router)>,
    public: Vec<Router>,
}

impl McpServer {
    /// The handler of MCP requests, as any tower service. It is mounted at the path of the public URL.
    pub fn service<S>(self, service: S) -> McpApplication
    where
        S: Service<Request<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Response: IntoResponse,
        S::Future: Send + 'static,
    {
        let path = url::Url::parse(&self.url).map(|url| url.path().to_owned());
        let path = path.unwrap_or_default();
        let service = Handler(service);
        let endpoint = Router::new().without_v07_checks();
        let endpoint = match path.trim_end_matches('/') {
            "" => endpoint.route_service("/", service),
            // Some clients put a slash at the end; the guard holds for both.
            path => endpoint
                .route_service(&format!("{path}/"), service.clone())
                .route_service(path, service),
        };
        McpApplication {
            server: self,
            endpoint,
            protected: Vec::new(),
            public: Vec::new(),
        }
    }
}

impl McpApplication {
    /// Routes that need the base scopes, like the MCP endpoint, and are no MCP messages.
    pub fn protected(mut self, routes: Router) -> Self {
        self.protected.push((None, routes));
        self
    }

    /// Routes behind a guard of their own.
    pub fn protected_by(mut self, guard: AuthLayer, routes: Router) -> Self {
        self.protected.push((Some(guard), routes));
        self
    }

    /// **Opens these routes to everybody.**
    pub fn public(mut self, routes: Router) -> Self {
        self.public.push(routes);
        self
    }

    /// The application.
    ///
    /// # Errors
    ///
    /// Settings of the resource that contradict each other, and a facade whose HTTP client cannot be set up.
    ///
    /// # Panics
    ///
    /// As [`Router::merge`], if two of your routers have the same path, or one has that of the MCP endpoint.
    pub fn build(self) -> Result<Protected, EntraAppError> {
        let resource = self.server.resource()?;
        let auth = self.server.auth(&resource)?;
        let messages = self.server.messages(auth.clone())?;
        // The base guard is the first, so that unknown paths are answered with its challenge.
        let mut app = auth.clone().protect(Router::new());
        app = app.merged(self.endpoint.layer(messages));
        for (guard, routes) in self.protected {
            app = app.and(guard.unwrap_or_else(|| auth.clone()), routes);
        }
        app = self.public.into_iter().fold(app, Protected::public);
        let metadata = resource
            .metadata_router()
            .map_err(|error| EntraAppError::one("the facade's https client", error.to_string()))?;
        app = app.own_routes(metadata);
        #[cfg(feature = "obo")]
        if let Some(pages) = self.server.pages.get() {
            app = app.own_routes(pages.clone().into_router());
        }
        Ok(app)
    }
}

/// A service that may be a router too, which axum takes at a path of its own only when it does not know.
#[derive(Clone)]
struct Handler<S>(S);

impl<S, R> Service<R> for Handler<S>
where
    S: Service<R>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.0.call(request)
    }
}
