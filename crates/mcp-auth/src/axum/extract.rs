//! `Caller` as an axum extractor, and `CallerRejection`.

use ::axum::extract::{FromRequestParts, OptionalFromRequestParts};
use ::axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use crate::caller::Caller;
use crate::guard::{Anonymous, Authorization};
use crate::metadata::answer::Answer;
use crate::refusal::{Cause, Refusal, unguarded_answer};

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
            (None, Some(anonymous)) => Err(CallerRejection::of(anonymous.refuse())),
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

/// Why a handler did not get its [`Caller`](crate::Caller): the answer that the guard
/// would have given.
#[derive(Debug)]
pub struct CallerRejection(Box<Answer>);

impl CallerRejection {
    /// 500 where no [`AuthLayer`](crate::AuthLayer) guards the route, 401 where an
    /// optional one let a request without a token through, 403 (or 401 with a claims
    /// challenge) where the caller lacks what the handler requires.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(super) fn of(answer: Answer) -> Self {
        Self(Box::new(answer))
    }

    pub(crate) fn refused(authorization: &Authorization, refusal: &Refusal) -> Self {
        Self::of(authorization.refuse(refusal))
    }

    pub(crate) fn no_layer() -> Self {
        let refusal = Refusal::new(Cause::Unguarded);
        refusal.trace();
        Self::of(unguarded_answer(&refusal))
    }
}

impl IntoResponse for CallerRejection {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
