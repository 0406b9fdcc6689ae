//! Kinds of failures, and what to do about each.

use time::OffsetDateTime;

use crate::challenge::ClaimsChallenge;

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

/// What the middle tier does next.
///
/// ```
/// use entra_obo::Next;
///
/// fn advice(next: &Next) -> &'static str {
///     match next {
///         Next::Consent => "ask the user, or an administrator, to consent",
///         Next::Challenge(_) => "answer 401 with the claims",
///         Next::SignInAgain => "answer 401",
///         Next::RetryAt(_) => "answer 503 with Retry-After",
///         Next::FixConfiguration => "answer 500 and tell the operator",
///         _ => "answer 403",
///     }
/// }
/// assert_eq!(advice(&Next::SignInAgain), "answer 401");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next {
    /// Have the user or an administrator consent to the downstream permission.
    Consent,
    /// Return these claims to the client (401, `error="insufficient_claims"`), which
    /// signs the user in with them. Retrying here cannot help.
    ///
    /// In a header they are base64 ([`ClaimsChallenge::to_base64`]). A library that encodes
    /// them itself wants the JSON ([`ClaimsChallenge::as_json`]): `mcp_auth::Challenge::claims`
    /// does, and given base64 it would encode twice.
    Challenge(ClaimsChallenge),
    /// Have the client bring a new token of the user (401).
    SignInAgain,
    /// Repeat the request, not before this time.
    RetryAt(OffsetDateTime),
    /// Correct this application's settings or registration; repeating cannot help.
    FixConfiguration,
    /// Stop: nothing that this program or its user does will help.
    GiveUp,
}
