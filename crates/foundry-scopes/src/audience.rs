//! The `aud` of a token.

use std::fmt;
use std::str::FromStr;

use crate::{AppIdUri, ClientId, ParseError};

/// One accepted or requested audience: a client id or an App ID URI, kept byte for byte.
///
/// Two audiences are equal if their bytes are. A v2 token carries the client id, a v1
/// token whatever identifier the client asked for, so an API usually accepts several
/// (Entra doc "Secure applications and APIs by validating claims").
///
/// ```
/// use foundry_scopes::Audience;
///
/// let audience = Audience::parse("api://11112222-bbbb-3333-cccc-4444dddd5555")?;
/// assert_eq!(audience.as_str(), "api://11112222-bbbb-3333-cccc-4444dddd5555");
/// assert!(Audience::parse("https://contoso.example/.default").is_err());
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Audience(Box<str>);

impl Audience {
    /// Reads a client id (any case, kept in lower case as tokens carry it) or an App ID URI.
    ///
    /// # Errors
    ///
    /// Anything that is neither.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if let Ok(client) = ClientId::parse(text) {
            return Ok(client.into());
        }
        AppIdUri::parse(text).map(Into::into).map_err(|error| {
            ParseError::new("audience", text, error.reason())
                .hint("an audience is a client id (GUID) or an App ID URI")
        })
    }

    /// The value that `aud` must have.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<ClientId> for Audience {
    fn from(client: ClientId) -> Self {
        Self(client.to_string().into())
    }
}

impl From<AppIdUri> for Audience {
    fn from(uri: AppIdUri) -> Self {
        Self(uri.as_str().into())
    }
}

impl AsRef<str> for Audience {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Audience({})", self.0)
    }
}

impl FromStr for Audience {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}
