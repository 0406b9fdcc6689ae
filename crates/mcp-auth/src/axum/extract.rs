//! `Caller` as an extractor.

use ::axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::rejection::CallerRejection;
use crate::Caller;
use crate::guard::Anonymous;

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
