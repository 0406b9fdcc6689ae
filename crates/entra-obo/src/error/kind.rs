//! Kinds of failures, and what to do about each.

use time::OffsetDateTime;

/// What kind of failure an exchange met.
///
/// [`EntraError::kind`](crate::EntraError::kind) says how answers are classified. What to
/// do about it is one step further: [`NextStep`](crate::NextStep).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The permission has not been granted: the user or an administrator can.
    Consent,
    /// The user has to sign in with the claims that came along.
    ClaimsChallenge,
    /// The user has to sign in, without further details.
    Interaction,
    /// The user's token was refused: expired, for another audience, without a user.
    Assertion,
    /// The client's own secret or assertion was refused.
    Credential,
    /// The endpoint said when to ask again.
    Throttled,
    /// The endpoint failed in a way that passes.
    Transient,
    /// A policy, an assignment or the state of an account forbids it, until an administrator
    /// changes that; repeating the request or signing in does not help.
    Denied,
    /// The request or the registration is wrong.
    Configuration,
    /// The endpoint answered something that this crate does not understand: no JSON of an
    /// OAuth error, or an `error` word that is not known.
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

    /// What to do, in one sentence, where nothing more specific is known.
    #[cfg(feature = "client")]
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Consent => "ask the user or an administrator to consent to the permission",
            Self::ClaimsChallenge => {
                "answer 401 with the claims, so that the client signs the user in with them"
            }
            Self::Interaction => "have the user sign in again",
            Self::Assertion => "answer 401, so that the client gets a new token for this API",
            Self::Credential => "correct the credential that this process is configured with",
            Self::Throttled => "ask again at that time, not before",
            Self::Transient => "ask again in a few seconds",
            Self::Denied => {
                "ask an administrator: a policy, an assignment or the account forbids it"
            }
            Self::Configuration => "correct the settings, the scopes or the registration",
            Self::Unintelligible => {
                "check that the authority is Entra ID and that no proxy answers in its place"
            }
            Self::Unreachable => {
                "check the way to the authority (DNS, proxy, firewall) and ask again"
            }
        }
    }
}

/// What the middle tier does next.
///
/// ```
/// use entra_obo::NextStep;
///
/// fn status(next: NextStep) -> u16 {
///     match next {
///         NextStep::AskConsent => 403,      // with the page of `ExchangeError::consent`
///         NextStep::PassOnClaims => 401,    // with the claims of `ExchangeError::claims`
///         NextStep::SignInAgain => 401,
///         NextStep::Denied => 403,
///         NextStep::RetryAt(_) => 503,      // with Retry-After
///         NextStep::FixConfiguration => 500, // and tell the operator
///         _ => 500,
///     }
/// }
/// assert_eq!(status(NextStep::SignInAgain), 401);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Have the user or an administrator consent to the downstream permission:
    /// `ExchangeError::consent` has the pages.
    AskConsent,
    /// Return the claims (`ExchangeError::claims`) to the client (401,
    /// `error="insufficient_claims"`), which signs the user in with them. Retrying here cannot
    /// help.
    PassOnClaims,
    /// Have the client bring a new token of the user (401).
    SignInAgain,
    /// Repeat the request, not before this time.
    RetryAt(OffsetDateTime),
    /// Tell the user: Entra ID refuses this user or application until an administrator changes
    /// something (an assignment, a policy, a disabled account). Neither signing in again nor
    /// repeating the request helps.
    Denied,
    /// Correct this application's settings or registration; repeating cannot help.
    FixConfiguration,
    /// Stop: what answered is not known to this crate, so no step is known to help.
    Unrecoverable,
}
