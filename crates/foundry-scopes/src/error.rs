//! `ParseError`: why a value was refused, and what to write instead.

use std::borrow::Cow;
use std::fmt;

/// A value that is not what it should be: what was expected, what was found,
/// why it was refused and, where known, what to write instead.
///
/// ```
/// use foundry_scopes::TenantId;
///
/// let error = TenantId::parse("contoso.onmicrosoft.com").unwrap_err();
/// assert_eq!(error.expected(), "tenant id");
/// assert!(error.to_string().contains("contoso.onmicrosoft.com"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    expected: &'static str,
    found: String,
    reason: &'static str,
    hint: Option<Cow<'static, str>>,
}

impl ParseError {
    pub(crate) fn new(expected: &'static str, found: &str, reason: &'static str) -> Self {
        Self {
            expected,
            found: shorten(found),
            reason,
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What the value should have been, in the field's terms (`tenant id`, `scope`, ...).
    #[must_use]
    pub fn expected(&self) -> &'static str {
        self.expected
    }

    /// The value as it was given, cut after 120 characters; a token is never shown.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// Why it was refused.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// What to write instead, where that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `{:?}` escapes control characters: the value may end up in a log.
        write!(
            f,
            "{:?} is not a valid {}: {}",
            self.found, self.expected, self.reason
        )?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ParseError {}

fn shorten(text: &str) -> String {
    const LIMIT: usize = 120;
    // A token that landed in the wrong variable must not reach a log.
    if text.trim_start().starts_with("eyJ") {
        return "(a token, not shown)".to_owned();
    }
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_escaped_cut_and_never_a_token() {
        let error = ParseError::new("scope", "a\r\nb", "no").to_string();
        assert_eq!(error, "\"a\\r\\nb\" is not a valid scope: no");

        let long = "ü".repeat(121);
        let error = ParseError::new("scope", &long, "no");
        assert_eq!(error.found(), format!("{}...", "ü".repeat(120)));
        let fits = "ü".repeat(120);
        assert_eq!(ParseError::new("scope", &fits, "no").found(), fits);

        for token in ["eyJhbGciOiJSUzI1NiJ9.e30.x", " eyJhbGciOiJSUzI1NiJ9"] {
            let error = ParseError::new("client id", token, "no").hint("yes");
            assert!(!format!("{error} {error:?}").contains("eyJ"));
            assert_eq!(error.remedy(), Some("yes"));
        }
    }
}
