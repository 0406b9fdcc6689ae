//! From an answer to the failure that it stands for.

use super::assertion::AssertionProblem;
use super::consent::Consent;
use super::credential::CredentialProblem;
use super::entra::EntraError;
use super::exchange::ExchangeError;
use super::kind::{ErrorKind, NextStep};
use crate::aadsts::{Aadsts, Actor};
use crate::credential::CredentialError;

/// What is known about the request, beyond the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestContext {
    /// What consent would be about.
    pub(crate) consent: Option<Consent>,
    /// The kind of credential that it was sent with.
    pub(crate) credential: Option<&'static str>,
}

impl ExchangeError {
    pub(crate) fn answered(answer: EntraError, asked: RequestContext) -> Self {
        match answer.kind() {
            ErrorKind::Consent => Self::ConsentNeeded {
                consent: asked.consent.map(|consent| {
                    // AADSTS90094: the tenant leaves this consent to administrators.
                    match answer.aadsts().map(Aadsts::actor) {
                        Some(Actor::Administrator) => consent.by_administrator(),
                        _ => consent,
                    }
                }),
                answer,
            },
            ErrorKind::ClaimsChallenge | ErrorKind::Interaction => Self::InteractionNeeded {
                claims: answer.claims().cloned(),
                answer,
            },
            ErrorKind::Assertion => Self::AssertionRejected {
                problem: AssertionProblem::of(&answer),
                answer: Some(answer),
            },
            ErrorKind::Credential => Self::Credential {
                problem: CredentialProblem::of(&answer, asked.credential),
                answer: Some(answer),
                source: None,
            },
            ErrorKind::Throttled => Self::Throttled {
                until: at(&answer),
                answer: Some(answer),
            },
            ErrorKind::Transient => Self::Transient {
                retry_at: at(&answer),
                answer,
            },
            ErrorKind::Configuration => Self::InvalidRequest(answer),
            ErrorKind::Unintelligible => Self::Unintelligible {
                status: answer.status(),
                reason: answer.unreadable(),
                request_id: answer.correlation_id().unwrap_or_default().to_owned(),
            },
            ErrorKind::Denied | ErrorKind::Unreachable => Self::Denied(answer),
        }
    }

    pub(crate) fn no_proof(error: CredentialError, credential: &'static str) -> Self {
        let problem = CredentialProblem::unusable(error, Some(credential));
        let source = problem.shared();
        Self::Credential {
            problem,
            answer: None,
            source,
        }
    }
}

/// What the answer alone says: consent pages and the kind of credential are not known.
impl From<EntraError> for ExchangeError {
    fn from(answer: EntraError) -> Self {
        Self::answered(answer, RequestContext::default())
    }
}

fn at(answer: &EntraError) -> time::OffsetDateTime {
    match answer.next() {
        NextStep::RetryAt(at) => at,
        _ => answer.received_at(),
    }
}
