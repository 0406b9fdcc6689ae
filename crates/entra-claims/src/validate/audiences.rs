//! Accepted audiences, compared with `aud`.

use foundry_scopes::{AppIdUri, Audience, ClientId};

use super::{ConfigError, TokenVersion};

/// The audiences that are accepted: at least one, each compared byte for byte.
///
/// A v2 token carries the API's client id. A v1 token carries whatever identifier the
/// client asked for, as the client wrote it (Entra doc "Secure applications and APIs by
/// validating claims"), so an API usually has several, and of a v1 token
///
/// - a GUID is compared as a GUID, in either case;
/// - the identifier URIs of [`for_client`](Self::for_client) and
///   [`identifier_uri`](Self::identifier_uri) are taken with one trailing slash more or
///   less.
///
/// ```
/// use entra_claims::{AcceptedAudiences, TokenVersion};
/// use foundry_scopes::{AppIdUri, Audience, ClientId};
///
/// let client = ClientId::parse("11112222-BBBB-3333-cccc-4444dddd5555")?;
/// let audiences = AcceptedAudiences::for_client(client)
///     .identifier_uri(AppIdUri::parse("https://contoso.com/orders")?)
///     .and(Audience::parse("spn:11112222-bbbb-3333-cccc-4444dddd5555")?);
/// assert!(audiences.accepts("11112222-bbbb-3333-cccc-4444dddd5555", TokenVersion::V2));
/// assert!(audiences.accepts("api://11112222-bbbb-3333-cccc-4444dddd5555", TokenVersion::V1));
/// assert!(audiences.accepts("https://contoso.com/orders/", TokenVersion::V1));
/// assert!(!audiences.accepts("https://contoso.com/orders/", TokenVersion::V2));
/// assert!(!audiences.accepts("https://contoso.com/orders/x", TokenVersion::V1));
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedAudiences(Vec<Accepted>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Accepted {
    audience: Audience,
    /// One of the registration's own, which v1 tokens repeat with or without a slash.
    either_slash: bool,
}

impl AcceptedAudiences {
    /// What a registration of this client id produces by default: the id itself, and
    /// `api://` with the id.
    #[must_use]
    pub fn for_client(client: ClientId) -> Self {
        Self(Vec::new())
            .and(client.into())
            .identifier_uri(AppIdUri::api(client))
    }

    /// One audience and no other, as it is written here.
    #[must_use]
    pub fn only(audience: Audience) -> Self {
        Self(Vec::new()).and(audience)
    }

    /// These audiences, as they are written here.
    ///
    /// # Errors
    ///
    /// An empty list.
    pub fn listed(audiences: impl IntoIterator<Item = Audience>) -> Result<Self, ConfigError> {
        let list = audiences.into_iter().fold(Self(Vec::new()), Self::and);
        if list.0.is_empty() {
            return Err(ConfigError::NoAudiences);
        }
        Ok(list)
    }

    /// One more, as it is written here.
    #[must_use]
    pub fn and(self, audience: Audience) -> Self {
        self.with(audience, false)
    }

    /// One more identifier URI of the API's own registration.
    #[must_use]
    pub fn identifier_uri(self, uri: AppIdUri) -> Self {
        self.with(uri.into(), true)
    }

    /// Whether `aud` of a token of this version is one of them. No case folding of URIs, no
    /// prefixes, no more slashes than one.
    #[must_use]
    pub fn accepts(&self, aud: &str, version: TokenVersion) -> bool {
        self.0.iter().any(|own| own.is(aud, version))
    }

    /// The audiences as they were added, in that order.
    pub fn iter(&self) -> impl Iterator<Item = &Audience> {
        self.0.iter().map(|own| &own.audience)
    }

    fn with(mut self, audience: Audience, either_slash: bool) -> Self {
        match self.0.iter_mut().find(|own| own.audience == audience) {
            Some(own) => own.either_slash |= either_slash,
            None => self.0.push(Accepted {
                audience,
                either_slash,
            }),
        }
        self
    }
}

impl Accepted {
    fn is(&self, aud: &str, version: TokenVersion) -> bool {
        let own = self.audience.as_str();
        if own == aud {
            return true;
        }
        // A v2 token is written by Entra ID alone; a v1 token repeats what was asked for.
        if version == TokenVersion::V2 {
            return false;
        }
        if own.len() == GUID && ClientId::from_token(own).is_some() {
            return own.eq_ignore_ascii_case(aud);
        }
        self.either_slash
            && (own.strip_suffix('/') == Some(aud) || aud.strip_suffix('/') == Some(own))
    }
}

/// Characters of a GUID with hyphens.
const GUID: usize = 36;
