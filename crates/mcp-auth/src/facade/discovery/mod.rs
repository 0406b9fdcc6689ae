//! Authorization server metadata: Entra ID's own, fetched and rewritten for the facade.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use entra_claims::transport::HttpTransport;
use entra_parts::lock::lock;
use foundry_scopes::{OidcScope, Scope};
use http::header::ACCEPT;
use http::{HeaderValue, Request, StatusCode};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::resource::ProtectedResource;

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
    held: Mutex<Option<CachedDocument>>,
    fetching: tokio::sync::Mutex<NotBefore>,
}

#[derive(Clone)]
struct CachedDocument {
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
            // Another request fetches it already: none waits while there is something to serve.
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

    fn held(&self) -> Option<CachedDocument> {
        lock(&self.held).clone()
    }

    fn hold(&self, document: Bytes) {
        let since = Instant::now();
        *lock(&self.held) = Some(CachedDocument { document, since });
    }
}

impl CachedDocument {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < FRESH
    }
}

/// Members of Entra ID's document that stay true behind the facade. A list of what may
/// pass, so that a new member of Entra's document cannot lead clients around the facade.
const KEPT: [&str; 7] = [
    "jwks_uri",
    "response_types_supported",
    "response_modes_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "userinfo_endpoint",
    "end_session_endpoint",
];

/// Entra ID's metadata with the facade in its place (RFC 8414, section 2).
///
/// - `issuer` and the two endpoints are the facade's.
/// - `code_challenge_methods_supported` is added: Entra ID supports S256 without saying
///   so, and MCP clients must refuse a server that does not say so.
/// - `none` and the secret methods are the client authentications that can pass through
///   (a client assertion names Entra's endpoint as its audience, so it cannot).
/// - `scopes_supported` holds the resource's scopes and `offline_access`, so that clients
///   still ask for a refresh token; the `prompt=consent` that they add to it is taken out
///   on the way.
/// - No `registration_endpoint`: Entra ID has none, and none is pretended.
fn facade_document(entra: &Map<String, Value>, issuer: &str, scopes: &[Scope]) -> Value {
    let mut document = Map::new();
    for name in KEPT {
        if let Some(value) = entra.get(name) {
            document.insert(name.to_owned(), value.clone());
        }
    }
    let scopes: Vec<_> = scopes
        .iter()
        .map(Scope::as_str)
        .chain([OidcScope::OfflineAccess.as_str()])
        .collect();
    let own = [
        ("issuer", json!(issuer)),
        (
            "authorization_endpoint",
            json!(format!("{issuer}/authorize")),
        ),
        ("token_endpoint", json!(format!("{issuer}/token"))),
        ("code_challenge_methods_supported", json!(["S256"])),
        (
            "grant_types_supported",
            json!(["authorization_code", "refresh_token", "client_credentials"]),
        ),
        (
            "token_endpoint_auth_methods_supported",
            json!(["none", "client_secret_post", "client_secret_basic"]),
        ),
        ("scopes_supported", json!(scopes)),
    ];
    for (name, value) in own {
        document.insert(name.to_owned(), value);
    }
    Value::Object(document)
}

#[cfg(test)]
mod tests;
