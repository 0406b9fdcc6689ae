//! Evaluates rules over scopes, roles, groups and clients, and explains the unmet ones.

use std::fmt;

use foundry_scopes::{ClientId, ObjectId, ScopeName};

use super::{Requirement, ResolvedGroups};
use crate::claims::Groups;
use crate::kind::PrincipalKind;
use crate::principal::VerifiedToken;
use crate::reject::{Detail, Reason, Rejection};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// And the scopes that include it.
    Scope(ScopeName, Vec<ScopeName>),
    Role(Box<str>),
    AnyRole,
    UserRole(Box<str>),
    Clients(Vec<ClientId>),
    Delegated(bool),
    Kinds(Vec<PrincipalKind>),
    Group(ObjectId),
    AuthContext(Box<str>),
    Any(Vec<Requirement>),
    All(Vec<Requirement>),
}

/// Whether a rule is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Met,
    Unmet,
    /// The token does not hold what would tell.
    Unknown,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub(super) state: State,
    /// Whether what is met would let an application in that acts on its own.
    pub(super) admits: bool,
}

impl Verdict {
    fn plain(met: bool) -> Self {
        let state = if met { State::Met } else { State::Unmet };
        Self {
            state,
            admits: false,
        }
    }

    fn admitting(met: bool) -> Self {
        Self {
            admits: met,
            ..Self::plain(met)
        }
    }
}

/// Who asks, with what is known beyond the token.
#[derive(Clone, Copy)]
pub(super) struct Caller<'c> {
    pub(super) token: &'c VerifiedToken,
    /// This caller's groups, and nobody else's.
    groups: Option<&'c ResolvedGroups>,
}

impl<'c> Caller<'c> {
    pub(super) fn of(token: &'c VerifiedToken) -> Self {
        Self {
            token,
            groups: None,
        }
    }

    /// Groups of another user are as good as none.
    pub(super) fn with_groups(token: &'c VerifiedToken, groups: &'c ResolvedGroups) -> Self {
        let own = groups.user() == token.principal().key();
        Self {
            token,
            groups: own.then_some(groups),
        }
    }
}

impl Rule {
    pub(super) fn judge(&self, caller: Caller<'_>) -> Verdict {
        let token = caller.token;
        let principal = token.principal();
        let delegated = principal.is_delegated();
        let claims = token.claims();
        let has_role = |role: &str| claims.roles().any(|held| held == role);
        match self {
            Self::Scope(scope, broader) => Verdict::plain(
                delegated
                    && claims.scopes().any(|held| {
                        held == scope.as_str() || broader.iter().any(|b| held == b.as_str())
                    }),
            ),
            Self::Role(role) => Verdict::admitting(!delegated && has_role(role)),
            Self::AnyRole => {
                Verdict::admitting(!delegated && claims.roles().any(|role| !role.is_empty()))
            }
            Self::UserRole(role) => Verdict::plain(delegated && has_role(role)),
            Self::Clients(clients) => Verdict::admitting(clients.contains(&principal.client())),
            Self::Delegated(wanted) => Verdict::plain(delegated == *wanted),
            Self::Kinds(kinds) => Verdict::plain(kinds.contains(&principal.kind())),
            Self::Group(_) if !delegated => Verdict::plain(false),
            Self::Group(group) => match claims.groups() {
                Groups::Listed(ids) => {
                    let id = group.to_string();
                    Verdict::plain(ids.iter().any(|held| **held == *id))
                }
                Groups::NotEmitted => Verdict::plain(false),
                Groups::Overage => match caller.groups {
                    Some(groups) => Verdict::plain(groups.contains(*group)),
                    None => Verdict {
                        state: State::Unknown,
                        admits: false,
                    },
                },
            },
            Self::AuthContext(id) => Verdict::plain(claims.acrs().iter().any(|met| met == &**id)),
            Self::Any(rules) => any(rules.iter().map(|rule| rule.0.judge(caller))),
            Self::All(rules) => all(rules.iter().map(|rule| rule.0.judge(caller))),
        }
    }
}

fn any(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.fold(Verdict::plain(false), |so_far, next| {
        let state = match (so_far.state, next.state) {
            (State::Met, _) | (_, State::Met) => State::Met,
            (State::Unknown, _) | (_, State::Unknown) => State::Unknown,
            (State::Unmet, State::Unmet) => State::Unmet,
        };
        let admits = so_far.admits || (next.state == State::Met && next.admits);
        Verdict { state, admits }
    })
}

fn all(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let sum = verdicts.fold(None, |so_far: Option<Verdict>, next| {
        let Some(so_far) = so_far else {
            return Some(next);
        };
        let state = match (so_far.state, next.state) {
            (State::Unmet, _) | (_, State::Unmet) => State::Unmet,
            (State::Unknown, _) | (_, State::Unknown) => State::Unknown,
            (State::Met, State::Met) => State::Met,
        };
        Some(Verdict {
            state,
            admits: so_far.admits || next.admits,
        })
    });
    sum.unwrap_or(Verdict::plain(false))
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(rules) => list(f, "any of", rules),
            Self::All(rules) => list(f, "all of", rules),
            Self::Scope(scope, broader) if broader.is_empty() => write!(f, "scope {scope}"),
            Self::Scope(scope, broader) => list(f, &format!("scope {scope} or broader"), broader),
            Self::Role(role) => write!(f, "application role {role}"),
            Self::AnyRole => f.write_str("an application role"),
            Self::UserRole(role) => write!(f, "user role {role}"),
            Self::Clients(clients) => list(f, "client", clients),
            Self::Delegated(true) => f.write_str("a user"),
            Self::Delegated(false) => f.write_str("an application on its own"),
            Self::Kinds(kinds) => {
                let names: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
                list(f, "kind", &names)
            }
            Self::Group(group) => write!(f, "group {group}"),
            Self::AuthContext(id) => write!(f, "authentication context {id}"),
        }
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, word: &str, items: &[T]) -> fmt::Result {
    write!(f, "{word} (")?;
    for (i, item) in items.iter().enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        write!(f, "{comma}{item}")?;
    }
    f.write_str(")")
}

/// Says what was needed, and of what was there how much: which scopes, roles and groups a
/// caller holds is nobody's business who reads logs.
pub(super) fn denial(rule: &Requirement, caller: Caller<'_>, verdict: Verdict) -> Rejection {
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
