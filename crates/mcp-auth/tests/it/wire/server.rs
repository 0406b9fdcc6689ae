//! A guarded server on a socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::routing::{any, get};
use entra_emulator::demo;
use mcp_auth::{AuthLayer, Caller, ProtectedResource};
use serde_json::{Value, json};

use super::raw::Ask;
use crate::common::world::{URL, World, read};

pub(crate) const METADATA: &str = "https://mcp.test/.well-known/oauth-protected-resource/mcp";

pub(crate) struct Server {
    pub(crate) world: World,
    pub(crate) address: SocketAddr,
    host: String,
    handled: Arc<AtomicUsize>,
}

impl Server {
    /// `https://mcp.test/mcp`, its base scope needed, as a guard is without further ado.
    pub(crate) async fn start() -> Self {
        Self::with(|guard| guard).await
    }

    /// The same with more settings.
    pub(crate) async fn with(configure: impl FnOnce(AuthLayer) -> AuthLayer) -> Self {
        let world = World::start().await;
        let resource = world.resource(URL);
        let guard = AuthLayer::new(world.authenticator(), resource.clone(), read()).unwrap();
        Self::serve(world, &resource, configure(guard), "mcp.test").await
    }

    /// A resource on loopback.
    pub(crate) async fn on_loopback() -> Self {
        let world = World::start().await;
        let resource = world.resource("http://localhost:3000/mcp");
        let guard = AuthLayer::new(world.authenticator(), resource.clone(), read()).unwrap();
        Self::serve(world, &resource, guard, "localhost:3000").await
    }

    pub(crate) async fn serve(
        world: World,
        resource: &ProtectedResource,
        guard: AuthLayer,
        host: &str,
    ) -> Self {
        let handled = Arc::new(AtomicUsize::new(0));
        let app = Router::new()
            .route("/mcp", any(echo))
            .route("/mcp/{*rest}", any(echo))
            .route("/healthz", get(echo).post(echo))
            .fallback(echo)
            .with_state(handled.clone())
            .layer(guard)
            .merge(resource.metadata_router().unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            world,
            address,
            host: host.to_owned(),
            handled,
        }
    }

    pub(crate) fn ask(&self, method: &str, target: &str) -> Ask {
        Ask::new(self.address, method, target, &self.host)
    }

    /// `POST /mcp`.
    pub(crate) fn post(&self) -> Ask {
        self.ask("POST", "/mcp")
    }

    /// Alice's token with the base scope.
    pub(crate) fn token(&self) -> String {
        self.world.token(&[demo::MCP_READ])
    }

    /// How many requests reached a handler.
    pub(crate) fn handled(&self) -> usize {
        self.handled.load(Ordering::SeqCst)
    }
}

/// What a handler sees.
async fn echo(State(handled): State<Arc<AtomicUsize>>, request: Request) -> axum::Json<Value> {
    handled.fetch_add(1, Ordering::SeqCst);
    let names: Vec<_> = request
        .headers()
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    let caller = request.extensions().get::<Caller>();
    axum::Json(json!({
        "object": caller.map(|caller| caller.principal().object().to_string()),
        "kind": caller.map(|caller| caller.principal().kind().as_str()),
        "headers": names,
    }))
}

/// "401 without an error": a challenge that only says what is needed.
pub(crate) fn bare_challenge() -> String {
    format!(
        "Bearer scope=\"{}\", resource_metadata=\"{METADATA}\"",
        demo::MCP_READ_SCOPE
    )
}

/// The same with `invalid_token` in front and a description behind.
pub(crate) fn invalid_token(description: &str) -> String {
    format!(
        "Bearer error=\"invalid_token\", scope=\"{}\", resource_metadata=\"{METADATA}\", error_description=\"{description}\"",
        demo::MCP_READ_SCOPE
    )
}
