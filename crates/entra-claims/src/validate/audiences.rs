//! Which `aud` is this API's.

use foundry_scopes::{AppIdUri, Audience, ClientId};

/// The audiences that are accepted: at least one, each compared byte for byte.
///
/// A v2 token carries the API's client id, a v1 token whatever identifier the client asked
/// for (Entra doc "Secure applications and APIs by validating claims"), so an API usually
/// has several.
///
/// ```
/// use entra_claims::AcceptedAudiences;
/// use foundry_scopes::{Audience, ClientId};
///
/// let client = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
/// let audiences = AcceptedAudiences::of_client(client).and(Audience::parse("api://orders")?);
/// assert!(audiences.accepts("11112222-bbbb-3333-cccc-4444dddd5555"));
/// assert!(audiences.accepts("api://11112222-bbbb-3333-cccc-4444dddd5555"));
/// assert!(audiences.accepts("api://orders"));
/// assert!(!audiences.accepts("api://orders/"));
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedAudiences(Vec<Audience>);

impl AcceptedAudiences {
    /// What a registration of this client id produces by default: the id itself, and
    /// `api://` with the id.
    #[must_use]
    pub fn of_client(client: ClientId) -> Self {
        Self(vec![client.into(), AppIdUri::api(client).into()])
    }

    /// One audience and no other.
    #[must_use]
    pub fn only(audience: Audience) -> Self {
        Self(vec![audience])
    }

    /// One more.
    #[must_use]
    pub fn and(mut self, audience: Audience) -> Self {
        if !self.0.contains(&audience) {
            self.0.push(audience);
        }
        self
    }

    /// Whether `aud` is one of them: ordinal comparison, no case folding, no prefixes, no
    /// trailing slash more or less.
    #[must_use]
    pub fn accepts(&self, aud: &str) -> bool {
        self.0.iter().any(|audience| audience.as_str() == aud)
    }

    /// The audiences, in the order in which they were added.
    #[must_use]
    pub fn as_slice(&self) -> &[Audience] {
        &self.0
    }
}
