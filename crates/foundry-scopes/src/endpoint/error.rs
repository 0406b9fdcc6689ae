//! The refusal of a text, with what was probably meant.

use std::fmt;

use super::refusal::EndpointRefusal;

/// A text that is no endpoint a token may be sent to: why, and the corrected text where
/// the intention is clear.
///
/// It never repeats the text itself: a pasted URL may hold a key or a password.
///
/// ```
/// use foundry_scopes::{Endpoint, EndpointRefusal};
///
/// let error = Endpoint::parse("http://contoso.openai.azure.com").unwrap_err();
/// assert_eq!(error.refusal(), EndpointRefusal::PlainHttp);
/// assert_eq!(error.suggestion(), Some("https://contoso.openai.azure.com"));
///
/// let error = Endpoint::parse("https://contoso.openai.azure.com.evil.example").unwrap_err();
/// assert_eq!((error.code(), error.suggestion()), ("unknown_host", None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointError {
    refusal: EndpointRefusal,
    suggestion: Option<Box<str>>,
}

impl EndpointError {
    pub(super) fn new(refusal: EndpointRefusal, suggestion: Option<String>) -> Self {
        Self {
            refusal,
            suggestion: suggestion.map(Into::into),
        }
    }

    /// Why it was refused.
    #[must_use]
    pub fn refusal(&self) -> EndpointRefusal {
        self.refusal
    }

    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.refusal.code()
    }

    /// The text that was probably meant. It parses; whether it is right is for the person
    /// to say who wrote it.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an endpoint to send a token to: {}", self.refusal)?;
        match &self.suggestion {
            Some(text) => write!(f, "; perhaps `{text}` is meant"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for EndpointError {}
