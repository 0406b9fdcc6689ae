//! A local API that validates what it gets, as Microsoft's own do.

use std::error::Error;

use axum::Router;
use axum::routing::MethodRouter;
use entra_claims::{
    AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator, VerifiedToken,
};
use foundry_scopes::{AppIdUri, Audience, ScopeName, TenantAuthority};
use mcp_auth::AuthLayer;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::events::Events;

pub struct Api {
    name: &'static str,
    uri: &'static str,
    authenticator: Authenticator,
    routes: Router<Witness>,
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
    /// An API whose tokens have `uri` or `client_id` as audience, and no other.
    pub fn new(
        name: &'static str,
        authority: &TenantAuthority,
        uri: &'static str,
        client_id: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let audiences =
            AcceptedAudiences::listed([Audience::parse(uri)?, Audience::parse(client_id)?])?;
        let validator = Validator::new(
            authority.cloud().clone(),
            TenantPolicy::single(authority.tenant()),
            audiences,
        );
        Ok(Self {
            name,
            uri,
            authenticator: Authenticator::new(validator)?,
            routes: Router::new(),
        })
    }

    /// One more route, for users' tokens with `scope`.
    pub fn route(
        mut self,
        path: &str,
        scope: &str,
        handler: MethodRouter<Witness>,
    ) -> Result<Self, Box<dyn Error>> {
        let guard = AuthLayer::for_api(
            self.authenticator.clone(),
            AppIdUri::parse(self.uri)?,
            Requirement::scope(ScopeName::parse(scope)?),
        )?;
        let guarded = Router::new().route(path, handler).layer(guard);
        self.routes = self.routes.merge(guarded);
        Ok(self)
    }

    /// Starts it; gives its origin.
    pub async fn start(self, events: Events) -> Result<String, Box<dyn Error>> {
        let witness = Witness {
            api: self.name,
            events,
        };
        let app = self.routes.with_state(witness);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(origin)
    }
}
