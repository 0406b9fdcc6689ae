//! The authorization decision of a guard: token, tenant, requirement, challenge.

use std::sync::Arc;
use std::time::Duration;

use entra_claims::{
    Authenticator, Decision, PendingDecision, Reason, Requirement, ScopeHierarchy, VerifiedToken,
};
use foundry_scopes::{AppIdUri, Scope, ScopeName, TenantId};
use http::{HeaderMap, Uri};
use serde_json::json;

use crate::bearer::{self, Absence, BearerError};
use crate::challenge::Challenge;
use crate::metadata::answer::Answer;
use crate::origin::OriginRules;
use crate::refusal::{Cause, Challenges, Refusal, Remedy};
use crate::resource::ProtectedResource;

/// Everything a decision needs; shared by all requests of a layer.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub(super) authenticator: Authenticator,
    pub(super) origin: OriginRules,
    pub(super) platform: Platform,
    /// Of a resource per tenant: its tenant.
    only_tenant: Option<TenantId>,
    requirement: Requirement,
    identifier_uri: AppIdUri,
    base_scopes: Vec<Scope>,
    challenges: Challenges,
    hierarchy: ScopeHierarchy,
}

/// Whether a request without a token may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

/// Whether App Service authentication is known to be in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    Untrusted,
    AppService,
}

/// In a request's extensions: the guard saw it, and it had no token.
#[derive(Clone, Debug)]
pub(crate) struct Anonymous(
    #[cfg_attr(
        not(feature = "axum"),
        expect(dead_code, reason = "read by the extractors; inserted all the same")
    )]
    Arc<Guard>,
);

/// The first look at a request.
pub(super) enum Look {
    /// Known and allowed.
    Admitted(VerifiedToken),
    /// Keys have to be fetched, or a registry asked, to tell.
    Pending(PendingDecision),
    /// No token, and none is needed.
    Anonymous,
}

impl Guard {
    pub(super) fn for_resource(
        authenticator: Authenticator,
        resource: &ProtectedResource,
        requirement: Requirement,
    ) -> Self {
        Self {
            only_tenant: resource.only_tenant(),
            ..Self::new(
                authenticator,
                OriginRules::of_resource(resource.public_url()),
                requirement,
                resource.identifier_uri().clone(),
                resource.scopes().to_vec(),
                resource.challenge(),
            )
        }
    }

    pub(super) fn for_api(
        authenticator: Authenticator,
        identifier_uri: AppIdUri,
        requirement: Requirement,
    ) -> Self {
        Self::new(
            authenticator,
            OriginRules::of_api(),
            requirement,
            identifier_uri,
            Vec::new(),
            Challenge::bearer(),
        )
    }

    fn new(
        authenticator: Authenticator,
        origin: OriginRules,
        requirement: Requirement,
        identifier_uri: AppIdUri,
        base_scopes: Vec<Scope>,
        challenge: Challenge,
    ) -> Self {
        let required = requirement
            .scopes()
            .into_iter()
            .cloned()
            .collect::<Vec<_>>();
        let first = union(&identifier_uri, &base_scopes, &required);
        Self {
            authenticator,
            origin,
            platform: Platform::Untrusted,
            only_tenant: None,
            requirement,
            identifier_uri,
            base_scopes,
            challenges: Challenges {
                base: challenge.scopes(first),
            },
            hierarchy: ScopeHierarchy::new(),
        }
    }

    pub(super) fn set_hierarchy(&mut self, hierarchy: ScopeHierarchy) {
        self.requirement = self.requirement.clone().with_hierarchy(&hierarchy);
        self.hierarchy = hierarchy;
    }

    pub(crate) fn hierarchy(&self) -> &ScopeHierarchy {
        &self.hierarchy
    }

    /// For how long a token is accepted from now on.
    pub(crate) fn time_left(&self, token: &VerifiedToken) -> Duration {
        self.authenticator.validator().time_left(token)
    }

    /// Takes the token out of the request and decides as far as no waiting is needed.
    pub(super) fn look(
        &self,
        presence: Presence,
        headers: &mut HeaderMap,
        uri: &Uri,
    ) -> Result<Look, Refusal> {
        match bearer::take(headers, uri) {
            Ok(token) => {
                let decision = self.authenticator.decide(token.as_str());
                // What is accepted is a b64token. Of the others this is said first, and before
                // anything is fetched for them.
                if !matches!(decision, Decision::Accepted(_)) {
                    token.check().map_err(Refusal::bearer)?;
                }
                match decision {
                    Decision::Accepted(verified) => self.admit(verified).map(Look::Admitted),
                    Decision::Rejected(rejection) => {
                        Err(Refusal::rejected(rejection, Remedy::None))
                    }
                    Decision::Pending(pending) => Ok(Look::Pending(pending)),
                }
            }
            Err(BearerError::Absent(Absence::NoHeader)) if presence == Presence::Optional => {
                Ok(Look::Anonymous)
            }
            Err(error) => Err(Refusal::bearer(error)),
        }
    }

    /// Whether the verified caller may come in.
    pub(super) fn admit(&self, token: VerifiedToken) -> Result<VerifiedToken, Refusal> {
        let tenant = token.principal().tenant();
        if self.only_tenant.is_some_and(|only| only != tenant) {
            return Err(Refusal::new(Cause::OtherTenant(tenant)));
        }
        self.check(&self.requirement, &token)?;
        Ok(token)
    }

    /// Whether the caller may do what this requirement stands for, which need not be the
    /// guard's own.
    pub(crate) fn check(
        &self,
        requirement: &Requirement,
        token: &VerifiedToken,
    ) -> Result<(), Refusal> {
        requirement.check(token).map_err(|rejection| {
            let remedy = match rejection.reason() {
                Reason::MissingAuthContext => claims_challenge(requirement, token),
                _ => self.step_up(requirement, token),
            };
            Refusal::rejected(rejection, remedy)
        })
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

impl Anonymous {
    pub(super) fn new(guard: &Arc<Guard>) -> Self {
        Self(Arc::clone(guard))
    }

    /// What the guard would have answered, had a token been required.
    #[cfg(feature = "axum")]
    pub(crate) fn refuse(&self) -> Answer {
        self.0
            .refuse(&Refusal::bearer(BearerError::Absent(Absence::NoHeader)))
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
