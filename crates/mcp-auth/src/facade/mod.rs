//! The OAuth metadata facade, through which MCP clients sign in at Entra ID.
//!
//! Client id, redirect URI and PKCE stay the client's own, so there is no shared client
//! that a stranger could borrow consent from, and no token is minted here.

mod client_address;
mod discovery;
mod parameters;
mod rate;
mod token;

use std::sync::Arc;
use std::time::Duration;

use entra_claims::transport::HttpTransport;
use foundry_scopes::Authority;
use http::header::{CACHE_CONTROL, LOCATION, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Request, StatusCode, Uri};
use http_body::Body;

use crate::metadata::answer::{self, Answer, NO_STORE, cacheable};
use crate::resource::ProtectedResource;
use client_address::ClientAddress;
use discovery::Discovery;
use rate::Limiter;

/// Of an authorization request, in bytes: far more than any client sends, and less than
/// Entra ID takes.
const QUERY_LIMIT: usize = 16 * 1024;

pub(crate) struct Facade {
    authority: Authority,
    discovery: Discovery,
    limiter: Limiter,
    /// The header of the proxy in front that names the client.
    address_header: Option<HeaderName>,
    transport: Arc<dyn HttpTransport>,
}

impl Facade {
    pub(crate) fn new(
        resource: &ProtectedResource,
        issuer: String,
        transport: Arc<dyn HttpTransport>,
    ) -> Self {
        Self {
            limiter: Limiter::new(
                resource.facade_limits(),
                resource
                    .facade_budget()
                    .map(|space| (space, issuer.clone())),
            ),
            address_header: resource.client_address_header().cloned(),
            discovery: Discovery::new(resource, issuer),
            authority: resource.sign_in_authority(),
            transport,
        }
    }

    /// The authorization server metadata.
    pub(crate) async fn metadata(&self) -> Answer {
        match self.discovery.document(&*self.transport).await {
            Some(document) => cacheable(answer::json(StatusCode::OK, document)),
            None => unavailable(),
        }
    }

    /// 302 to the tenant's authorization endpoint, and to nothing else: a foreign
    /// `redirect_uri` is Entra's to refuse.
    pub(crate) fn authorize(&self, uri: &Uri) -> Answer {
        let query = uri.query().unwrap_or_default();
        if query.len() > QUERY_LIMIT {
            return answer::error(
                StatusCode::URI_TOO_LONG,
                "invalid_request",
                "the authorization request is too long",
            );
        }
        let query = parameters::authorization_query(query);
        let location = format!("{}?{query}", self.authority.authorize_endpoint());
        let Ok(location) = HeaderValue::try_from(location) else {
            return answer::error(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "the authorization request has characters that no URL has",
            );
        };
        let mut answer = answer::empty(StatusCode::FOUND);
        answer.headers_mut().insert(LOCATION, location);
        answer.headers_mut().insert(CACHE_CONTROL, NO_STORE);
        answer
    }

    /// What the tenant's token endpoint answers to the client's own request.
    pub(crate) async fn token<B>(&self, request: Request<B>) -> Answer
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let client = ClientAddress::of(
            request.headers(),
            request.extensions(),
            self.address_header.as_ref(),
        );
        // Looked at first: what is not forwarded takes nothing from those who sign in.
        let forward = match token::read(request, &self.authority.token_endpoint()).await {
            Ok(forward) => forward,
            Err(error) => return answer::never_cached(error.answer()),
        };
        if let Err(after) = self.limiter.take(client).await {
            return answer::never_cached(too_many(after));
        }
        let answer = match self.transport.send(forward).await {
            Ok(response) => token::pass_on(response),
            Err(error) => {
                tracing::warn!(target: "mcp_auth::facade", error = %error, "no answer from the token endpoint");
                unavailable()
            }
        };
        answer::never_cached(answer)
    }
}

fn unavailable() -> Answer {
    let mut answer = answer::error(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "Entra ID cannot be reached at the moment",
    );
    answer
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("5"));
    answer
}

/// RFC 6585, section 4.
fn too_many(after: Duration) -> Answer {
    tracing::warn!(target: "mcp_auth::facade", "more token requests than the facade forwards");
    let mut answer = answer::error(
        StatusCode::TOO_MANY_REQUESTS,
        "temporarily_unavailable",
        "too many sign-ins at the moment",
    );
    let seconds = after.as_secs() + 1;
    let headers = answer.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

/// A response of Entra ID that cannot be forwarded.
fn bad_gateway() -> Answer {
    answer::error(
        StatusCode::BAD_GATEWAY,
        "server_error",
        "the answer of Entra ID could not be understood",
    )
}
