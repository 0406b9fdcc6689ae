//! `Caller` as an extractor.

use ::axum::extract::{FromRequestParts, OptionalFromRequestParts};
use ::axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::Caller;
use crate::guard::Anonymous;
use crate::metadata::answer::{self, Answer};

/// Why a handler did not get its [`Caller`].
#[derive(Debug)]
pub struct CallerRejection(Answer);

impl CallerRejection {
    /// 500 where no [`AuthLayer`](crate::AuthLayer) guards the route, 401 where an
    /// optional one let a request without a token through.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    fn no_layer() -> Self {
        tracing::error!(
            target: "mcp_auth::rejection",
            "a handler asks for its caller, and no AuthLayer guards its route: put `.layer(guard)` after \
             this route is added"
        );
        Self(answer::error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "this service is misconfigured",
        ))
    }
}

impl IntoResponse for CallerRejection {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

/// The caller that the layer verified.
///
/// Without a layer the answer is 500: a mistake of the server, never an anonymous caller.
impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = CallerRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, CallerRejection> {
        match (
            parts.extensions.get::<Self>(),
            parts.extensions.get::<Anonymous>(),
        ) {
            (Some(caller), _) => Ok(caller.clone()),
            (None, Some(anonymous)) => Err(CallerRejection(anonymous.refuse())),
            (None, None) => Err(CallerRejection::no_layer()),
        }
    }
}

/// `None` if an [optional](crate::AuthLayer::optional) layer saw no token. A bad token is
/// refused before it comes to this, so it never becomes `None`.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = CallerRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, CallerRejection> {
        match (
            parts.extensions.get::<Self>(),
            parts.extensions.get::<Anonymous>(),
        ) {
            (Some(caller), _) => Ok(Some(caller.clone())),
            (None, Some(_)) => Ok(None),
            (None, None) => Err(CallerRejection::no_layer()),
        }
    }
}
