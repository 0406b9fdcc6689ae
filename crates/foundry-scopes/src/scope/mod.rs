//! Scopes as requested, and the short names in a token's `scp`.

use crate::app_id_uri::AppIdUri;
use crate::audience::Audience;
use crate::error::ParseError;
use crate::text::text_value;

/// The name that stands for everything that was granted.
const DEFAULT: &str = ".default";

/// What people put between scopes. The grammar would allow both within one, and then a
/// whole list would pass for one scope.
const SEPARATORS: [char; 2] = [',', ';'];
const SEPARATED: &str = "it holds a comma or a semicolon";

/// The short name of a delegated permission, as it stands in a token's `scp`.
///
/// ```
/// use foundry_scopes::ScopeName;
///
/// assert_eq!(ScopeName::parse("access_as_user")?.as_str(), "access_as_user");
/// assert!(ScopeName::parse("api://contoso/access_as_user").is_err());
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeName(Box<str>);

impl ScopeName {
    /// Reads a short scope name.
    ///
    /// # Errors
    ///
    /// Empty text, `.default` (no token carries it), a slash (that is a qualified scope),
    /// characters outside the scope grammar (RFC 6749, section 3.3), or a comma or
    /// semicolon: that is a list.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = |reason| ParseError::new("scope name", text, reason);
        if text.is_empty() {
            return Err(refuse("it is empty"));
        }
        if text.eq_ignore_ascii_case(DEFAULT) {
            return Err(refuse("no token carries it")
                .hint("name the permission itself, as it stands in scp"));
        }
        if text.contains(SEPARATORS) {
            return Err(refuse(SEPARATED).hint("give one name"));
        }
        if text.contains('/') {
            return Err(refuse("this is a qualified scope")
                .hint("a token's scp carries the short name, the part after the last slash"));
        }
        if !text.bytes().all(is_scope_byte) {
            return Err(refuse(
                "only printable ASCII without blanks, quotes and backslashes",
            ));
        }
        Ok(Self(text.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A qualified scope: `<resource>/<name>`, the form that requests and challenges use.
///
/// The resource is everything before the last slash, so a resource with a trailing slash
/// gives a double one (Entra doc "Scopes and permissions": trailing slash and .default).
///
/// ```
/// use foundry_scopes::Scope;
///
/// let scope = Scope::parse("https://management.azure.com//.default")?;
/// assert_eq!(scope.resource(), "https://management.azure.com/");
/// assert!(scope.is_default());
///
/// let error = Scope::parse("User.Read").unwrap_err();
/// assert!(error.to_string().contains("https://graph.microsoft.com/User.Read"));
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    text: Box<str>,
    slash: usize,
}

impl Scope {
    /// Reads a qualified scope.
    ///
    /// # Errors
    ///
    /// A short name (Entra ID would take it for a Microsoft Graph permission), or a
    /// resource that is neither an App ID URI nor a client id; `.default` in another
    /// case; a comma or a semicolon, which separate nothing here.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = |reason| ParseError::new("scope", text, reason);
        if text.contains(SEPARATORS) {
            return Err(refuse(SEPARATED).hint("separate scopes with blanks"));
        }
        if Audience::parse(text).is_ok() && !names_a_permission(text) {
            return Err(refuse("it is a resource without a permission")
                .hint("append /.default for everything that was granted"));
        }
        let Some((resource, name)) = text.rsplit_once('/') else {
            return Err(refuse("it names no resource").hint(
                "qualify it: api://<client id>/<name> for an API of yours, \
                 https://graph.microsoft.com/User.Read for Microsoft Graph",
            ));
        };
        if name.is_empty() {
            return Err(refuse("it has no name after the last slash")
                .hint("append .default for everything that was granted"));
        }
        if name != DEFAULT {
            if name.eq_ignore_ascii_case(DEFAULT) {
                return Err(
                    refuse("Entra ID does not know this name").hint("write .default in lower case")
                );
            }
            ScopeName::parse(name).map_err(|error| refuse(error.reason()))?;
        }
        Audience::parse(resource).map_err(|_| {
            refuse("the part before the last slash is neither an App ID URI nor a client id")
        })?;
        Ok(Self {
            text: text.into(),
            slash: resource.len(),
        })
    }

    /// `name` of the resource `uri`.
    #[must_use]
    pub fn new(uri: &AppIdUri, name: &ScopeName) -> Self {
        Self {
            text: format!("{uri}/{name}").into(),
            slash: uri.as_str().len(),
        }
    }

    /// `<uri>/.default`: all that was granted.
    #[must_use]
    pub fn default_for(uri: &AppIdUri) -> Self {
        Self {
            text: format!("{uri}/.default").into(),
            slash: uri.as_str().len(),
        }
    }

    /// A scope of the catalogue, whose rows a test parses.
    pub(crate) fn of_table(text: &'static str) -> Self {
        Self {
            slash: text.rfind('/').unwrap_or_default(),
            text: text.into(),
        }
    }

    /// The resource, byte for byte.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.text.get(..self.slash).unwrap_or_default()
    }

    /// The short name, or `.default`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.get(self.slash + 1..).unwrap_or_default()
    }

    /// Whether this is `<resource>/.default`.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.name() == DEFAULT
    }

    /// The whole scope.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The scopes that belong to sign-in and not to a resource (OpenID Connect Core 1.0,
/// sections 5.4 and 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "Entra ID knows these four")]
pub enum OidcScope {
    /// `email`
    Email,
    /// `offline_access`: asks for a refresh token.
    OfflineAccess,
    /// `openid`: asks for an ID token.
    OpenId,
    /// `profile`
    Profile,
}

impl OidcScope {
    /// The OpenID Connect scope of that name, if it is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "email" => Self::Email,
            "offline_access" => Self::OfflineAccess,
            "openid" => Self::OpenId,
            "profile" => Self::Profile,
            _ => return None,
        })
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::OfflineAccess => "offline_access",
            Self::OpenId => "openid",
            Self::Profile => "profile",
        }
    }
}

/// Whether something follows the authority of a URI, so that its last part can be a
/// permission: `api://contoso` and a bare GUID have none.
fn names_a_permission(text: &str) -> bool {
    // The first colon ends the scheme: in `urn:contoso://read` no authority begins later.
    let rest = text.split_once(':').map_or(text, |(_, rest)| rest);
    rest.strip_prefix("//").unwrap_or(rest).contains('/')
}

/// RFC 6749, section 3.3: `%x21 / %x23-5B / %x5D-7E`.
fn is_scope_byte(b: u8) -> bool {
    b.is_ascii_graphic() && b != b'"' && b != b'\\'
}

text_value!(Scope);
text_value!(ScopeName);

#[cfg(test)]
mod tests;
