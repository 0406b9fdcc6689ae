//! Runs the rules and orders what they find.

use std::cmp::Reverse;
use std::io::{self, Write};

use serde::Serialize;

use super::case::Case;
use super::code::Code;
use super::facts::Facts;
use super::rules;
use crate::finding::{Certainty, Finding, Severity};
use crate::render::{self, BOLD, GOOD, Report};

/// What is wrong with a call, most likely first. Each code stands for itself once.
///
/// In JSON: `{"ok", "verified": false, "findings": [{"code", "severity", "certainty",
/// "found", "why", "changes": [{"kind", "text", "paste"?, ...}], "source"}]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    ok: bool,
    verified: bool,
    findings: Vec<Finding>,
}

impl Diagnosis {
    /// The findings: problems before remarks, the surer ones first, and among equals what
    /// stands in the way first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl Report for Diagnosis {
    fn is_fine(&self) -> bool {
        self.ok
    }

    fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.findings.is_empty() {
            return render::line(out, GOOD, "Nothing looks wrong in what was given");
        }
        for (number, finding) in self.findings.iter().enumerate() {
            let title = format!("{}. {}", number + 1, finding.code().summary());
            render::line(out, BOLD, &title)?;
            let sure = format!(
                "{} {}",
                finding.certainty().as_str(),
                finding.severity().as_str()
            );
            render::row(out, "code", finding.code().as_str(), &sure)?;
            render::row(out, "found", finding.found(), "")?;
            // The title is the code's sentence already.
            if let Some(why) = finding.own_reason() {
                render::row(out, "why", why, "")?;
            }
            for change in finding.changes() {
                render::row(out, "change", &change.text(), "")?;
                for line in change.paste().into_iter().flat_map(str::lines) {
                    writeln!(out, "      {}", render::safe(line))?;
                }
            }
            render::row(out, "source", finding.source(), "")?;
        }
        Ok(())
    }
}

impl Case {
    /// What is wrong, most likely first.
    #[must_use]
    pub fn diagnose(&self) -> Diagnosis {
        diagnose(self)
    }
}

fn diagnose(case: &Case) -> Diagnosis {
    let facts = Facts::of(case);
    let mut findings = Vec::new();
    for rule in rules::ALL {
        rule(&facts, &mut findings);
    }
    rules::fallback(&facts, &mut findings);
    settle(&facts, &mut findings);
    let order = |found: &Finding| {
        (
            Reverse(found.severity()),
            Reverse(found.certainty()),
            found.code(),
        )
    };
    findings.sort_by_key(order);
    let mut told = std::collections::HashSet::new();
    findings.retain(|found| told.insert(found.code()));
    let ok = findings
        .iter()
        .all(|found| found.severity() == Severity::Remark);
    Diagnosis {
        ok,
        verified: false,
        findings,
    }
}

/// Whether an expired token is the cause, or has expired since.
///
/// Tokens live for about an hour, so most that are pasted later have expired whatever was
/// wrong with the call. A certain cause that a new token would not mend therefore stands
/// before the expiry, unless the service itself says that the token expired: services look
/// at the time before they look at roles, so one that names a role read a valid token.
fn settle(facts: &Facts<'_>, found: &mut [Finding]) {
    if facts.says_expired() {
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

/// Something in settings that is wrong and refuses no call.
fn is_weakness(code: Code) -> bool {
    code >= Code::IdentifierUriMissing
        || matches!(
            code,
            Code::SiteTenantUnchecked | Code::VersionPersonalAccounts
        )
}
