//! Whether an expired token is the cause, or has expired since.
//!
//! Tokens live for about an hour, so most that are pasted later have expired whatever was
//! wrong with the call. A certain cause that a new token would not mend therefore stands
//! before the expiry, unless the service itself says that the token expired: services look
//! at the time before they look at roles, so one that names a role read a valid token.

use super::facts::Facts;
use crate::{Certainty, Code, Finding, Severity};

/// Texts of validators and services for a token whose time is over.
const SAYS_EXPIRED: &[&str] = &[
    "expiredauthenticationtoken",
    "token expired",
    "token has expired",
    "token is expired",
    "lifetime validation failed",
    "idx10223",
];

pub(super) fn settle(facts: &Facts<'_>, found: &mut [Finding]) {
    if said(facts) {
        return;
    }
    let other = found.iter().any(|finding| {
        finding.severity() == Severity::Problem
            && finding.certainty() == Certainty::Certain
            && finding.code() != Code::Expired
            && !is_weakness(finding.code())
    });
    if other {
        let expired = found.iter_mut().filter(|it| it.code() == Code::Expired);
        expired.for_each(|finding| finding.certainty_is(Certainty::Likely));
    }
}

pub(super) fn said(facts: &Facts<'_>) -> bool {
    SAYS_EXPIRED.iter().any(|phrase| facts.says(phrase))
}

/// Something in settings that is wrong and refuses no call.
fn is_weakness(code: Code) -> bool {
    code >= Code::IdentifierUriMissing
        || matches!(
            code,
            Code::SiteTenantUnchecked | Code::VersionPersonalAccounts
        )
}
