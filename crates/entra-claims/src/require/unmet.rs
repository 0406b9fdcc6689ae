//! Explains an unmet requirement: its reason, what the caller holds, and what to change.

use super::Requirement;
use super::rule::{Caller, Rule, State, Verdict};
use crate::claims::Groups;
use crate::reject::{Detail, Reason, Rejection};

/// The rejection of a caller who does not meet `rule`. What is held and what is needed are for
/// the log; the fixed text of the reason is for the answer.
pub(super) fn rejection(rule: &Requirement, caller: Caller<'_>, verdict: Verdict) -> Rejection {
    let unmet = match verdict.state {
        State::Met => UnmetRequirement::new(Reason::AppNotAdmitted, true),
        State::Unmet => UnmetRequirement::find(&rule.0, caller)
            .unwrap_or(UnmetRequirement::new(Reason::MissingRole, false)),
        State::Unknown => UnmetRequirement::new(Reason::GroupsUnknown, true),
    };
    let detail = Detail::found(&held(unmet.reason, caller)).needed(rule.to_string());
    Rejection::with(unmet.reason, detail.hint(unmet.remedy))
}

/// Why one rule is not met.
struct UnmetRequirement {
    reason: Reason,
    /// Whether a caller of this kind could meet it at all: of alternatives such a one is
    /// explained.
    fits: bool,
    remedy: &'static str,
}

impl UnmetRequirement {
    fn new(reason: Reason, fits: bool) -> Self {
        Self {
            reason,
            fits,
            remedy: remedy(reason),
        }
    }

    fn with_remedy(mut self, remedy: Option<&'static str>) -> Self {
        self.remedy = remedy.unwrap_or(self.remedy);
        self
    }

    fn find(rule: &Rule, caller: Caller<'_>) -> Option<Self> {
        if rule.judge(caller).state != State::Unmet {
            return None;
        }
        let delegated = caller.token.principal().is_delegated();
        let unmet = |reason, fits| Some(Self::new(reason, fits));
        match rule {
            Rule::Scope(..) if delegated => unmet(Reason::MissingScope, true),
            Rule::Scope(..) | Rule::Delegated(true) => unmet(Reason::UserRequired, false),
            Rule::Role(role, _) => {
                let why = role_remedy(role, caller, !delegated, USER_HOLDS_ROLE);
                Some(Self::new(Reason::MissingRole, !delegated).with_remedy(why))
            }
            Rule::AnyRole(_) => unmet(Reason::MissingRole, !delegated),
            Rule::UserRole(role, _) => {
                let why = role_remedy(role, caller, delegated, APP_HOLDS_ROLE);
                Some(Self::new(Reason::MissingRole, delegated).with_remedy(why))
            }
            Rule::Clients(_) => unmet(Reason::ClientNotAllowed, true),
            Rule::Delegated(false) | Rule::Kinds(_) => unmet(Reason::WrongKind, false),
            Rule::Group(_, assigned) => {
                let elsewhere = !assigned.covers(caller.token.principal().tenant());
                let why = elsewhere.then_some(OTHER_TENANTS_GROUP);
                Some(Self::new(Reason::MissingGroup, delegated).with_remedy(why))
            }
            Rule::AuthContext(_) => unmet(Reason::MissingAuthContext, true),
            Rule::Any(rules) => {
                let mut all = rules.iter().filter_map(|rule| Self::find(&rule.0, caller));
                let first = all.next()?;
                if first.fits {
                    return Some(first);
                }
                Some(all.find(|unmet| unmet.fits).unwrap_or(first))
            }
            Rule::All(rules) => {
                let mut all = rules.iter().filter_map(|rule| Self::find(&rule.0, caller));
                let mut first = all.next()?;
                first.fits &= all.all(|unmet| unmet.fits);
                Some(first)
            }
        }
    }
}

const USER_HOLDS_ROLE: &str = "the user holds this role, and the rule asks for an application's: for a user's app role use Requirement::role_of_user";
const APP_HOLDS_ROLE: &str = "the application holds this role, and the rule asks for a user's: for an application's role use Requirement::role";
const OTHER_TENANTS_ROLE: &str = "the role was assigned in another tenant than the rule names (assigned_in): only the named tenants' administrators may assign it";
const OTHER_TENANTS_GROUP: &str =
    "the groups are of another tenant than the rule names (assigned_in)";

/// What to change where the caller does hold a role of this name.
fn role_remedy(
    role: &str,
    caller: Caller<'_>,
    right_kind: bool,
    wrong_kind: &'static str,
) -> Option<&'static str> {
    let holds = caller.token.claims().roles().any(|held| held == role);
    holds.then_some(if right_kind {
        OTHER_TENANTS_ROLE
    } else {
        wrong_kind
    })
}

/// What the caller holds of what the reason is about. Names that a token carries are no
/// secrets; they are cut where they are long.
fn held(reason: Reason, caller: Caller<'_>) -> String {
    let principal = caller.token.principal();
    let claims = caller.token.claims();
    let kind = principal.kind().as_str();
    let named = |what: &str, names: Vec<&str>| match names.len() {
        0 => format!("{kind} token without {what}"),
        _ => format!("{kind} token with {what} {}", names.join(" ")),
    };
    match reason {
        Reason::MissingScope => named("scopes", claims.scopes().collect()),
        Reason::MissingRole | Reason::AppNotAdmitted => {
            let found = named("roles", claims.roles().collect());
            format!("{found}, in tenant {}", principal.tenant())
        }
        Reason::ClientNotAllowed => format!("{kind} token of client {}", principal.client()),
        Reason::MissingGroup => match caller.listed() {
            Groups::Listed(ids) => format!("{kind} token that lists {} groups", ids.len()),
            Groups::Overage => format!("{kind} token of a user in more groups than it lists"),
            Groups::NotEmitted => format!("{kind} token without groups"),
        },
        Reason::MissingAuthContext => {
            let contexts = claims.acrs();
            named(
                "authentication contexts",
                contexts.iter().map(|id| &**id).collect(),
            )
        }
        _ => format!("{kind} token"),
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
