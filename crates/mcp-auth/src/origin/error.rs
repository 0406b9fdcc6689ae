//! What cannot stand in an allow-list.

/// A host or an origin that no browser would send, so that it would never match.
///
/// ```
/// use mcp_auth::AllowedOrigin;
///
/// let error = AllowedOrigin::parse("https://inspector.example/").unwrap_err();
/// assert!(error.to_string().contains("scheme, host and port"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} cannot be an allowed {what}: {reason}")]
pub struct AllowListError {
    text: String,
    what: &'static str,
    reason: &'static str,
}

impl AllowListError {
    pub(super) fn host(text: &str, reason: &'static str) -> Self {
        Self::new("host", text, reason)
    }

    pub(super) fn origin(text: &str, reason: &'static str) -> Self {
        Self::new("origin", text, reason)
    }

    fn new(what: &'static str, text: &str, reason: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            what,
            reason,
        }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}
