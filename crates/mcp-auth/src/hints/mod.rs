//! Request headers of Microsoft Foundry (user and call hints), unverified.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Longer than any of them.
const LIMIT: usize = 512;

/// The headers that Microsoft Foundry adds to requests to hosted agents and tools (Foundry
/// doc "Hosted agent contract").
///
/// They tell sessions apart and go on to the toolbox. **They do not say who is calling**:
/// any client can write them. So they are no ids of Entra ID and become no
/// principal:
///
/// ```compile_fail
/// fn key_of(hint: &mcp_auth::Hint) -> entra_claims::PrincipalKey {
///     hint.into()
/// }
/// ```
///
/// ```compile_fail
/// fn pass_for_verified(hint: mcp_auth::Hint) -> mcp_auth::Caller {
///     mcp_auth::Caller::try_from(hint).unwrap()
/// }
/// ```
///
/// ```
/// use http::HeaderMap;
/// use mcp_auth::FoundryHints;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-agent-user-id", "user-7".parse()?);
/// let hints = FoundryHints::from_headers(&headers);
/// assert_eq!(hints.agent_user_id().map(|hint| hint.as_untrusted_str()), Some("user-7"));
/// assert!(hints.foundry_call_id().is_none());
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FoundryHints {
    agent_user_id: Option<Hint>,
    foundry_call_id: Option<Hint>,
    user_identity: Option<Hint>,
}

impl FoundryHints {
    /// Reads them. One that stands there twice, is empty, has more than 512 bytes or other
    /// characters than visible ASCII is ignored.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let read = |name| Hint::of(headers, HeaderName::from_static(name));
        Self {
            agent_user_id: read("x-agent-user-id"),
            foundry_call_id: read("x-agent-foundry-call-id"),
            user_identity: read("x-ms-user-identity"),
        }
    }

    /// `x-agent-user-id`: by what a hosted agent keeps its users' state apart.
    #[must_use]
    pub fn agent_user_id(&self) -> Option<&Hint> {
        self.agent_user_id.as_ref()
    }

    /// `x-agent-foundry-call-id`: what calls to the toolbox have to carry on, so that it
    /// finds the user.
    #[must_use]
    pub fn foundry_call_id(&self) -> Option<&Hint> {
        self.foundry_call_id.as_ref()
    }

    /// `x-ms-user-identity`: for whom an application says that it calls an agent.
    #[must_use]
    pub fn user_identity(&self) -> Option<&Hint> {
        self.user_identity.as_ref()
    }
}

/// One such header's text: foreign, of one line, and no identity.
///
/// It is not safe as a part of a path or a query either.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Hint(HeaderValue);

impl Hint {
    fn of(headers: &HeaderMap, name: HeaderName) -> Option<Self> {
        let mut all = headers.get_all(name).iter();
        let value = all.next()?;
        let usable = all.next().is_none()
            && (1..=LIMIT).contains(&value.len())
            && value.as_bytes().iter().all(u8::is_ascii_graphic);
        usable.then(|| Self(value.clone()))
    }

    /// The text. **Any client may have written it.**
    #[must_use]
    pub fn as_untrusted_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// For passing it on.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// Its length only: it may stand for a person.
impl fmt::Debug for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hint({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plain_word_is_none() {
        let read = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                let value = HeaderValue::from_bytes(value).unwrap();
                headers.append("x-agent-user-id", value);
            }
            let hints = FoundryHints::from_headers(&headers);
            let hint = hints.agent_user_id().cloned();
            hint.map(|hint| hint.as_untrusted_str().to_owned())
        };
        assert_eq!(read(&[b"8c2f/../x"]).as_deref(), Some("8c2f/../x"));
        for values in [
            &[][..],
            &[b"" as &[u8]],
            &[b"a", b"a"],
            &[b"a b"],
            &[b"a\tb"],
            &[b"\xff"],
            &[&[b'a'; 513]],
        ] {
            assert_eq!(read(values), None, "{values:?}");
        }
        assert!(read(&[&[b'a'; 512]]).is_some());
    }

    #[test]
    fn debug_shows_no_text() {
        let mut headers = HeaderMap::new();
        headers.insert("x-ms-user-identity", HeaderValue::from_static("alice"));
        let hints = FoundryHints::from_headers(&headers);
        assert!(hints.user_identity().is_some());
        assert!(!format!("{hints:?}").contains("alice"));
    }
}
