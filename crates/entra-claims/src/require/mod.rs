//! Requirements: authorization rules over scopes, roles, groups, clients and kinds.

mod check;
mod consistency;
mod hierarchy;
mod resolved;
mod rule;
mod satisfiable;
mod unmet;

use std::fmt;

use std::str::FromStr;
use std::sync::OnceLock;

use foundry_scopes::{ClientId, ObjectId, ParseError, Scope, ScopeName, TenantId};

use crate::kind::PrincipalKind;
use crate::principal::VerifiedToken;
use crate::reject::Rejection;
pub use check::CallerCheck;
pub use hierarchy::ScopeHierarchy;
pub use resolved::ResolvedGroups;
use rule::{Assigned, Caller, Rule, ScopeRule, State};
pub use satisfiable::RequirementError;

/// A rule over who calls and what they hold.
///
/// A scope is met by delegated tokens only, a role by app-only tokens only: the same role
/// value may be assigned to users, and then a user would pass for an application (Entra
/// doc "Verify scopes and app roles"). [`Requirement::role_of_user`] asks for a user's
/// role.
///
/// **An application on its own is admitted by a role or by a list of clients that it is on,
/// and by nothing else**: any application of a tenant can get an app-only token for an API
/// (Entra doc "OAuth 2.0 client credentials flow", controlling access). A rule of kinds alone
/// lets none in.
///
/// ```
/// use entra_claims::{Requirement, dangerous};
/// use foundry_scopes::ScopeName;
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let users_or_jobs = Requirement::any_of([
///     Requirement::scope(ScopeName::parse("access_as_user")?),
///     Requirement::role("Jobs.Run"),
/// ]);
/// let token = dangerous::assume_verified(token)?;
/// assert!(users_or_jobs.check(&token).is_ok());
/// assert!(Requirement::role("Jobs.Run").check(&token).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement(Rule);

impl Requirement {
    /// A delegated scope, compared byte for byte.
    #[must_use]
    pub fn scope(scope: ScopeName) -> Self {
        Self::scope_of(scope, None)
    }

    fn scope_of(name: ScopeName, resource: Option<Box<str>>) -> Self {
        Self(Rule::Scope(ScopeRule {
            name,
            resource,
            broader: Vec::new(),
        }))
    }

    /// One delegated scope, as people write it: the short name, or the name qualified with the
    /// API's own identifier URI. A text is never a role: see [`Requirement::role`].
    ///
    /// A token carries the short name and its audience was checked before, so the short name is
    /// compared. That the URI is this API's own is checked where a guard is built
    /// ([`check_against`](Self::check_against)).
    ///
    /// ```
    /// use entra_claims::Requirement;
    ///
    /// let short: Requirement = "orders.read".parse()?;
    /// let qualified = Requirement::parse("api://11112222-bbbb-3333-cccc-4444dddd5555/orders.read")?;
    /// assert_eq!(short.scopes(), qualified.scopes());
    /// assert!(Requirement::parse("api://11112222-bbbb-3333-cccc-4444dddd5555/.default").is_err());
    /// assert!(Requirement::parse("orders.read orders.write").is_err());
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Text that is no scope, more than one scope, and `.default`, which no token carries.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        match Scope::parse(text) {
            Ok(qualified) => {
                let name = ScopeName::parse(qualified.name())?;
                Ok(Self::scope_of(name, Some(qualified.resource().into())))
            }
            Err(error) if text.contains("://") => Err(error),
            Err(_) => ScopeName::parse(text).map(Self::scope),
        }
    }

    /// A role of an application, compared byte for byte. Where more than one tenant is
    /// accepted, say whose assignment counts: [`assigned_in`](Self::assigned_in).
    #[must_use]
    pub fn role(role: impl Into<String>) -> Self {
        Self(Rule::Role(role.into().into(), Assigned::Unsaid))
    }

    /// An application that was assigned a role, whichever.
    #[must_use]
    pub fn any_role() -> Self {
        Self(Rule::AnyRole(Assigned::Unsaid))
    }

    /// An app role of a user. Where more than one tenant is accepted, say whose assignment
    /// counts: [`assigned_in`](Self::assigned_in).
    #[must_use]
    pub fn role_of_user(role: impl Into<String>) -> Self {
        Self(Rule::UserRole(role.into().into(), Assigned::Unsaid))
    }

    /// One of these client applications (`azp`, `appid`), for users and for applications on
    /// their own. An empty list is met by no caller, and no guard is built with it.
    ///
    /// For a user's token this narrows what the user may use; it does not say who the user
    /// is: others than the client can get delegated tokens in its name (Entra doc "Secure
    /// applications and APIs by validating claims").
    #[must_use]
    pub fn clients(clients: impl IntoIterator<Item = ClientId>) -> Self {
        Self(Rule::Clients(clients.into_iter().collect()))
    }

    /// A user's permissions are used: any kind that
    /// [`is_delegated`](PrincipalKind::is_delegated).
    #[must_use]
    pub fn delegated() -> Self {
        Self(Rule::Delegated(true))
    }

    /// An application or an agent on its own. This narrows; alone it admits no caller.
    #[must_use]
    pub fn app_only() -> Self {
        Self(Rule::Delegated(false))
    }

    /// One of these kinds. This narrows; it admits no application.
    #[must_use]
    pub fn kinds(kinds: impl IntoIterator<Item = PrincipalKind>) -> Self {
        Self(Rule::Kinds(kinds.into_iter().collect()))
    }

    /// A user who is a member of this group, by object id.
    ///
    /// A user in more groups than a token holds has a token that lists none: then this
    /// is undecided ([`Reason::GroupsUnknown`](crate::Reason::GroupsUnknown)), which is no denial
    /// and no admission.
    #[must_use]
    pub fn group(group: ObjectId) -> Self {
        Self(Rule::Group(group, Assigned::Unsaid))
    }

    /// The same rule, where roles and groups count if they were assigned in one of these
    /// tenants (`tid`).
    ///
    /// The administrators of each tenant assign this API's app roles to their own users and
    /// applications. Where the [`TenantPolicy`](crate::TenantPolicy) accepts more than one
    /// tenant, a rule by role or group has to say whose assignments it means, or no guard is
    /// built with it ([`check_against`](Self::check_against)). What was said of a part before
    /// stays.
    ///
    /// ```
    /// use entra_claims::Requirement;
    /// use foundry_scopes::TenantId;
    ///
    /// let operations = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
    /// let rule = Requirement::any_of([
    ///     Requirement::parse("orders.read")?,
    ///     Requirement::role("Orders.Admin").assigned_in([operations]),
    ///     Requirement::role("Orders.Read.All").assigned_in_any_tenant(),
    /// ]);
    /// assert!(rule.to_string().contains("assigned in any tenant"));
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    #[must_use]
    pub fn assigned_in(self, tenants: impl IntoIterator<Item = TenantId>) -> Self {
        self.assigned(&Assigned::In(tenants.into_iter().collect()))
    }

    /// The same rule, **where roles and groups count whichever tenant they were assigned in**:
    /// the administrators of every accepted tenant decide who holds them.
    #[must_use]
    pub fn assigned_in_any_tenant(self) -> Self {
        self.assigned(&Assigned::AnyTenant)
    }

    fn assigned(self, assigned: &Assigned) -> Self {
        let set = |before: Assigned| match before {
            Assigned::Unsaid => assigned.clone(),
            said => said,
        };
        let each = |rules: Vec<Self>| {
            let rules = rules.into_iter();
            rules.map(|rule| rule.assigned(assigned)).collect()
        };
        Self(match self.0 {
            Rule::Role(role, before) => Rule::Role(role, set(before)),
            Rule::AnyRole(before) => Rule::AnyRole(set(before)),
            Rule::UserRole(role, before) => Rule::UserRole(role, set(before)),
            Rule::Group(group, before) => Rule::Group(group, set(before)),
            Rule::Any(rules) => Rule::Any(each(rules)),
            Rule::All(rules) => Rule::All(each(rules)),
            other => other,
        })
    }

    /// An authentication context that was satisfied (`acrs`), for example `c1`.
    #[must_use]
    pub fn auth_context(id: impl Into<String>) -> Self {
        Self(Rule::AuthContext(id.into().into()))
    }

    /// One of several. An empty list is met by no caller, and no guard is built with it.
    #[must_use]
    pub fn any_of(rules: impl IntoIterator<Item = Self>) -> Self {
        Self(Rule::Any(rules.into_iter().collect()))
    }

    /// Each of several. An empty list is met by no caller, and no guard is built with it: a rule
    /// that asks for nothing is a mistake.
    #[must_use]
    pub fn all_of(rules: impl IntoIterator<Item = Self>) -> Self {
        Self(Rule::All(rules.into_iter().collect()))
    }

    /// The same rule, where a scope that includes another is enough for it.
    #[must_use]
    pub fn with_hierarchy(self, hierarchy: &ScopeHierarchy) -> Self {
        let each = |rules: Vec<Self>| {
            let rules = rules.into_iter();
            rules.map(|rule| rule.with_hierarchy(hierarchy)).collect()
        };
        Self(match self.0 {
            Rule::Scope(scope) => {
                let broader = hierarchy.broader(&scope.name).into_iter();
                Rule::Scope(ScopeRule {
                    broader: broader.cloned().collect(),
                    ..scope
                })
            }
            Rule::Any(rules) => Rule::Any(each(rules)),
            Rule::All(rules) => Rule::All(each(rules)),
            other => other,
        })
    }

    /// Decides.
    ///
    /// # Errors
    ///
    /// A rejection of the class [`Forbidden`](crate::RejectionClass::Forbidden); or
    /// [`Reason::GroupsUnknown`](crate::Reason::GroupsUnknown), where the groups decide and
    /// the token does not hold them.
    pub fn check(&self, token: &VerifiedToken) -> Result<(), Rejection> {
        self.decide(Caller::new(token, &OnceLock::new()))
    }

    /// Decides with the groups of the token's user, which were fetched elsewhere:
    /// [`groups::GroupDirectory`](crate::groups::GroupDirectory) does it where it is needed.
    ///
    /// They count where the token does not hold its own ([`Groups::Overage`](crate::Groups)).
    /// **Groups of another user count as none**: the decision is then `GroupsUnknown`.
    ///
    /// # Errors
    ///
    /// As of [`check`](Self::check).
    pub fn check_with_groups(
        &self,
        token: &VerifiedToken,
        groups: &ResolvedGroups,
    ) -> Result<(), Rejection> {
        let listed = OnceLock::new();
        self.decide(Caller::new(token, &listed).with_groups(groups))
    }

    fn decide(&self, caller: Caller<'_>) -> Result<(), Rejection> {
        let verdict = self.0.judge(caller);
        let app_only = !caller.token.principal().is_delegated();
        let admitted = verdict.state == State::Met && (!app_only || verdict.admits);
        if admitted {
            return Ok(());
        }
        Err(unmet::rejection(self, caller, verdict).after_signature())
    }

    fn state(&self, token: &VerifiedToken) -> State {
        self.0.judge(Caller::new(token, &OnceLock::new())).state
    }

    /// The scopes to ask for so that a user passes: empty if the rule is met, or if no
    /// scope would help. Of alternatives the first that scopes can meet.
    #[must_use]
    pub fn missing_scopes(&self, token: &VerifiedToken) -> Vec<ScopeName> {
        if self.state(token) == State::Met {
            return Vec::new();
        }
        match &self.0 {
            Rule::Scope(scope) => vec![scope.name.clone()],
            Rule::Any(rules) => rules
                .iter()
                .map(|rule| rule.missing_scopes(token))
                .find(|scopes| !scopes.is_empty())
                .unwrap_or_default(),
            Rule::All(rules) => {
                let mut missing = Vec::new();
                for scope in rules.iter().flat_map(|rule| rule.missing_scopes(token)) {
                    if !missing.contains(&scope) {
                        missing.push(scope);
                    }
                }
                missing
            }
            _ => Vec::new(),
        }
    }

    /// The authentication context to ask for so that the rule is met: `None` if it is met,
    /// or if no context would help. Of several the first that is missing.
    ///
    /// ```
    /// use entra_claims::{Requirement, dangerous};
    /// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
    /// let token = dangerous::assume_verified(token)?;
    /// let rule = Requirement::all_of([Requirement::delegated(), Requirement::auth_context("c1")]);
    /// assert_eq!(rule.missing_auth_context(&token), Some("c1"));
    /// assert_eq!(Requirement::delegated().missing_auth_context(&token), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn missing_auth_context(&self, token: &VerifiedToken) -> Option<&str> {
        if self.state(token) == State::Met {
            return None;
        }
        match &self.0 {
            Rule::AuthContext(id) => Some(id),
            Rule::Any(rules) | Rule::All(rules) => rules
                .iter()
                .find_map(|rule| rule.missing_auth_context(token)),
            _ => None,
        }
    }

    /// Every scope named in the rule, in order, each once.
    #[must_use]
    pub fn scopes(&self) -> Vec<&ScopeName> {
        let mut scopes = Vec::new();
        self.each(&mut |rule| {
            if let Rule::Scope(ScopeRule { name, .. }) = rule
                && !scopes.contains(&name)
            {
                scopes.push(name);
            }
        });
        scopes
    }

    fn each<'r>(&'r self, visit: &mut impl FnMut(&'r Rule)) {
        visit(&self.0);
        if let Rule::Any(rules) | Rule::All(rules) = &self.0 {
            for rule in rules {
                rule.each(visit);
            }
        }
    }
}

/// As [`Requirement::parse`].
impl FromStr for Requirement {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

/// As [`Requirement::parse`].
impl TryFrom<&str> for Requirement {
    type Error = ParseError;

    fn try_from(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dangerous;
    use crate::decode::UnverifiedToken;
    use crate::principal::TokenDigest;

    /// Classification already refuses an application's token with scopes; the rule does
    /// not lean on it.
    #[test]
    fn a_scope_in_an_applications_token_would_not_count() {
        let text = include_str!("../../tests/data/token.txt");
        let rule = Requirement::scope(ScopeName::parse("access_as_user").unwrap());
        let user = dangerous::assume_verified(text).unwrap();
        assert!(rule.check(&user).is_ok());
        for (kind, accepted) in [
            (PrincipalKind::App, false),
            (PrincipalKind::Agent, false),
            (PrincipalKind::AgentForUser, true),
            (PrincipalKind::AgentUserAccount, true),
            (PrincipalKind::UserThroughAgentClient, true),
        ] {
            let claims = UnverifiedToken::decode(text).unwrap().into_claims();
            let principal = user.principal().with_kind(kind);
            let digest = TokenDigest::of_assumed(text);
            let token = VerifiedToken::new(text, claims, principal, digest, 0);
            assert_eq!(rule.check(&token).is_ok(), accepted, "{kind:?}");
        }
    }
}
