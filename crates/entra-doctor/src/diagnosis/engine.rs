//! Runs the rules, orders what they find, and says what is fine and what is ruled out.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::io::{self, Write};

use serde::Serialize;

use super::case::Case;
use super::change::Change;
use super::code::Code;
use super::facts::Facts;
use super::rules;
use super::shell::Shell;
use crate::finding::{Certainty, Finding, Severity};
use crate::render::{self, ALARM, BOLD, CARE, GOOD, Report};

/// What is wrong with a call, most likely first. Each code stands for itself once.
///
/// In JSON: `{"ok", "verified": false, "outcome", "findings": [{"code", "severity",
/// "certainty", "found", "why", "changes": [{"kind", "text", "paste"?, ...}], "source"}],
/// "agrees", "ruled_out": [{"what", "because"}], "read": [{"what", "count"}],
/// "unread": [{"text", "line", "start"}], "next"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    ok: bool,
    verified: bool,
    outcome: Outcome,
    findings: Vec<Finding>,
    agrees: Vec<String>,
    ruled_out: Vec<RuledOut>,
    read: Vec<Read>,
    unread: Vec<Unread>,
    next: Option<String>,
    /// Tokens were read, and nobody's signature was checked.
    #[serde(skip)]
    tokens: bool,
}

/// What stands above an answer that tokens went into.
pub(crate) const NOT_VERIFIED: &str = "NOT VERIFIED: no token's signature was checked, so anybody may have written what they say; check an id before you give it a role";

/// How far the input goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// A cause was found.
    Problem,
    /// Nothing is wrong with what was given, and nothing was refused.
    Fine,
    /// The input does not decide it: [`Diagnosis::next`] names what would.
    Undecided,
}

/// A cause that the input excludes. It is never recommended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RuledOut {
    /// The cause, in a word or two.
    pub what: &'static str,
    /// What excludes it.
    pub because: String,
}

/// Something that was recognized in pasted text, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Read {
    /// What it is.
    pub what: &'static str,
    /// How many there are.
    pub count: usize,
}

/// A line of pasted text of which nothing was recognized.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unread {
    /// Which of the texts, from 1.
    pub text: usize,
    /// The number of the line, from 1.
    pub line: usize,
    /// How the line starts, without tokens and long values.
    pub start: String,
}

impl Diagnosis {
    /// The findings: problems before remarks, the surer ones first, and among equals what
    /// stands in the way first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The same with the commands to paste written for another shell.
    #[must_use]
    pub fn for_shell(mut self, shell: Shell) -> Self {
        if shell == Shell::PowerShell {
            let findings = self.findings.iter_mut();
            findings
                .flat_map(Finding::changes_mut)
                .for_each(Change::for_powershell);
        }
        self
    }

    /// Whether a cause was found, nothing is wrong, or the input does not decide it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// What fits together, one sentence each.
    #[must_use]
    pub fn agrees(&self) -> &[String] {
        &self.agrees
    }

    /// Causes that the input excludes.
    ///
    /// ```
    /// use entra_doctor::Case;
    ///
    /// let entry = r#"{"appId": "11112222-bbbb-3333-cccc-4444dddd5555", "conditionalAccessStatus": "success",
    ///     "status": {"errorCode": 0}, "resourceDisplayName": "Microsoft Graph"}"#;
    /// let diagnosis = Case::new().paste(entry).diagnose();
    /// assert!(diagnosis.ruled_out().iter().any(|it| it.what == "Conditional Access"));
    /// ```
    #[must_use]
    pub fn ruled_out(&self) -> &[RuledOut] {
        &self.ruled_out
    }

    /// What was recognized in pasted text.
    #[must_use]
    pub fn read(&self) -> &[Read] {
        &self.read
    }

    /// Lines of pasted text of which nothing was recognized, where the input does not decide it.
    ///
    /// ```
    /// use entra_doctor::Case;
    ///
    /// let diagnosis = Case::new().paste("HTTP/1.1 401 Unauthorized\nplan: gold").diagnose();
    /// let lines: Vec<_> = diagnosis.unread().iter().map(|it| (it.line, it.start.as_str())).collect();
    /// assert_eq!(lines, [(2, "plan: gold")]);
    /// ```
    #[must_use]
    pub fn unread(&self) -> &[Unread] {
        &self.unread
    }

    /// Whether tokens went into the answer, which [`NOT_VERIFIED`] says.
    pub(crate) fn has_tokens(&self) -> bool {
        self.tokens
    }

    /// The one thing to collect next, where the input does not decide it.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
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
        if self.tokens {
            render::line(out, ALARM, NOT_VERIFIED)?;
        }
        let problem = self
            .findings
            .iter()
            .any(|finding| finding.severity() == Severity::Problem);
        if !problem && self.outcome == Outcome::Fine {
            render::line(out, GOOD, "Nothing looks wrong in what was given")?;
        }
        for agrees in self.agrees.iter().filter(|_| !problem) {
            render::row(out, "agrees", agrees, "")?;
        }
        for (number, finding) in self.findings.iter().enumerate() {
            write_finding(out, number + 1, finding)?;
        }
        for agrees in self.agrees.iter().filter(|_| problem) {
            render::row(out, "agrees", agrees, "")?;
        }
        for ruled in &self.ruled_out {
            render::row(out, "ruled out", ruled.what, &ruled.because)?;
        }
        if let Some(next) = &self.next {
            render::line(
                out,
                CARE,
                &format!("What decides it: {}", render::safe(next)),
            )?;
        }
        for unread in self.unread.iter().take(SHOWN) {
            let place = if self.unread.iter().any(|it| it.text > 1) {
                format!("text {}, line {}", unread.text, unread.line)
            } else {
                format!("line {}", unread.line)
            };
            render::row(out, "not read", &place, &render::safe(&unread.start))?;
        }
        if let Some(more) = self
            .unread
            .len()
            .checked_sub(SHOWN)
            .filter(|more| *more > 0)
        {
            render::row(out, "not read", &format!("{more} more lines"), "")?;
        }
        if !self.read.is_empty() {
            let read: Vec<_> = self
                .read
                .iter()
                .map(|it| format!("{} ({})", it.what, it.count))
                .collect();
            render::row(out, "read", &read.join(", "), "")?;
        }
        Ok(())
    }
}

/// More lines are counted.
const SHOWN: usize = 6;

fn write_finding(out: &mut dyn Write, number: usize, finding: &Finding) -> io::Result<()> {
    let title = format!("{number}. {}", finding.code().summary());
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
    render::row(out, "source", finding.source(), "")
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
    let excluded = rules::excluded(&facts);
    findings.retain(|finding| {
        finding.is_said() || !excluded.iter().any(|it| it.codes.contains(&finding.code()))
    });
    other_status(&facts, &mut findings);
    rules::fallback(&facts, &mut findings);
    settle(&facts, &mut findings);
    findings.sort_by_key(|found| {
        let severity = (Reverse(found.severity()), Reverse(found.certainty()));
        (severity, !found.is_said(), found.place(), found.code())
    });
    let mut seen = HashSet::new();
    findings.retain(|found| seen.insert(found.code()));
    let problem = |found: &Finding| found.severity() == Severity::Problem;
    let ok = !findings.iter().any(problem);
    let unsure = findings.iter().filter(|it| problem(it)).all(|it| {
        it.certainty() == Certainty::Possible
            || matches!(it.code(), Code::AudienceUnchecked | Code::NothingRecognized)
            || it.code() == Code::TokenUnreadable && facts.is_shortened()
    });
    // A token that had expired when the call failed explains it: no role is looked for.
    let expired = facts.time().1
        && findings
            .iter()
            .any(|it| it.code() == Code::Expired && it.certainty() == Certainty::Certain);
    // So does any certain cause where the missing role is only inferred.
    let inferred = findings
        .iter()
        .any(|it| it.code() == Code::RoleMissing && it.certainty() == Certainty::Possible);
    let caused = inferred
        && findings.iter().any(|it| {
            problem(it) && it.certainty() == Certainty::Certain && !is_weakness(it.code())
        });
    findings.retain(|it| {
        !((expired || caused)
            && !it.is_said()
            && matches!(
                it.code(),
                Code::RoleMissing | Code::RoleNotPropagated | Code::SearchKeysOnly
            ))
    });
    let asked = findings
        .iter()
        .any(|it| matches!(it.code(), Code::MoreNeeded));
    let outcome = match (ok, unsure) {
        (true, _) if asked => Outcome::Undecided,
        (true, _) => Outcome::Fine,
        (false, true) => Outcome::Undecided,
        (false, false) => Outcome::Problem,
    };
    let next = (outcome == Outcome::Undecided)
        .then(|| rules::next(&facts))
        .flatten();
    Diagnosis {
        ok,
        verified: false,
        tokens: facts.token().is_some() || facts.tokens().next().is_some(),
        outcome,
        findings,
        agrees: rules::agrees(&facts),
        ruled_out: excluded
            .into_iter()
            .map(|it| RuledOut {
                what: it.what,
                because: it.because,
            })
            .collect(),
        read: read(&facts),
        unread: if outcome == Outcome::Undecided {
            unread(&facts)
        } else {
            Vec::new()
        },
        next,
    }
}

fn unread(facts: &Facts<'_>) -> Vec<Unread> {
    let texts = facts.readings.iter().enumerate();
    let lines = texts.flat_map(|(text, reading)| {
        reading.unread.iter().map(move |(line, start)| Unread {
            text: text + 1,
            line: *line,
            start: start.clone(),
        })
    });
    lines.take(50).collect()
}

fn read(facts: &Facts<'_>) -> Vec<Read> {
    let mut found: Vec<Read> = Vec::new();
    for (what, count) in facts
        .readings
        .iter()
        .flat_map(crate::reading::Reading::summary)
    {
        match found.iter_mut().find(|it| it.what == what) {
            Some(known) => known.count += count,
            None => found.push(Read { what, count }),
        }
    }
    found
}

/// Statuses that a cause answers with, where it was inferred and the answer names no cause.
fn statuses(code: Code) -> Option<&'static [u16]> {
    Some(match code {
        Code::AudienceWrong
        | Code::AudienceOtherCloud
        | Code::ExchangeNeeded
        | Code::AudienceNotRegistered => &[400, 401, 403],
        Code::Expired
        | Code::NotYetValid
        | Code::SignatureLength
        | Code::SignatureForm
        | Code::TokenUnreadable
        | Code::IdToken
        | Code::SiteAudienceNotAllowed
        | Code::IssuerOtherCloud => &[400, 401],
        Code::BearerDoubled => &[400, 401],
        Code::SiteClientNotAllowed | Code::SitePrincipalNotAllowed | Code::SiteTenantNotAllowed => {
            &[403]
        }
        Code::RoleMissing => &[401, 403],
        Code::TenantWrong => &[400, 401, 403],
        _ => return None,
    })
}

/// A cause that answers another status than the one given never comes first.
fn other_status(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if facts.is_answered() {
        // The call went well, so none of these was in its way.
        found.retain(|it| it.is_said() || statuses(it.code()).is_none());
        return;
    }
    let Some(status) = facts.status().filter(|status| *status >= 400) else {
        return;
    };
    for finding in found.iter_mut().filter(|finding| !finding.is_said()) {
        if statuses(finding.code()).is_some_and(|statuses| !statuses.contains(&status)) {
            finding.certainty_is(Certainty::Possible);
        }
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
