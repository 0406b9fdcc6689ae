//! The metadata facade: what lets MCP clients sign in at Entra ID.
//!
//! Client id, redirect URI and PKCE stay the client's own, so there is no shared client
//! that a stranger could borrow consent from, and no token is minted here.

mod discovery;
mod document;
mod form;
mod query;
mod token;

use std::sync::Arc;

use entra_claims::transport::HttpTransport;
use foundry_scopes::TenantAuthority;
use http::header::{CACHE_CONTROL, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Request, StatusCode, Uri};
use http_body::Body;

use crate::ProtectedResource;
use crate::metadata::answer::{self, Answer, NO_STORE};
use crate::metadata::cacheable;
use discovery::Discovery;

pub(crate) struct Facade {
    authority: TenantAuthority,
    discovery: Discovery,
    transport: Arc<dyn HttpTransport>,
}

impl Facade {
    pub(crate) fn new(
        resource: &ProtectedResource,
        issuer: String,
        transport: Arc<dyn HttpTransport>,
    ) -> Self {
        let authority = resource.authority().clone();
        Self {
            discovery: Discovery::new(authority.clone(), issuer, resource.scopes().to_vec()),
            authority,
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
        let query = query::for_entra(uri.query().unwrap_or_default());
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
        let forward = match token::read(request, &self.authority.token_endpoint()).await {
            Ok(forward) => forward,
            Err(fault) => return answer::never_cached(fault.answer()),
        };
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

/// An answer of Entra ID that is none.
fn bad_gateway() -> Answer {
    answer::error(
        StatusCode::BAD_GATEWAY,
        "server_error",
        "the answer of Entra ID could not be understood",
    )
}
