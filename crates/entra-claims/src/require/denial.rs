//! Why a rule is not met, and what would meet it.

use super::Requirement;
use super::rule::{Caller, Rule, State, Verdict};
use crate::reject::Detail;
use crate::{Reason, Rejection};

/// Says what was needed, and of what was there how much: which scopes, roles and groups a
/// caller holds is nobody's business who reads logs.
pub(super) fn of(rule: &Requirement, caller: Caller<'_>, verdict: Verdict) -> Rejection {
    let token = caller.token;
    let reason = match verdict.state {
        State::Met => Reason::AppNotAdmitted,
        State::Unmet => unmet(&rule.0, caller).map_or(Reason::MissingRole, |why| why.reason),
        State::Unknown => Reason::GroupsUnknown,
    };
    let claims = token.claims();
    let found = format!(
        "{} token with {} scopes and {} roles",
        token.principal().kind().as_str(),
        claims.scopes().count(),
        claims.roles().count()
    );
    let detail = Detail::found(&found).needed(rule.to_string());
    Rejection::with(reason, detail.hint(remedy(reason)))
}

/// An unmet rule's reason.
struct Why {
    reason: Reason,
    /// Whether a caller of this kind could meet it at all. Of alternatives the one that
    /// fits is the one to tell about.
    fits: bool,
}

fn unmet(rule: &Rule, caller: Caller<'_>) -> Option<Why> {
    if rule.judge(caller).state != State::Unmet {
        return None;
    }
    let delegated = caller.token.principal().is_delegated();
    let why = |reason, fits| Some(Why { reason, fits });
    match rule {
        Rule::Scope(..) if delegated => why(Reason::MissingScope, true),
        Rule::Scope(..) | Rule::Delegated(true) => why(Reason::UserRequired, false),
        Rule::Role(_) | Rule::AnyRole => why(Reason::MissingRole, !delegated),
        Rule::UserRole(_) => why(Reason::MissingRole, delegated),
        Rule::Clients(_) => why(Reason::ClientNotAllowed, true),
        Rule::Delegated(false) | Rule::Kinds(_) => why(Reason::WrongKind, false),
        Rule::Group(_) => why(Reason::MissingGroup, delegated),
        Rule::AuthContext(_) => why(Reason::MissingAuthContext, true),
        Rule::Any(rules) => {
            let mut all = rules.iter().filter_map(|rule| unmet(&rule.0, caller));
            let first = all.next()?;
            if first.fits {
                return Some(first);
            }
            Some(all.find(|why| why.fits).unwrap_or(first))
        }
        Rule::All(rules) => {
            let mut all = rules.iter().filter_map(|rule| unmet(&rule.0, caller));
            let mut first = all.next()?;
            first.fits &= all.all(|why| why.fits);
            Some(first)
        }
    }
}

fn remedy(reason: Reason) -> &'static str {
    match reason {
        Reason::MissingScope => {
            "request the scope with the token, and consent to it; if no such scope exists at the API's registration, correct the Requirement"
        }
        Reason::UserRequired => {
            "app-only tokens have no scopes: call on behalf of a user, or let the rule name a role"
        }
        Reason::AppNotAdmitted => {
            "let the rule name a role or the client: every application of the tenant gets such a token"
        }
        Reason::ClientNotAllowed => "add the client to the rule, if it may call",
        Reason::WrongKind => "call as a caller of that kind",
        Reason::MissingGroup => {
            "add the user to the group; and let the API's registration put groups into its access tokens"
        }
        Reason::GroupsUnknown => {
            "the user is in more groups than a token holds: ask Microsoft Graph for them (GroupDirectory), or require app roles that the groups are assigned to"
        }
        Reason::MissingAuthContext => "answer with a claims challenge for that context",
        _ => "assign the app role to the caller",
    }
}
