//! HTTP status and challenge of each refusal: the only place where that is decided.
//!
//! | what | status | `error` |
//! | --- | --- | --- |
//! | a host or an origin that is not allowed | 403, and no challenge | none |
//! | no credentials, or another scheme | 401 | none (RFC 6750, section 3.1) |
//! | empty or malformed `Bearer` | 401 | `invalid_token` |
//! | two headers, or header and query | 400 | `invalid_request` |
//! | malformed or invalid token | 401 | `invalid_token` |
//! | forbidden | 403 | `insufficient_scope`, without `scope` where more scopes would not help |
//! | an authentication context is missing | 401 | `insufficient_claims`, with `claims` |
//! | the same, and the client cannot be challenged | 403 | none |
//! | cannot be decided now | 503, with `Retry-After` and no challenge | none |
//! | wrongly configured | 500, and no challenge | none |
//! | not in an MCP server's policy | 403 | `insufficient_scope`, without `scope` |
//! | no proper MCP request | 400, 404, 405, 413, 415, 503 (`mcp/error.rs`) | none |
//! | a failed on-behalf-of exchange | 401, 403, 500, 503 (`on_behalf_of/answer.rs`) | its own |
//! | a user context that is refused or missing | 403, and no challenge | its reason |
//! | the same, and it cannot be decided now | 503, with `Retry-After` and no challenge | its reason |
//! | two guards around a handler | 500, and no challenge | none |
//! | a handler's own challenge | 400, 401 or 403 by its `error` | its own |
//!
//! A malformed token is 401 and not 400: RFC 6750, section 3.1, lists it under
//! `invalid_token`, and only a 401 makes MCP clients sign in again. 503 and 500 carry no
//! challenge, so that clients do not throw a good token away. A claims challenge goes only
//! to clients whose token declares that they understand it (`cp1` in `xms_cc`; Entra doc
//! "Claims challenges"): the others would sign in again, get the same token and fail.

use std::time::Duration;

use entra_claims::{Reason, Rejection, RejectionClass};
use foundry_scopes::Scope;
use http::header::{CACHE_CONTROL, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use super::{Cause, Refusal, Remedy};
use crate::bearer::BearerError;
use crate::challenge::{Challenge, ChallengeError};
use crate::metadata::answer::{self, Answer, NO_STORE};

/// Repeats the body's `incident_id`, for answers whose body is rarely read.
const INCIDENT_ID: HeaderName = HeaderName::from_static("x-incident-id");

/// The same for every token that is not accepted, whatever is wrong with it.
const NOT_ACCEPTED: &str = "the access token is not accepted here";

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
    /// The scopes to begin with, and these claims.
    Claims(&'a str),
    /// Nothing that the client could bring.
    Nothing,
    /// What a handler made.
    Own(&'a Challenge),
}

pub(super) fn verdict(cause: &Cause) -> Verdict<'_> {
    match cause {
        Cause::Origin(error) => Verdict {
            status: error.status(),
            challenge: None,
            error: error.code(),
            description: error.message(),
            retry_after: None,
        },
        Cause::Bearer(error) => bearer(*error),
        Cause::Rejected { rejection, remedy } => rejected(rejection, remedy),
        Cause::OtherTenant(_) => invalid_token(NOT_ACCEPTED),
        Cause::Challenged(challenge) => challenged(challenge),
        Cause::Unlisted(_) => Verdict {
            status: StatusCode::FORBIDDEN,
            challenge: Some(Ask::StepUp(&[])),
            error: ChallengeError::InsufficientScope.as_str(),
            description: "the caller may not do this",
            retry_after: None,
        },
        Cause::McpRequest(error) => Verdict {
            status: error.status(),
            challenge: None,
            error: error.code(),
            description: error.explain(),
            retry_after: None,
        },
        #[cfg(feature = "obo")]
        Cause::OnBehalfOf { status, code, .. } => Verdict {
            status: *status,
            challenge: None,
            error: code,
            description: "the token that this request needs could not be had",
            retry_after: None,
        },
        Cause::DoubledGuard | Cause::BadRequirement(_) => {
            server_error("this service is misconfigured")
        }
        #[cfg(feature = "user-context")]
        Cause::Context(refusal) => user_context(refusal.reason()),
        #[cfg(feature = "user-context")]
        Cause::DoubledContextLayer => server_error("this service is misconfigured"),
        #[cfg(feature = "axum")]
        Cause::Unguarded => server_error("this service is misconfigured"),
    }
}

/// No challenge: Entra ID has nothing that would help.
#[cfg(feature = "user-context")]
fn user_context(reason: agent_user_context::ContextReason) -> Verdict<'static> {
    let retry_after = reason.retry_after();
    Verdict {
        status: match retry_after {
            Some(_) => StatusCode::SERVICE_UNAVAILABLE,
            None => StatusCode::FORBIDDEN,
        },
        challenge: None,
        error: reason.code(),
        description: reason.text(),
        retry_after,
    }
}

fn rejected<'a>(rejection: &Rejection, remedy: &'a Remedy) -> Verdict<'a> {
    let error = rejection
        .reason()
        .bearer_error()
        .and_then(ChallengeError::from_code);
    match (rejection.class(), error) {
        (RejectionClass::Unavailable { retry_after }, _) => Verdict {
            status: StatusCode::SERVICE_UNAVAILABLE,
            challenge: None,
            error: "temporarily_unavailable",
            description: "the access token cannot be checked at the moment",
            retry_after: Some(retry_after),
        },
        (RejectionClass::Malformed | RejectionClass::InvalidToken, Some(error)) => Verdict {
            status: StatusCode::UNAUTHORIZED,
            challenge: Some(Ask::Again(error)),
            error: error.as_str(),
            description: match rejection.reason() {
                // Worth saying apart: every client meets it, and it tells an attacker nothing.
                Reason::Expired => "the access token has expired",
                _ => NOT_ACCEPTED,
            },
            retry_after: None,
        },
        (RejectionClass::Forbidden, Some(ChallengeError::InsufficientClaims)) => {
            let (status, ask) = match remedy {
                Remedy::Claims(json) => (StatusCode::UNAUTHORIZED, Ask::Claims(json)),
                _ => (StatusCode::FORBIDDEN, Ask::Nothing),
            };
            Verdict {
                status,
                challenge: Some(ask),
                error: ChallengeError::InsufficientClaims.as_str(),
                description: "the sign-in does not meet a condition of this service",
                retry_after: None,
            }
        }
        (RejectionClass::Forbidden, Some(error)) => Verdict {
            status: StatusCode::FORBIDDEN,
            challenge: Some(Ask::StepUp(match remedy {
                Remedy::Scopes(scopes) => scopes,
                _ => &[],
            })),
            error: error.as_str(),
            description: match rejection.reason() {
                Reason::MissingScope => "the access token lacks a scope",
                Reason::UserRequired => "a user has to call this, not an application",
                Reason::MissingRole => "the caller lacks a role",
                _ => "the caller may not do this",
            },
            retry_after: None,
        },
        // Misconfigured, and whatever classes come later: not the client's to mend.
        _ => server_error("this service cannot check access tokens"),
    }
}

fn server_error(description: &'static str) -> Verdict<'static> {
    Verdict {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        challenge: None,
        error: "server_error",
        description,
        retry_after: None,
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
        Some(ChallengeError::InvalidToken) => (StatusCode::UNAUTHORIZED, NOT_ACCEPTED),
        Some(
            ChallengeError::InsufficientClaims | ChallengeError::InsufficientUserAuthentication,
        ) => (
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

fn bearer(error: BearerError) -> Verdict<'static> {
    match error {
        BearerError::Absent(_) => Verdict {
            status: StatusCode::UNAUTHORIZED,
            challenge: Some(Ask::Token),
            error: "token_required",
            description: "an access token is needed",
            retry_after: None,
        },
        BearerError::Malformed => invalid_token("the Authorization header holds no access token"),
        BearerError::Quoted => invalid_token("the access token must be sent without quotes"),
        BearerError::Doubled => invalid_token("the Authorization header says Bearer twice"),
        BearerError::Bare => invalid_token("the Authorization header lacks the word Bearer"),
        BearerError::Repeated | BearerError::TwoMethods => Verdict {
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

/// What a guard knows to put into its challenges: values from the configuration only.
#[derive(Clone, Debug)]
pub(crate) struct Challenges {
    pub(crate) base: Challenge,
}

impl Challenges {
    /// The answer to a refused request.
    pub(crate) fn answer(&self, refusal: &Refusal) -> Answer {
        answer(refusal, &self.base)
    }
}

/// The answer where no guard is: such a refusal has no challenge.
#[cfg(feature = "axum")]
pub(crate) fn unguarded_answer(refusal: &Refusal) -> Answer {
    answer(refusal, &Challenge::bearer())
}

fn answer(refusal: &Refusal, base: &Challenge) -> Answer {
    let verdict = verdict(&refusal.0.cause);
    let incident = refusal.incident_id();
    let body = json!({
        "error": verdict.error,
        "error_description": verdict.description,
        "incident_id": incident,
    });
    let mut answer = answer::json(verdict.status, body.to_string());
    let headers = answer.headers_mut();
    if let Some(ask) = &verdict.challenge {
        let challenge = challenge(base.clone(), ask, verdict.description);
        headers.insert(WWW_AUTHENTICATE, challenge.to_header());
    }
    if let Some(after) = verdict.retry_after {
        // Whole seconds, rounded up, and at least one: 0 would be a busy loop.
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    marked(answer, refusal)
}

/// What the answer to a refused request has, whatever its body is.
pub(crate) fn marked<B>(mut answer: Response<B>, refusal: &Refusal) -> Response<B> {
    let headers = answer.headers_mut();
    if let Ok(incident) = HeaderValue::try_from(refusal.incident_id()) {
        headers.insert(INCIDENT_ID, incident);
    }
    headers.insert(CACHE_CONTROL, NO_STORE);
    answer.extensions_mut().insert(refusal.clone());
    answer
}

fn challenge(base: Challenge, ask: &Ask<'_>, description: &'static str) -> Challenge {
    match ask {
        Ask::Token => base,
        Ask::Again(error) => base.error(*error).description(description),
        Ask::StepUp(scopes) => base
            .scopes(scopes.iter().cloned())
            .error(ChallengeError::InsufficientScope)
            .description(description),
        Ask::Claims(claims) => base
            .error(ChallengeError::InsufficientClaims)
            .claims(claims)
            .description(description),
        Ask::Nothing => base.scopes([]).description(description),
        Ask::Own(challenge) => (*challenge).clone(),
    }
}
