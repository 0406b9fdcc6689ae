//! Audiences: client ids and App ID URIs, as the `aud` claim carries them.

use crate::app_id_uri::AppIdUri;
use crate::error::ParseError;
use crate::id::ClientId;
use crate::text::text_value;

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
