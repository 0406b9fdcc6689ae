//! The `aud` of a token.

use crate::text::text_value;
use crate::{AppIdUri, ClientId, ParseError, catalogue};

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
        // A GUID has one length; asking for more would build an error to throw away.
        if text.len() == 36
            && let Ok(client) = ClientId::parse(text)
        {
            return Ok(client.into());
        }
        AppIdUri::parse(text).map(Into::into).map_err(|error| {
            // A plain GUID, which has no scheme, is an audience and no App ID URI.
            let hint = error.remedy().filter(|_| text.contains(':'));
            let hint = hint.unwrap_or("an audience is a client id (GUID) or an App ID URI");
            ParseError::new("audience", text, error.reason()).hint(hint.to_owned())
        })
    }

    /// Whether both are names of one resource in one cloud, as Entra ID resolves them.
    ///
    /// 1. Scheme and host in any case, one slash at the end or none.
    /// 2. A client id and `api://<client id>`.
    /// 3. Spellings that one row of the [catalogue](crate::catalogue) lists, its application id
    ///    included; an id that two resources share names both.
    ///
    /// It is for looking and explaining. A service compares `aud` literally, as `==` does: to
    /// accept a token for this reason would accept what the service did not configure.
    ///
    /// ```
    /// use foundry_scopes::Audience;
    ///
    /// let asked = Audience::parse("https://management.azure.com")?;
    /// let found = Audience::parse("https://management.core.windows.net/")?;
    /// assert!(asked.names_same_resource(&found));
    /// assert_ne!(asked, found);
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    #[must_use]
    pub fn names_same_resource(&self, other: &Self) -> bool {
        plain(&self.0) == plain(&other.0)
            || catalogue::in_one_row(&names(&self.0), &names(&other.0))
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

/// Scheme and host in lower case, without one slash at the end and without `api://` before a
/// client id.
fn plain(text: &str) -> String {
    let trimmed = text.strip_suffix('/').unwrap_or(text);
    let id = trimmed.strip_prefix("api://").unwrap_or(trimmed);
    if let Ok(client) = ClientId::parse(id) {
        return client.to_string();
    }
    let Some((scheme, rest)) = trimmed.split_once("://") else {
        return trimmed.to_owned();
    };
    // What follows `api://` is a name and no host: its case is the application's choice.
    if scheme.eq_ignore_ascii_case("api") {
        return format!("api://{rest}");
    }
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    format!(
        "{}://{}{path}",
        scheme.to_ascii_lowercase(),
        host.to_ascii_lowercase()
    )
}

/// The spellings under which the catalogue may have it.
fn names(text: &str) -> Vec<String> {
    let plain = plain(text);
    if plain.ends_with('/') {
        return Vec::new();
    }
    vec![format!("{plain}/"), plain]
}

text_value!(Audience);

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

    #[test]
    fn a_guid_is_a_client_id_in_the_spelling_of_tokens() {
        let audience = Audience::parse(&GUID.to_uppercase()).unwrap();
        assert_eq!(audience.as_str(), GUID);
        assert_eq!(audience, ClientId::parse(GUID).unwrap().into());
    }

    #[test]
    fn what_is_neither_is_told_what_an_audience_is() {
        for text in ["", "contoso", "11112222-bbbb-3333-cccc"] {
            let error = Audience::parse(text).unwrap_err();
            let hint = "an audience is a client id (GUID) or an App ID URI";
            assert_eq!(error.remedy(), Some(hint), "{text}");
        }
        let error = Audience::parse("https://graph.microsoft.com/.default").unwrap_err();
        assert!(error.remedy().unwrap().contains("before /.default"));
    }

    #[test]
    fn slashes_and_case_of_uris_are_kept() {
        let plain = Audience::parse("https://ai.azure.com").unwrap();
        for other in ["https://ai.azure.com/", "https://AI.azure.com"] {
            let other = Audience::parse(other).unwrap();
            assert_ne!(plain, other);
        }
    }

    #[test]
    fn one_resource_has_many_names_and_one_cloud() {
        let same = |a: &str, b: &str| {
            let (a, b) = (Audience::parse(a).unwrap(), Audience::parse(b).unwrap());
            assert_eq!(a.names_same_resource(&b), b.names_same_resource(&a));
            a.names_same_resource(&b)
        };
        let own = format!("api://{GUID}");
        for (a, b) in [
            ("https://ai.azure.com", "https://ai.azure.com/"),
            ("https://ai.azure.com", "HTTPS://AI.azure.com"),
            (GUID, own.as_str()),
            (
                "https://ai.azure.com",
                "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",
            ),
            (
                "https://ml.azure.com",
                "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",
            ),
            (
                "https://graph.microsoft.com/",
                "00000003-0000-0000-c000-000000000000",
            ),
            (
                "https://storage.azure.com",
                "https://contoso.blob.core.windows.net",
            ),
        ] {
            assert!(same(a, b), "{a} {b}");
        }
        for (a, b) in [
            // Two resources of one application, and one resource in two clouds.
            ("https://ai.azure.com", "https://ml.azure.com"),
            (
                "https://cognitiveservices.azure.com",
                "https://cognitiveservices.azure.us",
            ),
            (
                "https://cognitiveservices.azure.com",
                "https://ai.azure.com",
            ),
            ("https://ai.azure.com", "https://ai.azure.com/x"),
            ("https://ai.azure.com", "https://ai.azure.com//"),
            ("https://ai.azure.com", "http://ai.azure.com"),
            (
                "https://devbox.microsoft.com/mcp",
                "https://devbox.microsoft.com",
            ),
            ("api://contoso", "api://Contoso"),
            (
                "https://a.blob.core.windows.net",
                "https://b.blob.core.windows.net",
            ),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn what_is_neither_is_refused_with_what_to_write() {
        for (text, hint) in [
            ("", "client id"),
            ("contoso", "client id"),
            ("00000000-0000-0000-0000-000000000000", "client id"),
            ("https://ai.azure.com/.default", "before /.default"),
            ("https://ai.azure.com https://ml.azure.com", "client id"),
            ("https://*.azurewebsites.net", "aud carries"),
        ] {
            let error = Audience::parse(text).unwrap_err();
            assert_eq!(error.expected(), "audience");
            assert!(error.to_string().contains(hint), "{text:?}: {error}");
        }
    }
}
