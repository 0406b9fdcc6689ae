//! Checks a requirement against the validator whose tokens it is about: tenants and scopes.

use foundry_scopes::AppIdUri;

use super::rule::{Assigned, Rule, ScopeRule};
use super::satisfiable::Problem;
use super::{Requirement, RequirementError};
use crate::validate::{TenantPolicy, Validator};

impl Requirement {
    /// Whether a guard can be built with this rule for the tokens that `validator` accepts. The
    /// constructors of guards call this. `identifier_uri` is the API's own, if it has one beside
    /// the accepted audiences.
    ///
    /// ```
    /// # use entra_claims::{AcceptedAudiences, Requirement, TenantPolicy, Validator};
    /// # use foundry_scopes::{ClientId, Cloud};
    /// # let api = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
    /// let validator = Validator::new(
    ///     Cloud::public(),
    ///     TenantPolicy::any_work_or_school_tenant(),
    ///     AcceptedAudiences::for_client(api),
    /// );
    /// let admin = Requirement::role("Orders.Admin");
    /// let error = admin.check_against(&validator, None).unwrap_err();
    /// assert!(error.to_string().contains("assigned_in"), "by whose administrators?");
    /// assert!(admin.assigned_in_any_tenant().check_against(&validator, None).is_ok());
    ///
    /// let graph = Requirement::parse("https://graph.microsoft.com/User.Read")?;
    /// assert!(graph.check_against(&validator, None).is_err(), "another API's scope");
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rule that no caller can meet ([`check_satisfiable`](Self::check_satisfiable)); one by
    /// role or group that does not say in which tenant it was assigned where the policy accepts
    /// more than one, or that names only tenants that the policy does not accept; a scope that is
    /// qualified with another API's identifier.
    pub fn check_against(
        &self,
        validator: &Validator,
        identifier_uri: Option<&AppIdUri>,
    ) -> Result<(), RequirementError> {
        self.check_satisfiable()?;
        self.check_scopes(validator, identifier_uri)?;
        self.check_each(|rule| {
            rule.assigned()
                .map_or(Ok(()), |assigned| assigned.check(rule, validator.tenants()))
        })
    }

    /// Whether every qualified scope is one of this API's own.
    pub(crate) fn check_scopes(
        &self,
        validator: &Validator,
        identifier_uri: Option<&AppIdUri>,
    ) -> Result<(), RequirementError> {
        self.check_each(|rule| match rule {
            Rule::Scope(scope) => own_scope(scope, validator, identifier_uri),
            _ => Ok(()),
        })
    }

    pub(super) fn check_each<'r>(
        &'r self,
        mut check: impl FnMut(&'r Rule) -> Result<(), RequirementError>,
    ) -> Result<(), RequirementError> {
        let mut outcome = Ok(());
        self.each(&mut |rule| {
            if outcome.is_ok() {
                outcome = check(rule);
            }
        });
        outcome
    }
}

impl Rule {
    /// Of a rule by role or group: where it was assigned.
    pub(super) fn assigned(&self) -> Option<&Assigned> {
        match self {
            Self::Role(_, assigned)
            | Self::AnyRole(assigned)
            | Self::UserRole(_, assigned)
            | Self::Group(_, assigned) => Some(assigned),
            _ => None,
        }
    }
}

impl Assigned {
    fn check(&self, rule: &Rule, policy: &TenantPolicy) -> Result<(), RequirementError> {
        let problem = match self {
            Self::Unsaid if policy.only().is_none() => Problem::TenantUnsaid,
            Self::In(tenants) if !tenants.iter().any(|tenant| policy.may_allow(*tenant)) => {
                Problem::NeverMet("assigned_in names no tenant that the policy accepts")
            }
            _ => return Ok(()),
        };
        Err(RequirementError::new(rule, problem))
    }
}

/// A qualified scope has to be one of this API's own; a client id as an audience stands for
/// `api://` with that id, too.
fn own_scope(
    scope: &ScopeRule,
    validator: &Validator,
    identifier_uri: Option<&AppIdUri>,
) -> Result<(), RequirementError> {
    let Some(resource) = &scope.resource else {
        return Ok(());
    };
    let bare = |text: &str| {
        let text = text.strip_prefix("api://").unwrap_or(text);
        text.trim_end_matches('/').to_owned()
    };
    let audiences = validator
        .audiences()
        .iter()
        .map(foundry_scopes::Audience::as_str);
    let own: Vec<&str> = audiences
        .chain(identifier_uri.map(AppIdUri::as_str))
        .collect();
    if own.iter().any(|own| bare(own) == bare(resource)) {
        return Ok(());
    }
    let problem = Problem::ForeignScope {
        resource: resource.as_ref().into(),
        own: own.join(", "),
    };
    Err(RequirementError::new(&Rule::Scope(scope.clone()), problem))
}
