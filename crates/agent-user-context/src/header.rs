//! The request header that carries a context.

use std::fmt;

use http::header::{HeaderMap, HeaderName};
use zeroize::Zeroizing;

use crate::reason::ContextReason;

/// `x-client-user-context`: of the headers that a client sends, a Foundry hosted agent gets those that begin with
/// `x-client-`.
pub const USER_CONTEXT: HeaderName = HeaderName::from_static("x-client-user-context");

/// A context as it was sent: neither verified nor printed.
pub struct SentContext(Zeroizing<String>);

impl SentContext {
    /// Takes the header out of a request, so that no handler reads it unverified. `None` if there is none.
    ///
    /// # Errors
    ///
    /// More than one, or one that is no text.
    pub fn take(headers: &mut HeaderMap) -> Result<Option<Self>, ContextReason> {
        let mut sent = headers.get_all(USER_CONTEXT).iter();
        let found = match (sent.next(), sent.next()) {
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(ContextReason::Repeated),
            (Some(one), None) => match one.to_str() {
                Ok(text) => Ok(Some(Self(Zeroizing::new(text.to_owned())))),
                Err(_) => Err(ContextReason::Malformed),
            },
        };
        headers.remove(USER_CONTEXT);
        found
    }

    /// The text, for a verifier or an issuer.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SentContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SentContext(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn exactly_one_is_taken_and_none_is_left() {
        let mut headers = HeaderMap::new();
        assert!(SentContext::take(&mut headers).unwrap().is_none());
        headers.append(USER_CONTEXT, HeaderValue::from_static("a.b.c"));
        let sent = SentContext::take(&mut headers).unwrap().unwrap();
        assert_eq!(sent.expose(), "a.b.c");
        assert!(!format!("{sent:?}").contains("a.b"));
        for values in [&["a", "a"][..], &["a", "b", "c"]] {
            for value in values {
                headers.append(USER_CONTEXT, HeaderValue::from_static(value));
            }
            assert_eq!(
                SentContext::take(&mut headers).unwrap_err(),
                ContextReason::Repeated
            );
            assert!(headers.is_empty());
        }
        headers.append(USER_CONTEXT, HeaderValue::from_bytes(b"a\xff").unwrap());
        assert_eq!(
            SentContext::take(&mut headers).unwrap_err(),
            ContextReason::Malformed
        );
        assert!(headers.is_empty());
    }
}
