//! App ID URIs: the names a resource application is known by.

use std::fmt;
use std::str::FromStr;

use crate::{ClientId, ParseError};

/// An App ID URI (identifier URI) of a resource application, kept byte for byte.
///
/// Entra ID compares these literally: case, trailing slash and all.
///
/// ```
/// use foundry_scopes::{AppIdUri, ClientId};
///
/// let uri = AppIdUri::parse("api://11112222-bbbb-3333-cccc-4444dddd5555")?;
/// assert_eq!(uri.client_id(), Some(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?));
/// assert!(AppIdUri::parse("11112222-bbbb-3333-cccc-4444dddd5555").is_err());
/// assert!(AppIdUri::parse("https://graph.microsoft.com/.default").is_err());
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppIdUri(Box<str>);

impl AppIdUri {
    /// Reads an identifier URI.
    ///
    /// # Errors
    ///
    /// Text without a scheme, with blanks, quotes or a fragment, longer than 255
    /// characters, or a scope (`.../.default`) in its place.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = |reason| ParseError::new("App ID URI", text, reason);
        if text.len() > 255 {
            return Err(refuse("it is longer than 255 characters"));
        }
        if !text.bytes().all(is_uri_byte) {
            return Err(refuse("it contains a character that no URI has"));
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(refuse("it has no scheme").hint("write api://<client id> for a plain GUID"));
        };
        let scheme_ok = scheme.bytes().enumerate().all(|(i, b)| {
            b.is_ascii_alphabetic() || (i > 0 && (b.is_ascii_digit() || b"+-.".contains(&b)))
        });
        if scheme.is_empty() || !scheme_ok || rest.trim_start_matches('/').is_empty() {
            return Err(refuse("it is not an absolute URI"));
        }
        if text.ends_with("/.default") {
            return Err(
                refuse("this is a scope").hint("the App ID URI is the part before /.default")
            );
        }
        Ok(Self(text.into()))
    }

    /// `api://<client id>`, what the portal proposes for a new API.
    #[must_use]
    pub fn api(client: ClientId) -> Self {
        Self(format!("api://{client}").into())
    }

    /// The client id in an `api://<client id>` or `api://<client id>/...` URI.
    #[must_use]
    pub fn client_id(&self) -> Option<ClientId> {
        let rest = self.0.strip_prefix("api://")?;
        ClientId::parse(rest.split('/').next()?).ok()
    }

    /// The URI as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// RFC 3986 characters without `#`, and without the ones that would need quoting in a
/// scope list or a challenge.
pub(crate) fn is_uri_byte(b: u8) -> bool {
    b.is_ascii_graphic() && !b"\"\\#<>^`{|}".contains(&b)
}

impl AsRef<str> for AppIdUri {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppIdUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AppIdUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppIdUri({})", self.0)
    }
}

impl FromStr for AppIdUri {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}
