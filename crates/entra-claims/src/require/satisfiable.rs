//! Requirements that no caller can meet, found before they are used.

use std::fmt;

use foundry_scopes::ClientId;

use super::Requirement;
use super::rule::{Assigned, Rule};
use crate::kind::PrincipalKind;

/// A requirement that no guard is built with: one that no caller can ever meet, or that leaves
/// open whose assignments or which API's scopes it means.
///
/// ```
/// use entra_claims::Requirement;
///
/// // A scope is a user's, a role of an application an application's.
/// let both = Requirement::all_of([
///     Requirement::parse("orders.read")?,
///     Requirement::role("Orders.Read.All"),
/// ]);
/// let error = both.check_satisfiable().unwrap_err();
/// assert!(error.to_string().contains("exclude each other"), "{error}");
///
/// let either = Requirement::any_of([
///     Requirement::parse("orders.read")?,
///     Requirement::role("Orders.Read.All"),
/// ]);
/// assert!(either.check_satisfiable().is_ok());
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementError {
    rule: String,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// No caller can meet it, and why.
    NeverMet(&'static str),
    /// More than one tenant is accepted, and the rule names none.
    TenantUnsaid,
    /// The scope is qualified with another API's identifier.
    ForeignScope { resource: String, own: String },
}

impl Requirement {
    /// Whether there can be a caller who meets it. Guards call it when they are built.
    ///
    /// Each part is looked at, also an alternative beside others that can be met: a part that no
    /// caller can meet was written to bind or to admit someone, and does neither.
    ///
    /// # Errors
    ///
    /// An empty list, an empty name, parts that exclude each other, or a rule that would admit an
    /// application on its own without a role or a list of clients. The error names the part.
    pub fn check_satisfiable(&self) -> Result<(), RequirementError> {
        self.check_each(|rule| match () {
            () if rule.is_empty_list() => Err(never(rule, "an empty list is met by no caller")),
            () if rule.is_unnamed() => Err(never(rule, "it names nothing")),
            () => Ok(()),
        })?;
        self.check_parts()?;
        let admitted = |kind: &PrincipalKind| {
            let possible = possible(&self.0, *kind);
            match kind.is_delegated() {
                true => possible.met.is_some(),
                false => possible.admits.is_some(),
            }
        };
        if KINDS.iter().any(admitted) {
            return Ok(());
        }
        let why = "an application on its own needs a role or a list of clients beside it";
        Err(never(&self.0, why))
    }

    /// The innermost part that cannot be met, if there is one.
    fn check_parts(&self) -> Result<(), RequirementError> {
        if let Rule::Any(parts) | Rule::All(parts) = &self.0 {
            parts.iter().try_for_each(Self::check_parts)?;
        }
        let meetable = |kind: &PrincipalKind| possible(&self.0, *kind).met.is_some();
        match KINDS.iter().any(meetable) {
            true => Ok(()),
            false => Err(never(&self.0, "its parts exclude each other")),
        }
    }
}

fn never(rule: &Rule, why: &'static str) -> RequirementError {
    RequirementError::new(rule, Problem::NeverMet(why))
}

impl Rule {
    fn is_empty_list(&self) -> bool {
        match self {
            Self::Any(parts) | Self::All(parts) => parts.is_empty(),
            Self::Clients(clients) => clients.is_empty(),
            Self::Kinds(kinds) => kinds.is_empty(),
            _ => self.assigned().is_some_and(Assigned::is_empty_list),
        }
    }

    fn is_unnamed(&self) -> bool {
        match self {
            Self::Role(name, _) | Self::UserRole(name, _) | Self::AuthContext(name) => {
                name.trim().is_empty()
            }
            _ => false,
        }
    }
}

impl RequirementError {
    pub(super) fn new(rule: &Rule, problem: Problem) -> Self {
        Self {
            rule: rule.to_string(),
            problem,
        }
    }

    /// The part that is wrong, as the log shows requirements.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for RequirementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, problem } = self;
        match problem {
            Problem::NeverMet(why) => {
                write!(f, "no caller can meet the requirement \"{rule}\": {why}")
            }
            Problem::TenantUnsaid => write!(
                f,
                "the requirement \"{rule}\" does not say in which tenant it was assigned, and \
                 more than one tenant is accepted, each with administrators of its own: add \
                 `.assigned_in([tenant])` or `.assigned_in_any_tenant()`, and in a policy file \
                 `roles_assigned_in`"
            ),
            Problem::ForeignScope { resource, own } => write!(
                f,
                "the requirement \"{rule}\" names a scope of the API {resource}, and this API is \
                 {own}: write the short name, or qualify it with this API's identifier URI"
            ),
        }
    }
}

impl std::error::Error for RequirementError {}

const KINDS: [PrincipalKind; 6] = [
    PrincipalKind::User,
    PrincipalKind::App,
    PrincipalKind::Agent,
    PrincipalKind::AgentForUser,
    PrincipalKind::AgentUserAccount,
    PrincipalKind::UserThroughAgentClient,
];

/// Through which clients a caller of one kind can meet a rule, and with it be admitted as an
/// application; `None`: through none.
#[derive(Clone, Debug)]
struct Possible {
    met: Option<Clients>,
    admits: Option<Clients>,
}

#[derive(Clone, Debug)]
enum Clients {
    Every,
    These(Vec<ClientId>),
}

fn possible(rule: &Rule, kind: PrincipalKind) -> Possible {
    let delegated = kind.is_delegated();
    let narrows = |met: bool| Possible {
        met: met.then_some(Clients::Every),
        admits: None,
    };
    let admits = |clients: Option<Clients>| Possible {
        met: clients.clone(),
        admits: clients,
    };
    match rule {
        Rule::Scope(_) | Rule::Group(..) => narrows(delegated),
        Rule::UserRole(role, _) => narrows(delegated && !role.is_empty()),
        Rule::Role(role, _) => admits((!delegated && !role.is_empty()).then_some(Clients::Every)),
        Rule::AnyRole(_) => admits((!delegated).then_some(Clients::Every)),
        Rule::Clients(clients) => {
            admits((!clients.is_empty()).then(|| Clients::These(clients.clone())))
        }
        Rule::Delegated(wanted) => narrows(delegated == *wanted),
        Rule::Kinds(kinds) => narrows(kinds.contains(&kind)),
        Rule::AuthContext(_) => narrows(true),
        Rule::Any(parts) => {
            let parts = parts.iter().map(|part| possible(&part.0, kind));
            parts.fold(narrows(false), |so_far, part| Possible {
                met: union(so_far.met, part.met),
                admits: union(so_far.admits, part.admits),
            })
        }
        Rule::All(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| possible(&part.0, kind)).collect();
            let mut each = parts.iter().map(|part| part.met.clone());
            let first = each.next().flatten();
            let met = each.fold(first, both);
            let admits = parts
                .into_iter()
                .map(|part| both(part.admits, met.clone()))
                .fold(None, union);
            Possible { met, admits }
        }
    }
}

fn union(a: Option<Clients>, b: Option<Clients>) -> Option<Clients> {
    match (a, b) {
        (None, other) | (other, None) => other,
        (Some(Clients::These(mut a)), Some(Clients::These(b))) => {
            a.extend(b);
            Some(Clients::These(a))
        }
        _ => Some(Clients::Every),
    }
}

fn both(a: Option<Clients>, b: Option<Clients>) -> Option<Clients> {
    match (a?, b?) {
        (Clients::Every, other) | (other, Clients::Every) => Some(other),
        (Clients::These(mut a), Clients::These(b)) => {
            a.retain(|client| b.contains(client));
            (!a.is_empty()).then_some(Clients::These(a))
        }
    }
}

#[cfg(test)]
mod tests {
    use foundry_scopes::{ObjectId, ScopeName};

    use super::*;

    fn scope() -> Requirement {
        Requirement::scope(ScopeName::parse("orders.read").unwrap())
    }

    fn all<const N: usize>(rules: [Requirement; N]) -> Requirement {
        Requirement::all_of(rules)
    }

    fn client(n: u8) -> ClientId {
        ClientId::parse(&format!("00000000-0000-0000-0000-0000000000{n:02}")).unwrap()
    }

    #[test]
    fn what_some_caller_can_meet_is_satisfiable() {
        let group = ObjectId::parse("00000000-0000-0000-0000-000000000001").unwrap();
        for rule in [
            scope(),
            Requirement::role("a"),
            Requirement::any_role(),
            Requirement::group(group),
            Requirement::delegated(),
            Requirement::auth_context("c1"),
            Requirement::any_of([scope(), Requirement::role("a")]),
            all([
                scope(),
                Requirement::role_of_user("a"),
                Requirement::clients([client(1)]),
            ]),
            all([Requirement::app_only(), Requirement::role("a")]),
            all([
                Requirement::kinds([PrincipalKind::Agent]),
                Requirement::clients([client(1)]),
            ]),
            all([
                Requirement::clients([client(1), client(2)]),
                Requirement::clients([client(2), client(3)]),
            ]),
        ] {
            assert_eq!(rule.check_satisfiable(), Ok(()), "{rule}");
        }
    }

    #[test]
    fn what_no_caller_can_meet_is_named() {
        let empty = "an empty list";
        let apart = "exclude each other";
        let alone = "needs a role or a list of clients";
        for (rule, part, why) in [
            (Requirement::any_of([]), "any of ()", empty),
            (all([]), "all of ()", empty),
            (Requirement::clients([]), "client ()", empty),
            (Requirement::kinds([]), "kind ()", empty),
            (
                all([scope(), Requirement::any_of([])]),
                "\"any of ()\"",
                empty,
            ),
            (
                Requirement::any_of([scope(), Requirement::all_of([])]),
                "\"all of ()\"",
                empty,
            ),
            (
                Requirement::any_of([scope(), all([scope(), Requirement::role("a")])]),
                "\"all of (scope orders.read, application role a)\"",
                apart,
            ),
            (
                Requirement::any_of([scope(), Requirement::role_of_user("")]),
                "user role ",
                "names nothing",
            ),
            (Requirement::auth_context(" "), "context", "names nothing"),
            (
                Requirement::role("a").assigned_in([]),
                "assigned in tenant ()",
                empty,
            ),
            (
                all([scope(), Requirement::role("a")]),
                "application role a",
                apart,
            ),
            (
                Requirement::any_of([all([scope(), Requirement::app_only()])]),
                "\"all of (scope orders.read, an application on its own)\"",
                apart,
            ),
            (
                all([
                    Requirement::clients([client(1)]),
                    Requirement::clients([client(2)]),
                ]),
                "client",
                apart,
            ),
            (Requirement::app_only(), "an application on its own", alone),
            (
                Requirement::kinds([PrincipalKind::App]),
                "kind (app)",
                alone,
            ),
        ] {
            let error = rule.check_satisfiable().unwrap_err().to_string();
            assert!(
                error.contains(part) && error.contains(why),
                "{rule}: {error}"
            );
        }
    }

    /// The decision and the check agree: what is refused here is met by no token.
    #[test]
    fn an_admission_through_another_client_does_not_count() {
        let rule = Requirement::all_of([
            Requirement::app_only(),
            Requirement::any_of([Requirement::clients([client(1)]), Requirement::delegated()]),
            Requirement::clients([client(2)]),
        ]);
        assert!(rule.check_satisfiable().is_err());
    }
}
