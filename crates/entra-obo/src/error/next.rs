//! What to do about a failure.

use time::OffsetDateTime;

use crate::ClaimsChallenge;

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
