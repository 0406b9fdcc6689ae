//! From a refusal to its HTTP answer: the only place where that is decided.
//!
//! | what | status | `error` |
//! | --- | --- | --- |
//! | no credentials, or another scheme | 401 | none (RFC 6750, section 3.1) |
//! | empty or malformed `Bearer` | 401 | `invalid_token` |
//! | two headers, or header and query | 400 | `invalid_request` |
//! | malformed or invalid token | 401 | `invalid_token` |
//! | forbidden | 403 | `insufficient_scope` |
//! | cannot be decided now | 503 | none, with `Retry-After` |
//! | wrongly configured | 500 | none |
//! | a handler's own challenge | 400, 401 or 403 by its `error` | its own |
//!
//! A malformed token is 401 and not 400: RFC 6750, section 3.1, lists it under
//! `invalid_token`, and only a 401 makes MCP clients sign in again. 503 and 500 carry no
//! challenge, so that clients do not throw a good token away.

use std::time::Duration;

use entra_claims::{Reason, RejectionClass};
use foundry_scopes::Scope;
use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::{Cause, Refusal};
use crate::bearer::{Absence, BearerFault};
use crate::metadata::answer::{self, Answer, NO_STORE};
use crate::{Challenge, ChallengeError};

pub(super) struct Verdict<'a> {
    pub(super) status: StatusCode,
    challenge: Option<Ask<'a>>,
    /// `error` of the JSON body, where the challenge has none.
    pub(super) error: &'static str,
    pub(super) description: &'static str,
    retry_after: Option<Duration>,
}

/// What the challenge asks for.
enum Ask<'a> {
    /// The scopes to begin with, and no error.
    Token,
    /// The scopes to begin with.
    Again(ChallengeError),
    /// Exactly these.
    StepUp(&'a [Scope]),
    /// What a handler made.
    Own(&'a Challenge),
}

pub(super) fn verdict(cause: &Cause) -> Verdict<'_> {
    let (rejection, step_up) = match cause {
        Cause::Bearer(fault) => return bearer(*fault),
        Cause::Rejected { rejection, step_up } => (rejection, step_up),
        Cause::Challenged(challenge) => return challenged(challenge),
    };
    match rejection.class() {
        RejectionClass::Malformed | RejectionClass::InvalidToken => {
            invalid_token(match rejection.reason() {
                // Worth saying apart: every client meets it, and it tells an attacker nothing.
                Reason::Expired => "the access token has expired",
                _ => "the access token is not accepted here",
            })
        }
        RejectionClass::Forbidden => Verdict {
            status: StatusCode::FORBIDDEN,
            challenge: Some(Ask::StepUp(step_up)),
            error: ChallengeError::InsufficientScope.as_str(),
            description: match rejection.reason() {
                Reason::MissingScope => "the access token lacks a scope",
                Reason::UserRequired => "a user has to call this, not an application",
                Reason::MissingRole => "the caller lacks a role",
                _ => "the caller may not do this",
            },
            retry_after: None,
        },
        RejectionClass::Unavailable { retry_after } => Verdict {
            status: StatusCode::SERVICE_UNAVAILABLE,
            challenge: None,
            error: "temporarily_unavailable",
            description: "the access token cannot be checked at the moment",
            retry_after: Some(retry_after),
        },
        // Misconfigured, and whatever classes come later: not the client's to mend.
        _ => Verdict {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            challenge: None,
            error: "server_error",
            description: "this service cannot check access tokens",
            retry_after: None,
        },
    }
}

pub(super) fn challenged(challenge: &Challenge) -> Verdict<'_> {
    let (error, description) = challenge.says();
    let (status, fixed) = match error {
        None => (StatusCode::UNAUTHORIZED, "an access token is needed"),
        Some(ChallengeError::InvalidRequest) => (
            StatusCode::BAD_REQUEST,
            "the request is not one that can be answered",
        ),
        Some(ChallengeError::InvalidToken) => (
            StatusCode::UNAUTHORIZED,
            "the access token is not accepted here",
        ),
        Some(ChallengeError::InsufficientClaims) => (
            StatusCode::UNAUTHORIZED,
            "the user has to sign in again with further proof",
        ),
        Some(ChallengeError::InsufficientScope) => {
            (StatusCode::FORBIDDEN, "the access token lacks a scope")
        }
    };
    Verdict {
        status,
        challenge: Some(Ask::Own(challenge)),
        error: error.map_or("token_required", ChallengeError::as_str),
        description: description.unwrap_or(fixed),
        retry_after: None,
    }
}

fn bearer(fault: BearerFault) -> Verdict<'static> {
    match fault {
        BearerFault::Absent(_) => Verdict {
            status: StatusCode::UNAUTHORIZED,
            challenge: Some(Ask::Token),
            error: "token_required",
            description: "an access token is needed",
            retry_after: None,
        },
        BearerFault::Malformed => invalid_token("the Authorization header holds no access token"),
        BearerFault::Repeated | BearerFault::TwoMethods => Verdict {
            status: StatusCode::BAD_REQUEST,
            challenge: Some(Ask::Again(ChallengeError::InvalidRequest)),
            error: ChallengeError::InvalidRequest.as_str(),
            description: "the access token must be sent once, in the Authorization header",
            retry_after: None,
        },
    }
}

fn invalid_token(description: &'static str) -> Verdict<'static> {
    Verdict {
        status: StatusCode::UNAUTHORIZED,
        challenge: Some(Ask::Again(ChallengeError::InvalidToken)),
        error: ChallengeError::InvalidToken.as_str(),
        description,
        retry_after: None,
    }
}

pub(super) fn explain(fault: BearerFault) -> &'static str {
    match fault {
        BearerFault::Absent(Absence::NoHeader) => {
            "the request has no Authorization header; tokens in the query or in a form are never read"
        }
        BearerFault::Absent(Absence::OtherScheme) => {
            "the Authorization header is not of the scheme Bearer"
        }
        BearerFault::Malformed => {
            "the Authorization header says Bearer, and what follows is empty or no token (RFC 6750, section 2.1)"
        }
        BearerFault::Repeated => {
            "the request has more than one Authorization header; a proxy in front may add its own"
        }
        BearerFault::TwoMethods => {
            "the request has a token in the Authorization header and an access_token in its query"
        }
    }
}

/// What a guard knows to put into its challenges: values from the configuration only.
#[derive(Debug)]
pub(crate) struct Challenges {
    pub(crate) base: Challenge,
}

impl Challenges {
    /// The answer to a refused request.
    pub(crate) fn answer(&self, refusal: &Refusal) -> Answer {
        let verdict = verdict(&refusal.0);
        let mut answer = answer::error(verdict.status, verdict.error, verdict.description);
        let headers = answer.headers_mut();
        if let Some(ask) = &verdict.challenge {
            let challenge = match ask {
                Ask::Own(challenge) => (*challenge).clone(),
                Ask::Token => self.base.clone(),
                Ask::Again(error) => self
                    .base
                    .clone()
                    .error(*error)
                    .description(verdict.description),
                Ask::StepUp(scopes) => self
                    .base
                    .clone()
                    .scopes(scopes.iter().cloned())
                    .error(ChallengeError::InsufficientScope)
                    .description(verdict.description),
            };
            headers.insert(WWW_AUTHENTICATE, challenge.to_header());
        }
        if let Some(after) = verdict.retry_after {
            // Whole seconds, rounded up, and at least one: 0 would be a busy loop.
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        headers.insert(CACHE_CONTROL, NO_STORE);
        answer.extensions_mut().insert(refusal.clone());
        answer
    }
}
