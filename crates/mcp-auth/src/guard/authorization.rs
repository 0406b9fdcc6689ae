//! Requirement check, step-up challenge and refusal answers of a guard, without its authenticator.

#[cfg(feature = "obo")]
use std::sync::Arc;

use entra_claims::{
    CallerCheck, Reason, Rejection, Requirement, RequirementError, ScopeHierarchy, Validator,
    VerifiedToken,
};
use foundry_scopes::{AppIdUri, Scope, ScopeName, TenantId};
use serde_json::json;

use super::error::GuardError;
use crate::challenge::Challenge;
use crate::metadata::answer::Answer;
use crate::refusal::{Cause, Challenges, Refusal, Remedy};

/// What a guard requires, and how it refuses; shared by its callers.
#[derive(Clone, Debug)]
pub(crate) struct Authorization {
    requirement: Requirement,
    identifier_uri: AppIdUri,
    base_scopes: Vec<Scope>,
    challenges: Challenges,
    hierarchy: ScopeHierarchy,
    validator: Validator,
    /// Of a resource per tenant: its tenant.
    only_tenant: Option<TenantId>,
    #[cfg(feature = "obo")]
    consent: Option<Arc<dyn ConsentLinks>>,
}

/// Pages on which a caller can consent.
#[cfg(feature = "obo")]
#[async_trait::async_trait]
pub(crate) trait ConsentLinks: std::fmt::Debug + Send + Sync {
    /// A page for this caller alone, if there can be one.
    async fn link(
        &self,
        caller: &entra_claims::Principal,
        consent: &entra_obo::Consent,
    ) -> Option<String>;
}

impl Authorization {
    pub(super) fn new(
        validator: &Validator,
        only_tenant: Option<TenantId>,
        identifier_uri: AppIdUri,
        base_scopes: Vec<Scope>,
        challenge: Challenge,
    ) -> Self {
        Self {
            requirement: Requirement::any_of([]),
            identifier_uri,
            base_scopes,
            challenges: Challenges { base: challenge },
            hierarchy: ScopeHierarchy::new(),
            validator: validator.clone(),
            only_tenant,
            #[cfg(feature = "obo")]
            consent: None,
        }
    }

    /// With the guard's own requirement, whose scopes the first challenge names.
    pub(super) fn requiring(mut self, requirement: Requirement) -> Result<Self, GuardError> {
        let requirement = self
            .ready(requirement)
            .map_err(|error| GuardError::requirement("the guard's requirement", error))?;
        let required: Vec<_> = requirement.scopes().into_iter().cloned().collect();
        let first = union(&self.identifier_uri, &self.base_scopes, &required);
        self.challenges.base = self.challenges.base.scopes(first);
        self.requirement = requirement;
        Ok(self)
    }

    /// A requirement as it is checked here: with the scopes that include its own, and for the
    /// one tenant of a resource per tenant.
    ///
    /// # Errors
    ///
    /// It cannot be met, or does not say whose assignments count where several tenants are
    /// accepted.
    pub(crate) fn ready(&self, requirement: Requirement) -> Result<Requirement, RequirementError> {
        let requirement = match self.only_tenant {
            Some(tenant) => requirement.assigned_in([tenant]),
            None => requirement,
        };
        requirement.check_against(&self.validator, Some(&self.identifier_uri))?;
        Ok(requirement.with_hierarchy(&self.hierarchy))
    }

    /// Whether the caller may do what a handler requires. A requirement that is not
    /// [`ready`](Self::ready) is the service's mistake.
    pub(crate) fn check_handler(
        &self,
        requirement: Requirement,
        token: &VerifiedToken,
    ) -> Result<(), Refusal> {
        let requirement = self
            .ready(requirement)
            .map_err(|error| Refusal::new(Cause::BadRequirement(error.to_string())))?;
        self.check(&requirement, token)
    }

    pub(super) fn set_hierarchy(&mut self, hierarchy: ScopeHierarchy) {
        self.requirement = self.requirement.clone().with_hierarchy(&hierarchy);
        self.hierarchy = hierarchy;
    }

    #[cfg(feature = "obo")]
    pub(super) fn set_consent(&mut self, pages: Arc<dyn ConsentLinks>) {
        self.consent = Some(pages);
    }

    #[cfg(feature = "obo")]
    pub(crate) fn consent(&self) -> Option<&dyn ConsentLinks> {
        self.consent.as_deref()
    }

    /// Whether the caller meets the guard's own requirement.
    pub(super) fn admit(&self, token: &VerifiedToken) -> Result<(), Refusal> {
        self.check(&self.requirement, token)
    }

    /// Whether the caller may do what this requirement stands for, which need not be the
    /// guard's own.
    pub(crate) fn check(
        &self,
        requirement: &Requirement,
        token: &VerifiedToken,
    ) -> Result<(), Refusal> {
        let checked = requirement.check(token);
        checked.map_err(|rejection| self.unmet(requirement, token, rejection))
    }

    /// The same for one of several requirements of a request.
    pub(crate) fn check_of(
        &self,
        requirement: &Requirement,
        caller: &CallerCheck,
    ) -> Result<(), Refusal> {
        let checked = caller.check(requirement);
        checked.map_err(|rejection| self.unmet(requirement, caller.token(), rejection))
    }

    fn unmet(
        &self,
        requirement: &Requirement,
        token: &VerifiedToken,
        rejection: Rejection,
    ) -> Refusal {
        let remedy = match rejection.reason() {
            Reason::MissingAuthContext => claims_challenge(requirement, token),
            _ => self.step_up(requirement, token),
        };
        Refusal::rejected(rejection, remedy)
    }

    /// The scopes that would help: a user's token only. The base scopes come along, since
    /// some clients ask for exactly what a challenge names, and would lose them.
    fn step_up(&self, requirement: &Requirement, token: &VerifiedToken) -> Remedy {
        let missing = requirement.missing_scopes(token);
        if missing.is_empty() || !token.principal().is_delegated() {
            return Remedy::None;
        }
        Remedy::Scopes(union(&self.identifier_uri, &self.base_scopes, &missing))
    }

    /// The answer to a refused request, which the log learns of.
    pub(crate) fn refuse(&self, refusal: &Refusal) -> Answer {
        refusal.trace();
        self.challenges.answer(refusal)
    }

    /// What a handler's own challenge starts from.
    pub(crate) fn challenge(&self) -> Challenge {
        self.challenges.base.clone()
    }
}

/// A claims challenge for the missing authentication context, for a client that declares
/// that it understands one (Entra doc "Claims challenges").
fn claims_challenge(requirement: &Requirement, token: &VerifiedToken) -> Remedy {
    if !token.claims().understands_claims_challenges() {
        return Remedy::None;
    }
    let Some(context) = requirement.missing_auth_context(token) else {
        return Remedy::None;
    };
    let acrs = json!({"essential": true, "value": context});
    Remedy::Claims(json!({"access_token": {"acrs": acrs}}).to_string())
}

/// `base` and the qualified `names`, each once. `.default` goes where there are names:
/// Entra ID refuses the two together (AADSTS70011). With nothing at all it is what is
/// left to ask for, since a request without any scope is refused too (AADSTS900144).
fn union(uri: &AppIdUri, base: &[Scope], names: &[ScopeName]) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for scope in base
        .iter()
        .cloned()
        .chain(names.iter().map(|name| Scope::new(uri, name)))
    {
        if !scope.is_default() && !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        scopes.push(Scope::default_for(uri));
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_and_names_never_stand_together() {
        let uri = AppIdUri::parse("api://a").unwrap();
        let names = ["b", "c", "b"].map(|n| ScopeName::parse(n).unwrap());
        let texts = |base: &[Scope], names: &[ScopeName]| {
            let scopes = union(&uri, base, names);
            scopes.iter().map(Scope::to_string).collect::<Vec<_>>()
        };
        let default = [Scope::default_for(&uri)];
        assert_eq!(texts(&default, &names), ["api://a/b", "api://a/c"]);
        assert_eq!(texts(&default, &[]), ["api://a/.default"]);
        assert_eq!(texts(&[], &[]), ["api://a/.default"]);
        let base = [Scope::parse("api://a/z").unwrap()];
        assert_eq!(
            texts(&base, &names),
            ["api://a/z", "api://a/b", "api://a/c"]
        );
    }
}
