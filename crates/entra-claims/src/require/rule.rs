//! Rules over scopes, roles, groups and clients, and their evaluation for one caller.

use std::fmt;
use std::sync::OnceLock;

use foundry_scopes::{ClientId, ObjectId, ScopeName, TenantId};

use super::{Requirement, ResolvedGroups};
use crate::claims::Groups;
use crate::kind::PrincipalKind;
use crate::principal::VerifiedToken;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Scope(ScopeRule),
    Role(Box<str>, Assigned),
    AnyRole(Assigned),
    UserRole(Box<str>, Assigned),
    Clients(Vec<ClientId>),
    Delegated(bool),
    Kinds(Vec<PrincipalKind>),
    Group(ObjectId, Assigned),
    AuthContext(Box<str>),
    Any(Vec<Requirement>),
    All(Vec<Requirement>),
}

/// A delegated scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScopeRule {
    pub(super) name: ScopeName,
    /// The resource that it was qualified with, if it was.
    pub(super) resource: Option<Box<str>>,
    /// The scopes that include it.
    pub(super) broader: Vec<ScopeName>,
}

/// In which tenants a role or a group membership was assigned to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Assigned {
    /// Not said: enough where one tenant is accepted.
    Unsaid,
    AnyTenant,
    In(Vec<TenantId>),
}

impl Assigned {
    pub(super) fn is_empty_list(&self) -> bool {
        matches!(self, Self::In(tenants) if tenants.is_empty())
    }

    /// Whether an assignment in `tenant` counts.
    pub(super) fn covers(&self, tenant: TenantId) -> bool {
        match self {
            Self::Unsaid | Self::AnyTenant => true,
            Self::In(tenants) => tenants.contains(&tenant),
        }
    }
}

impl fmt::Display for Assigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid => Ok(()),
            Self::AnyTenant => f.write_str(" assigned in any tenant"),
            Self::In(tenants) => list(f, " assigned in tenant", tenants),
        }
    }
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
    /// What the token says of groups, once a rule asked.
    listed: &'c OnceLock<Groups>,
    /// This caller's groups, and no other user's.
    groups: Option<&'c ResolvedGroups>,
}

#[cfg(test)]
thread_local! {
    /// How often a token was read for its groups.
    pub(super) static GROUPS_READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

impl<'c> Caller<'c> {
    pub(super) fn new(token: &'c VerifiedToken, listed: &'c OnceLock<Groups>) -> Self {
        Self {
            token,
            listed,
            groups: None,
        }
    }

    /// Groups of another user are as good as none.
    pub(super) fn with_groups(self, groups: &'c ResolvedGroups) -> Self {
        let own = groups.user() == self.token.principal().key();
        Self {
            groups: own.then_some(groups),
            ..self
        }
    }

    pub(super) fn listed(self) -> &'c Groups {
        self.listed.get_or_init(|| {
            #[cfg(test)]
            GROUPS_READ.set(GROUPS_READ.get() + 1);
            self.token.claims().groups()
        })
    }
}

impl Rule {
    pub(super) fn judge(&self, caller: Caller<'_>) -> Verdict {
        let token = caller.token;
        let principal = token.principal();
        let delegated = principal.is_delegated();
        let tenant = principal.tenant();
        let claims = token.claims();
        let has_role = |role: &str| claims.roles().any(|held| held == role);
        match self {
            Self::Scope(scope) => Verdict::plain(
                delegated
                    && claims.scopes().any(|held| {
                        held == scope.name.as_str()
                            || scope.broader.iter().any(|broad| held == broad.as_str())
                    }),
            ),
            Self::Role(role, assigned) => {
                Verdict::admitting(!delegated && has_role(role) && assigned.covers(tenant))
            }
            Self::AnyRole(assigned) => Verdict::admitting(
                !delegated
                    && claims.roles().any(|role| !role.is_empty())
                    && assigned.covers(tenant),
            ),
            Self::UserRole(role, assigned) => {
                Verdict::plain(delegated && has_role(role) && assigned.covers(tenant))
            }
            Self::Clients(clients) => Verdict::admitting(clients.contains(&principal.client())),
            Self::Delegated(wanted) => Verdict::plain(delegated == *wanted),
            Self::Kinds(kinds) => Verdict::plain(kinds.contains(&principal.kind())),
            Self::Group(_, assigned) if !delegated || !assigned.covers(tenant) => {
                Verdict::plain(false)
            }
            Self::Group(group, _) => match caller.listed() {
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
            Self::Scope(scope) if scope.broader.is_empty() => write!(f, "scope {}", scope.name),
            Self::Scope(scope) => list(
                f,
                &format!("scope {} or broader", scope.name),
                &scope.broader,
            ),
            Self::Role(role, assigned) => write!(f, "application role {role}{assigned}"),
            Self::AnyRole(assigned) => write!(f, "an application role{assigned}"),
            Self::UserRole(role, assigned) => write!(f, "user role {role}{assigned}"),
            Self::Clients(clients) => list(f, "client", clients),
            Self::Delegated(true) => f.write_str("a user"),
            Self::Delegated(false) => f.write_str("an application on its own"),
            Self::Kinds(kinds) => {
                let names: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
                list(f, "kind", &names)
            }
            Self::Group(group, assigned) => write!(f, "group {group}{assigned}"),
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
