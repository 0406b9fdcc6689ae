//! Authentication decision of a guard: bearer token, tenant, requirement.

use std::sync::Arc;
use std::time::Duration;

use entra_claims::{
    Authenticator, CallerCheck, Decision, PendingDecision, Requirement, VerifiedToken,
};
use foundry_scopes::{AppIdUri, TenantId};
use http::Request;

use super::authorization::Authorization;
use super::error::GuardError;
use crate::bearer::{self, Absence, BearerError};
use crate::challenge::Challenge;
use crate::metadata::answer::Answer;
use crate::origin::OriginRules;
use crate::refusal::{Cause, Refusal, Remedy};
use crate::resource::ProtectedResource;

/// Everything a decision needs; shared by all requests of a layer.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub(super) authenticator: Authenticator,
    pub(super) origin: OriginRules,
    pub(super) platform: Platform,
    /// Of a resource per tenant: its tenant.
    only_tenant: Option<TenantId>,
    authorization: Arc<Authorization>,
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
    Arc<Authorization>,
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
    ) -> Result<Self, GuardError> {
        let authorization = Authorization::new(
            authenticator.validator(),
            resource.only_tenant(),
            resource.identifier_uri().clone(),
            resource.scopes().to_vec(),
            resource.challenge(),
        );
        Ok(Self {
            authenticator,
            origin: OriginRules::of_resource(resource.public_url()),
            platform: Platform::Untrusted,
            only_tenant: resource.only_tenant(),
            authorization: Arc::new(authorization.requiring(requirement)?),
        })
    }

    pub(super) fn for_api(
        authenticator: Authenticator,
        identifier_uri: AppIdUri,
        requirement: Requirement,
    ) -> Result<Self, GuardError> {
        let authorization = Authorization::new(
            authenticator.validator(),
            None,
            identifier_uri,
            Vec::new(),
            Challenge::bearer(),
        );
        Ok(Self {
            authenticator,
            origin: OriginRules::of_api(),
            platform: Platform::Untrusted,
            only_tenant: None,
            authorization: Arc::new(authorization.requiring(requirement)?),
        })
    }

    /// What the callers of this guard share with it.
    pub(crate) fn authorization(&self) -> &Arc<Authorization> {
        &self.authorization
    }

    pub(super) fn authorization_mut(&mut self) -> &mut Authorization {
        Arc::make_mut(&mut self.authorization)
    }

    /// Whether the caller may do what this requirement stands for; see
    /// [`Authorization::check`].
    pub(crate) fn check(
        &self,
        requirement: &Requirement,
        caller: &CallerCheck,
    ) -> Result<(), Refusal> {
        self.authorization.check_of(requirement, caller)
    }

    /// The answer to a refused request, which the log learns of.
    pub(crate) fn refuse(&self, refusal: &Refusal) -> Answer {
        self.authorization.refuse(refusal)
    }

    /// For how long a token is accepted from now on.
    pub(crate) fn time_left(&self, token: &VerifiedToken) -> Duration {
        self.authenticator.validator().time_left(token)
    }

    /// Takes the token out of the request and decides as far as no waiting is needed.
    pub(super) fn look<B>(
        &self,
        presence: Presence,
        request: &mut Request<B>,
    ) -> Result<Look, Refusal> {
        match bearer::take(request) {
            Ok(token) => {
                let decision = self.authenticator.decide(token.as_bytes());
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
        self.authorization.admit(&token)?;
        Ok(token)
    }
}

impl Anonymous {
    pub(super) fn new(guard: &Arc<Guard>) -> Self {
        Self(Arc::clone(&guard.authorization))
    }

    /// What the guard would have answered, had a token been required.
    #[cfg(feature = "axum")]
    pub(crate) fn refuse(&self) -> Answer {
        self.0
            .refuse(&Refusal::bearer(BearerError::Absent(Absence::NoHeader)))
    }
}
