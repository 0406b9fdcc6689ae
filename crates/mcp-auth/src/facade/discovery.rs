//! Entra's metadata, fetched and held.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use entra_claims::transport::HttpTransport;
use foundry_scopes::Scope;
use http::header::ACCEPT;
use http::{HeaderValue, Request, StatusCode};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::document::facade_document;
use crate::ProtectedResource;

/// Entra's document changes rarely: what it says of keys is not used through the facade.
const FRESH: Duration = Duration::from_secs(3600);

/// After a failure Entra ID is left alone that long; the route is open to anyone.
const BACK_OFF: Duration = Duration::from_secs(2);

/// The rewritten document. One fetch at a time; while a fetch fails, the document that is
/// held goes on being served.
pub(crate) struct Discovery {
    /// Where Entra ID's document is, and what it has to say that it is.
    url: String,
    documented_issuer: String,
    issuer: String,
    scopes: Vec<Scope>,
    held: Mutex<Option<Held>>,
    fetching: tokio::sync::Mutex<NotBefore>,
}

#[derive(Clone)]
struct Held {
    document: Bytes,
    since: Instant,
}

type NotBefore = Option<Instant>;

impl Discovery {
    pub(crate) fn new(resource: &ProtectedResource, issuer: String) -> Self {
        Self {
            url: resource.sign_in_authority().discovery_url(),
            documented_issuer: resource.documented_issuer(),
            issuer,
            scopes: resource.scopes().to_vec(),
            held: Mutex::new(None),
            fetching: tokio::sync::Mutex::new(None),
        }
    }

    pub(crate) async fn document(&self, transport: &dyn HttpTransport) -> Option<Bytes> {
        let held = self.held();
        if let Some(held) = held.as_ref().filter(|held| held.is_fresh()) {
            return Some(held.document.clone());
        }
        let mut not_before = match held {
            None => self.fetching.lock().await,
            // Somebody else is at it: nobody waits while there is something to serve.
            Some(held) => match self.fetching.try_lock() {
                Ok(guard) => guard,
                Err(_) => return Some(held.document),
            },
        };
        let waited = self.held();
        if let Some(held) = waited.as_ref().filter(|held| held.is_fresh()) {
            return Some(held.document.clone());
        }
        if not_before.is_none_or(|at| Instant::now() >= at) {
            match self.fetch(transport).await {
                Ok(document) => {
                    *not_before = None;
                    self.hold(document.clone());
                    return Some(document);
                }
                Err(problem) => {
                    tracing::warn!(target: "mcp_auth::facade", problem, "no metadata from Entra ID");
                    *not_before = Some(Instant::now() + BACK_OFF);
                }
            }
        }
        waited.map(|held| held.document)
    }

    async fn fetch(&self, transport: &dyn HttpTransport) -> Result<Bytes, String> {
        let mut request = Request::new(Vec::new());
        let url = &self.url;
        *request.uri_mut() = url.parse().map_err(|_| format!("{url:?} is no URL"))?;
        let accept = HeaderValue::from_static("application/json");
        request.headers_mut().insert(ACCEPT, accept);
        let response = transport
            .send(request)
            .await
            .map_err(|error| error.to_string())?;
        if response.status() != StatusCode::OK {
            return Err(format!("{url} answered {}", response.status()));
        }
        let entra: Map<String, Value> = serde_json::from_slice(response.body())
            .map_err(|_| format!("{url} gave no JSON object"))?;
        let issuer = &self.documented_issuer;
        if entra.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(format!("{url} is not the document of {issuer}"));
        }
        Ok(facade_document(&entra, &self.issuer, &self.scopes)
            .to_string()
            .into())
    }

    fn held(&self) -> Option<Held> {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn hold(&self, document: Bytes) {
        let since = Instant::now();
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(Held { document, since });
    }
}

impl Held {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < FRESH
    }
}

#[cfg(test)]
mod tests;
