//! What kind of failure it is.

/// What kind of failure an exchange met.
///
/// [`EntraError::kind`](crate::EntraError::kind) says how answers are told apart. What to
/// do about it is one step further: [`Next`](crate::Next).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nobody has granted the permission yet: the user or an administrator can.
    Consent,
    /// The user has to sign in with the claims that came along.
    ClaimsChallenge,
    /// The user has to sign in, without further details.
    Interaction,
    /// The user's token was refused: expired, for another audience, without a user.
    Assertion,
    /// The client's own secret or assertion was refused.
    Credential,
    /// The endpoint asked for patience.
    Throttled,
    /// The endpoint failed in a way that passes.
    Transient,
    /// A policy, an assignment or the state of an account forbids it; repeating the
    /// request or signing in does not help.
    Denied,
    /// The request or the registration is wrong.
    Configuration,
    /// The endpoint answered something that this crate does not understand.
    Unintelligible,
    /// The endpoint could not be reached.
    Unreachable,
}

impl ErrorKind {
    /// A stable name for logs and metrics.
    ///
    /// ```
    /// assert_eq!(entra_obo::ErrorKind::ClaimsChallenge.as_str(), "claims_challenge");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::ClaimsChallenge => "claims_challenge",
            Self::Interaction => "interaction",
            Self::Assertion => "assertion",
            Self::Credential => "credential",
            Self::Throttled => "throttled",
            Self::Transient => "transient",
            Self::Denied => "denied",
            Self::Configuration => "configuration",
            Self::Unintelligible => "unintelligible",
            Self::Unreachable => "unreachable",
        }
    }
}
