//! A local API that validates what it gets, as Microsoft's own do.

use std::error::Error;

use axum::Router;
use axum::routing::MethodRouter;
use mcp_auth::claims::VerifiedToken;
use mcp_auth::{EntraApp, Protected, ServeLimits};
use serde_json::{Value, json};

use crate::events::Events;

pub struct Api {
    entra: EntraApp,
    witness: Witness,
    app: Option<Protected>,
}

/// Tells whom an API saw.
#[derive(Clone)]
pub struct Witness {
    api: &'static str,
    events: Events,
}

impl Witness {
    pub fn saw(&self, what: &str, token: &VerifiedToken) -> Value {
        let principal = token.principal();
        let saw = json!({
            "event": "downstream",
            "api": self.api,
            "what": what,
            "object": principal.object().to_string(),
            "client": principal.client().to_string(),
            "audience": token.claims().aud(),
            "scopes": token.claims().scp(),
        });
        self.events.emit(saw.clone());
        saw
    }
}

impl Api {
    /// An API whose tokens have the client id or the identifier URI of `entra` as audience, and no other.
    pub fn new(name: &'static str, entra: EntraApp, events: Events) -> Self {
        let witness = Witness { api: name, events };
        Self {
            entra,
            witness,
            app: None,
        }
    }

    /// One more route, for users' tokens with `scope`.
    pub fn route(
        mut self,
        path: &str,
        scope: &str,
        handler: MethodRouter<Witness>,
    ) -> Result<Self, Box<dyn Error>> {
        let guard = self.entra.guard(scope)?;
        let routes = Router::new().route(path, handler);
        let routes = routes.with_state(self.witness.clone());
        self.app = Some(match self.app {
            None => guard.protect(routes),
            Some(app) => app.and(guard, routes),
        });
        Ok(self)
    }

    /// Starts it; gives its origin.
    pub async fn start(self) -> Result<String, Box<dyn Error>> {
        let app = self.app.ok_or("an API without routes")?;
        let listener = mcp_auth::listen("127.0.0.1:0").await?;
        let origin = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        // It ends with the process: only the MCP server drains.
        let forever = std::future::pending();
        tokio::spawn(mcp_auth::serve_until(
            listener,
            app,
            ServeLimits::default(),
            forever,
        ));
        Ok(origin)
    }
}
