//! What a caller must hold to be let in.

use foundry_scopes::ScopeName;

use crate::reject::Detail;
use crate::{Reason, Rejection, VerifiedToken};

/// A rule over scopes and roles.
///
/// A scope is met by delegated tokens only, a role by app-only tokens only: the same role
/// value may be assigned to users, and then a user would pass for an application (Entra
/// doc "Verify scopes and app roles"). [`Requirement::role_of_user`] asks for a user's
/// role. Any application of a tenant can get an app-only token for an API, so a rule of
/// scopes keeps applications out.
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

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Scope(ScopeName),
    Role(Box<str>),
    UserRole(Box<str>),
    Any(Vec<Requirement>),
    All(Vec<Requirement>),
}

impl Requirement {
    /// A delegated scope, compared byte for byte.
    #[must_use]
    pub fn scope(scope: ScopeName) -> Self {
        Self(Rule::Scope(scope))
    }

    /// A role of an application, compared byte for byte.
    #[must_use]
    pub fn role(role: impl Into<String>) -> Self {
        Self(Rule::Role(role.into().into()))
    }

    /// An app role of a user.
    #[must_use]
    pub fn role_of_user(role: impl Into<String>) -> Self {
        Self(Rule::UserRole(role.into().into()))
    }

    /// One of several. An empty list is met by nobody.
    #[must_use]
    pub fn any_of(rules: impl IntoIterator<Item = Self>) -> Self {
        Self(Rule::Any(rules.into_iter().collect()))
    }

    /// Each of several. An empty list is met by nobody: a rule that asks for nothing is a
    /// mistake, and letting everybody in is the wrong way to handle one.
    #[must_use]
    pub fn all_of(rules: impl IntoIterator<Item = Self>) -> Self {
        Self(Rule::All(rules.into_iter().collect()))
    }

    /// Decides.
    ///
    /// # Errors
    ///
    /// A rejection of the class [`Forbidden`](crate::RejectionClass::Forbidden).
    pub fn check(&self, token: &VerifiedToken) -> Result<(), Rejection> {
        if self.is_met(token) {
            return Ok(());
        }
        Err(self.denial(token).after_signature())
    }

    /// The scopes to ask for so that a user passes: empty if the rule is met, or if no
    /// scope would help. Of alternatives the first that scopes can meet.
    #[must_use]
    pub fn missing_scopes(&self, token: &VerifiedToken) -> Vec<ScopeName> {
        if self.is_met(token) {
            return Vec::new();
        }
        match &self.0 {
            Rule::Scope(scope) => vec![scope.clone()],
            Rule::Role(_) | Rule::UserRole(_) => Vec::new(),
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
        }
    }

    /// Every scope named in the rule, in order, each once.
    #[must_use]
    pub fn scopes(&self) -> Vec<&ScopeName> {
        let mut scopes = Vec::new();
        self.each(&mut |rule| {
            if let Rule::Scope(scope) = rule
                && !scopes.contains(&scope)
            {
                scopes.push(scope);
            }
        });
        scopes
    }

    fn is_met(&self, token: &VerifiedToken) -> bool {
        let delegated = token.principal().is_delegated();
        let claims = token.claims();
        match &self.0 {
            Rule::Scope(scope) => delegated && claims.scopes().any(|s| s == scope.as_str()),
            Rule::Role(role) => !delegated && claims.roles().any(|r| r == &**role),
            Rule::UserRole(role) => delegated && claims.roles().any(|r| r == &**role),
            Rule::Any(rules) => rules.iter().any(|rule| rule.is_met(token)),
            Rule::All(rules) => !rules.is_empty() && rules.iter().all(|rule| rule.is_met(token)),
        }
    }

    fn each<'r>(&'r self, visit: &mut impl FnMut(&'r Rule)) {
        visit(&self.0);
        if let Rule::Any(rules) | Rule::All(rules) = &self.0 {
            for rule in rules {
                rule.each(visit);
            }
        }
    }

    fn denial(&self, token: &VerifiedToken) -> Rejection {
        let mut scopes = Vec::new();
        let mut roles = Vec::new();
        self.each(&mut |rule| match rule {
            Rule::Scope(scope) => scopes.push(scope.as_str()),
            Rule::Role(role) | Rule::UserRole(role) => roles.push(&**role),
            Rule::Any(_) | Rule::All(_) => {}
        });
        let delegated = token.principal().is_delegated();
        let reason = match (delegated, scopes.is_empty(), roles.is_empty()) {
            (true, false, _) => Reason::MissingScope,
            (false, false, true) => Reason::UserRequired,
            _ => Reason::MissingRole,
        };
        let claims = token.claims();
        let kind = token.principal().kind().as_str();
        let held = |values: Vec<&str>| {
            if values.is_empty() {
                "none".to_owned()
            } else {
                values.join(" ")
            }
        };
        let found = format!(
            "{kind} token, scopes: {}, roles: {}",
            held(claims.scopes().collect()),
            held(claims.roles().collect())
        );
        let hint = match reason {
            Reason::MissingScope => {
                "request the scope with the token, and consent to it; if no such scope exists at the API's registration, correct the Requirement"
            }
            Reason::UserRequired => {
                "app-only tokens have no scopes: call on behalf of a user, or let the rule name a role"
            }
            _ => "assign the app role to the caller",
        };
        let needed = format!("{self}");
        Rejection::with(reason, Detail::found(&found).needed(needed).hint(hint))
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut list = |word: &str, rules: &[Self]| {
            write!(f, "{word} of (")?;
            for (i, rule) in rules.iter().enumerate() {
                let comma = if i > 0 { ", " } else { "" };
                write!(f, "{comma}{rule}")?;
            }
            f.write_str(")")
        };
        match &self.0 {
            Rule::Any(rules) => list("any", rules),
            Rule::All(rules) => list("all", rules),
            Rule::Scope(scope) => write!(f, "scope {scope}"),
            Rule::Role(role) => write!(f, "application role {role}"),
            Rule::UserRole(role) => write!(f, "user role {role}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::TokenDigest;
    use crate::{PrincipalKind, UnverifiedToken, dangerous};

    /// Classification already refuses an application's token with scopes; the rule does
    /// not lean on it.
    #[test]
    fn a_scope_in_an_applications_token_would_not_count() {
        let text = include_str!("../tests/data/token.txt");
        let rule = Requirement::scope(ScopeName::parse("access_as_user").unwrap());
        let user = dangerous::assume_verified(text).unwrap();
        assert!(rule.check(&user).is_ok());
        for (kind, accepted) in [
            (PrincipalKind::App, false),
            (PrincipalKind::Agent, false),
            (PrincipalKind::AgentForUser, true),
            (PrincipalKind::AgentUserAccount, true),
        ] {
            let claims = UnverifiedToken::decode(text).unwrap().into_claims();
            let principal = user.principal().with_kind(kind);
            let digest = TokenDigest::of_assumed(text);
            let token = VerifiedToken::new(text, claims, principal, digest, 0);
            assert_eq!(rule.check(&token).is_ok(), accepted, "{kind:?}");
        }
    }
}
