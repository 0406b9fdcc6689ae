//! Readings: choices of a tenant where captures of Entra ID differ or no source exists.

use serde::{Deserialize, Serialize};

/// Another answer than the usual one, where captures of the real service differ or where
/// nothing but an inference exists. A tenant follows the usual answers and the readings that
/// it names; `docs/emulator.md` has the evidence for both sides.
///
/// ```
/// use entra_emulator::{Directory, Reading};
///
/// let directory = Directory::demo().reading(Reading::PkceRequired);
/// assert!(directory.check().is_ok());
/// for reading in Reading::ALL {
///     assert_eq!(Reading::named(reading.name()), Some(reading));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reading {
    /// `scp` holds the scopes that the request names. Usually it holds all scopes of the
    /// resource that the client has consent for.
    ScopesAsRequested,
    /// Every token of a user has `sid`. Usually v2 access tokens of custom APIs have none.
    SidInEveryToken,
    /// PKCE with S256 is compulsory for public clients (AADSTS9002325). Usually only for
    /// single-page apps, and `plain` is allowed.
    PkceRequired,
    /// On-behalf-of answers policies with `invalid_grant`, as code, refresh token and password
    /// do. Usually with `interaction_required`.
    ChallengeIsInvalidGrant,
    /// A context in `acrs` that the tenant does not declare is ignored. Usually it is a
    /// challenge (AADSTS50076).
    UndeclaredContextIgnored,
    /// A context in `acrs` that the tenant declares and no policy targets is granted at once.
    /// Usually it demands a second factor (AADSTS50076).
    UntargetedContextGranted,
    /// A user cannot consent to an agent identity at the authorization endpoint (AADSTS82014).
    /// Usually `response_type=none` records the consent.
    AgentConsentRefused,
    /// A code or refresh token that is none is refused after the client's credential was
    /// checked. Usually before.
    CredentialBeforeCode,
    /// A refresh for the client itself with `/.default` is refused (AADSTS90009). Usually only
    /// one without a scope is.
    SelfDefaultRefused,
    /// The metadata service answers without the header `Metadata: true`, so that a probe
    /// that carries none finds it. Usually it answers 400.
    MetadataHeaderOptional,
    /// A declined consent has `error_subcode=cancel`. Usually it has no subcode.
    DeclinedConsentHasSubcode,
    /// `preferred_username` of a guest is the local account's (`#EXT#`). Usually it is the one
    /// at home.
    GuestNameIsLocal,
    /// Key sets may not be read by other origins (no CORS headers). Usually they may.
    KeySetsWithoutCors,
    /// A public client's empty `client_secret` counts as absent. Usually it is refused
    /// (AADSTS700025).
    EmptySecretIsAbsent,
    /// Tokens for Microsoft Graph have no `nonce` in their header, so that a stand-in for Graph
    /// can verify them as any API does. Usually they have one, and only Graph can.
    GraphTokensWithoutNonce,
    /// `azp` of a client with a metadata document is the document's URL. Usually the client id
    /// of the agent identity that stands for it.
    MetadataUrlInAzp,
    /// The tenant has no Entra Agent ID: Graph does not know its types. Usually it has.
    AgentIdUnavailable,
}

impl Reading {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::ScopesAsRequested,
        Self::SidInEveryToken,
        Self::PkceRequired,
        Self::ChallengeIsInvalidGrant,
        Self::UndeclaredContextIgnored,
        Self::UntargetedContextGranted,
        Self::AgentConsentRefused,
        Self::CredentialBeforeCode,
        Self::SelfDefaultRefused,
        Self::MetadataHeaderOptional,
        Self::DeclinedConsentHasSubcode,
        Self::GuestNameIsLocal,
        Self::KeySetsWithoutCors,
        Self::EmptySecretIsAbsent,
        Self::GraphTokensWithoutNonce,
        Self::MetadataUrlInAzp,
        Self::AgentIdUnavailable,
    ];

    /// The name in a declared directory.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ScopesAsRequested => "scopes-as-requested",
            Self::SidInEveryToken => "sid-in-every-token",
            Self::PkceRequired => "pkce-required",
            Self::ChallengeIsInvalidGrant => "challenge-is-invalid-grant",
            Self::UndeclaredContextIgnored => "undeclared-context-ignored",
            Self::UntargetedContextGranted => "untargeted-context-granted",
            Self::AgentConsentRefused => "agent-consent-refused",
            Self::CredentialBeforeCode => "credential-before-code",
            Self::SelfDefaultRefused => "self-default-refused",
            Self::MetadataHeaderOptional => "metadata-header-optional",
            Self::DeclinedConsentHasSubcode => "declined-consent-has-subcode",
            Self::GuestNameIsLocal => "guest-name-is-local",
            Self::KeySetsWithoutCors => "key-sets-without-cors",
            Self::EmptySecretIsAbsent => "empty-secret-is-absent",
            Self::GraphTokensWithoutNonce => "graph-tokens-without-nonce",
            Self::MetadataUrlInAzp => "metadata-url-in-azp",
            Self::AgentIdUnavailable => "agent-id-unavailable",
        }
    }

    /// The reading of a [`name`](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_one_in_files() {
        for reading in Reading::ALL {
            assert_eq!(serde_json::to_value(reading).unwrap(), reading.name());
        }
    }
}
