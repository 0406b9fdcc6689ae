//! HTTP requests and responses of `tower` and `reqwest` behind one trait; `WWW-Authenticate` of a 401.

use entra_claims::transport::BoxFuture;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, InvalidHeaderValue, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

use super::error::BoxError;
use super::origins::ApiOrigins;
use crate::token::AccessToken;
use entra_claims::ClaimsChallenge;

/// A request that is about to be sent.
pub(super) trait Outgoing: Send {
    fn goes_to(&self, origins: &ApiOrigins) -> bool;

    /// Scheme, host and port, for a message.
    fn place(&self) -> String;

    fn headers_mut(&mut self) -> &mut HeaderMap;

    /// Puts the token in, in place of whatever stood there.
    fn authorize(&mut self, token: &AccessToken) -> Result<(), InvalidHeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
        // Neither `Debug` nor HTTP/2's table of headers keeps it.
        value.set_sensitive(true);
        self.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}

/// An answer.
pub(super) trait Incoming: Send {
    /// Whether it was given by one of these, and not by where a client was redirected to.
    fn comes_from(&self, origins: &ApiOrigins) -> bool;

    fn status(&self) -> StatusCode;

    fn headers(&self) -> &HeaderMap;
}

/// What sends a request: a client, or a service that may have to get ready first.
pub(super) trait Sender<Q>: Send {
    type Answer: Incoming;

    fn send(&mut self, request: Q) -> BoxFuture<'_, Result<Self::Answer, BoxError>>;
}

/// What an API says of the token that it got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It wants these claims in the next one (Entra doc "Claims challenges").
    Claims(ClaimsChallenge),
    /// It is expired, revoked or otherwise invalid; "the client MAY request a new access
    /// token and retry" (RFC 6750, section 3.1).
    InvalidToken,
}

impl Refusal {
    /// What a 401 says. Nothing if it says something else, nothing at all, or if a field
    /// cannot be understood: then the answer is passed on as it is. So is the answer of another
    /// origin, which would choose the claims of a token that is none of its own.
    pub(super) fn of(answer: &impl Incoming, origins: &ApiOrigins) -> Option<Self> {
        if answer.status() != StatusCode::UNAUTHORIZED {
            return None;
        }
        if !answer.comes_from(origins) {
            tracing::warn!("a challenge of an origin that is not the API's is not followed");
            return None;
        }
        let fields = answer.headers().get_all(WWW_AUTHENTICATE);
        // Several fields are one list (RFC 9110, section 5.3).
        let fields: Result<Vec<&str>, _> = fields.iter().map(HeaderValue::to_str).collect();
        let field = fields.ok()?.join(", ");
        match ClaimsChallenge::from_www_authenticate(&field) {
            Ok(Some(challenge)) => Some(Self::Claims(challenge)),
            Ok(None) if ClaimsChallenge::is_invalid_token(&field) => Some(Self::InvalidToken),
            Ok(None) => None,
            Err(error) => {
                tracing::debug!(%error, "the API's challenge cannot be read");
                None
            }
        }
    }

    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Claims(_) => "claims",
            Self::InvalidToken => "invalid_token",
        }
    }
}

impl<B: Send> Incoming for Response<B> {
    /// A service that follows redirects goes around the layer: each of its requests is checked.
    fn comes_from(&self, _: &ApiOrigins) -> bool {
        true
    }

    fn status(&self) -> StatusCode {
        self.status()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}
