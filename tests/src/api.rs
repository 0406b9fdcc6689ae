//! A guarded axum service on a real socket, which answers whom it saw.

use std::error::Error;

use axum::{Json, Router, routing::get};
use entra_claims::{Authenticator, Requirement};
use foundry_scopes::AppIdUri;
use mcp_auth::{AuthLayer, Caller};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// The service.
#[derive(Clone, Debug)]
pub struct GuardedApi {
    url: String,
    http: reqwest::Client,
}

impl GuardedApi {
    /// Starts it on a free port; it ends with the test's runtime.
    ///
    /// # Errors
    ///
    /// No port to listen on.
    pub async fn start(
        authenticator: Authenticator,
        identifier_uri: &str,
        requirement: Requirement,
    ) -> Result<Self, Box<dyn Error>> {
        let identifier_uri = AppIdUri::parse(identifier_uri)?;
        let guard = AuthLayer::for_api(authenticator, identifier_uri, requirement)?;
        let app = Router::new().route("/me", get(me)).layer(guard);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/me", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self {
            url,
            http: reqwest::Client::new(),
        })
    }

    /// Status, challenge and body of a call with `token`.
    ///
    /// # Errors
    ///
    /// The service cannot be reached.
    pub async fn call(&self, token: &str) -> Result<(StatusCode, String, Value), Box<dyn Error>> {
        let answer = self.http.get(&self.url).bearer_auth(token).send().await?;
        let status = answer.status();
        let challenge = answer
            .headers()
            .get("www-authenticate")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        Ok((status, challenge, answer.json().await?))
    }
}

async fn me(caller: Caller) -> Json<Value> {
    let principal = caller.principal();
    Json(json!({
        "tid": principal.tenant().to_string(),
        "oid": principal.object().to_string(),
        "client": principal.client().to_string(),
        "aud": caller.token().claims().aud(),
    }))
}
