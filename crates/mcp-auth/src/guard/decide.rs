//! What the guard decides, apart from tower.

use std::sync::Arc;

use entra_claims::{Authenticator, Requirement, VerifiedToken};
use foundry_scopes::{AppIdUri, Scope, ScopeName};
use http::{HeaderMap, Uri};

use crate::bearer::{self, Absence, BearerFault, BearerToken};
use crate::metadata::answer::Answer;
use crate::refusal::Challenges;
use crate::{Caller, Challenge, ProtectedResource, Refusal};

/// Everything a decision needs; shared by all requests of a layer.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(super) authenticator: Authenticator,
    requirement: Requirement,
    identifier_uri: AppIdUri,
    base_scopes: Vec<Scope>,
    challenges: Challenges,
}

/// Whether a request without a token may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
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
    Admitted(Caller),
    /// The signature is still to be checked.
    Unknown(BearerToken),
    /// No token, and none is needed.
    Anonymous,
}

impl Guard {
    pub(super) fn for_resource(
        authenticator: Authenticator,
        resource: &ProtectedResource,
        requirement: Requirement,
    ) -> Self {
        let base_scopes = resource.scopes().to_vec();
        Self::new(
            authenticator,
            requirement,
            resource.identifier_uri().clone(),
            base_scopes,
            resource.challenge(),
        )
    }

    pub(super) fn for_api(
        authenticator: Authenticator,
        identifier_uri: AppIdUri,
        requirement: Requirement,
    ) -> Self {
        let challenge = Challenge::bearer();
        Self::new(
            authenticator,
            requirement,
            identifier_uri,
            Vec::new(),
            challenge,
        )
    }

    fn new(
        authenticator: Authenticator,
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
            requirement,
            identifier_uri,
            base_scopes,
            challenges: Challenges {
                base: challenge.scopes(first),
            },
        }
    }

    /// Takes the token out of the request and decides as far as no waiting is needed.
    pub(super) fn look(
        &self,
        presence: Presence,
        headers: &mut HeaderMap,
        uri: &Uri,
    ) -> Result<Look, Refusal> {
        match bearer::take(headers, uri) {
            Ok(token) => match self.authenticator.cached(token.as_str()) {
                Some(verified) => self.admit(verified).map(Look::Admitted),
                None => Ok(Look::Unknown(token)),
            },
            Err(BearerFault::Absent(Absence::NoHeader)) if presence == Presence::Optional => {
                Ok(Look::Anonymous)
            }
            Err(fault) => Err(Refusal::bearer(fault)),
        }
    }

    /// Whether the verified caller may come in.
    pub(super) fn admit(&self, token: VerifiedToken) -> Result<Caller, Refusal> {
        self.check(&self.requirement, &token)?;
        Ok(Caller::new(token))
    }

    /// Whether a token meets a requirement; if not, with the scopes to ask for.
    pub(crate) fn check(
        &self,
        requirement: &Requirement,
        token: &VerifiedToken,
    ) -> Result<(), Refusal> {
        match requirement.check(token) {
            Ok(()) => Ok(()),
            Err(rejection) => {
                // More scopes help a user's token only. The base scopes come along: some
                // clients ask for exactly what a challenge names, and would lose them.
                let step_up = match requirement.missing_scopes(token) {
                    missing if missing.is_empty() || !token.principal().is_delegated() => {
                        Vec::new()
                    }
                    missing => union(&self.identifier_uri, &self.base_scopes, &missing),
                };
                Err(Refusal::rejected(rejection, step_up))
            }
        }
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
            .refuse(&Refusal::bearer(BearerFault::Absent(Absence::NoHeader)))
    }
}

/// `base` and the qualified `names`, each once. `.default` goes where there are names:
/// Entra ID refuses the two together (AADSTS70011). With nothing at all it is what is
/// left to ask for, since a request without any scope is refused too (AADSTS900144).
fn union(uri: &AppIdUri, base: &[Scope], names: &[ScopeName]) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for scope in base
        .iter()
        .cloned()
        .chain(names.iter().map(|name| Scope::of(uri, name)))
    {
        if !scope.is_default() && !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        scopes.push(Scope::default_of(uri));
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
        let default = [Scope::default_of(&uri)];
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
