//! Whether a token is accepted under a policy, and by which check it is not.

#[cfg(feature = "fetch")]
pub(crate) mod authority;
mod batch;

use std::io::{self, Write};

use entra_claims::{KeySet, ManualClock, Policy, Principal, Reason, Rejection};
use serde_json::{Value, json};
use std::sync::Arc;

pub use batch::batch;

use crate::render;
use crate::render::Report;

/// The verdict of a policy on a token, with every check in order.
///
/// ```
/// use entra_claims::{KeySet, Policy};
/// use entra_doctor::{Report, VerifyReport};
///
/// let policy = Policy::from_json(r#"{
///     "cloud": "public", "tenants": {"mode": "organizations"},
///     "audiences": ["api://orders"], "token_kinds": ["delegated"]
/// }"#)?;
/// let report = VerifyReport::of("not a token", &policy, &KeySet::empty(), 1_700_000_000);
/// assert!(!report.is_fine());
/// assert!(report.to_json().contains("\"reason\":\"not_a_token\""));
/// # Ok::<(), entra_claims::PolicyError>(())
/// ```
#[derive(Debug)]
pub struct VerifyReport {
    outcome: Result<Principal, Rejection>,
}

impl VerifyReport {
    /// Verifies `token` at the time `now`, in Unix seconds. Nothing is fetched.
    #[must_use]
    pub fn of(token: &str, policy: &Policy, keys: &KeySet, now: i64) -> Self {
        Self {
            outcome: decide(token, policy, keys, now),
        }
    }

    /// Each check with how it went, in the order in which they are made. Of the checks on
    /// what the caller may do only the one that failed is named: the others depend on the
    /// policy's alternatives.
    fn checks(&self) -> Vec<(Reason, Went)> {
        let failed = self.outcome.as_ref().err().map(Rejection::reason);
        let of_token = Reason::ALL
            .iter()
            .filter(|reason| **reason <= Reason::UnknownCaller || Some(**reason) == failed);
        of_token
            .map(|reason| {
                let went = match failed {
                    Some(failed) if *reason == failed => Went::Failed,
                    Some(failed) if *reason > failed => Went::NotReached,
                    _ => Went::Passed,
                };
                (*reason, went)
            })
            .collect()
    }
}

/// How a check went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Went {
    Passed,
    Failed,
    NotReached,
}

impl Went {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotReached => "not reached",
        }
    }
}

pub(crate) fn decide(
    token: &str,
    policy: &Policy,
    keys: &KeySet,
    now: i64,
) -> Result<Principal, Rejection> {
    let clock = Arc::new(ManualClock::at(now));
    let policy = policy
        .clone()
        .with_validator(|validator| validator.with_clock(clock));
    let verified = policy.check(token, keys)?;
    Ok(*verified.principal())
}

/// The explanation without the code, which stands beside it.
pub(crate) fn message(rejection: &Rejection) -> String {
    let line = rejection.explain();
    let message = line
        .strip_prefix(rejection.code())
        .and_then(|rest| rest.strip_prefix(": "));
    crate::redact::secrets(message.unwrap_or(&line))
}

pub(crate) fn kind(principal: &Principal) -> &'static str {
    if principal.is_delegated() {
        "delegated"
    } else {
        "app"
    }
}

impl Report for VerifyReport {
    fn is_fine(&self) -> bool {
        self.outcome.is_ok()
    }

    fn to_json(&self) -> String {
        let checks: Vec<Value> = self
            .checks()
            .iter()
            .map(|(reason, went)| json!({ "check": reason.code(), "went": went.as_str() }))
            .collect();
        let value = match &self.outcome {
            Ok(principal) => json!({
                "ok": true,
                "outcome": "accept",
                "principal": {
                    "tid": principal.tenant().to_string(),
                    "oid": principal.object().to_string(),
                    "kind": kind(principal),
                    "caller": principal.kind().as_str(),
                    "client": principal.client().to_string(),
                },
                "checks": checks,
            }),
            Err(rejection) => json!({
                "ok": false,
                "outcome": "reject",
                "reason": rejection.code(),
                "message": message(rejection),
                "checks": checks,
            }),
        };
        value.to_string()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.outcome {
            Ok(principal) => writeln!(out, "ACCEPTED: {principal}")?,
            Err(rejection) => writeln!(
                out,
                "REJECTED ({}): {}",
                rejection.code(),
                render::safe(&message(rejection))
            )?,
        }
        writeln!(out)?;
        for (reason, went) in self.checks() {
            let against = format!("against: {}", reason.message());
            render::row(out, went.as_str(), reason.code(), &against)?;
        }
        Ok(())
    }
}
