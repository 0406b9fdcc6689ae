//! Errors of a request with an attached token; invalid API origins.

use std::error::Error;

use crate::error::ExchangeError;

pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// Why a request with a token got no answer. A response of any status is not an error here.
///
/// ```
/// use entra_obo::attach::AttachError;
/// use entra_obo::{EntraError, ExchangeError, NextStep};
///
/// fn next(error: &AttachError) -> Option<NextStep> {
///     error.exchange().map(ExchangeError::next)
/// }
/// # let body = br#"{"error":"invalid_client","error_codes":[7000222]}"#;
/// # let answer = EntraError::from_response(401, None, body, time::OffsetDateTime::UNIX_EPOCH);
/// let error = AttachError::Exchange(ExchangeError::from(answer));
/// assert_eq!(next(&error), Some(NextStep::FixConfiguration));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// The request goes to an origin that is not the API's. No token was asked for, and
    /// nothing was sent.
    #[error("the request goes to {place:?}, which is none of the API's origins")]
    ForeignOrigin {
        /// Where it goes: scheme, host and port.
        place: String,
    },
    /// There is no token for the API, or none that answers its challenge.
    #[error("there is no token for the API")]
    Exchange(#[source] ExchangeError),
    /// The request could not be sent, or there was no answer.
    #[error("the request brought no answer")]
    Send(#[source] BoxError),
}

impl AttachError {
    /// Why there is no token, if that is the reason.
    #[must_use]
    pub fn exchange(&self) -> Option<&ExchangeError> {
        match self {
            Self::Exchange(error) => Some(error),
            _ => None,
        }
    }
}

/// An origin that cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text} is not the origin of an API: {reason}")]
pub struct InvalidOrigin {
    text: String,
    reason: &'static str,
}

impl InvalidOrigin {
    pub(super) fn new(text: &str, reason: &'static str) -> Self {
        let text = entra_parts::foreign::quoted(text);
        Self { text, reason }
    }
}
