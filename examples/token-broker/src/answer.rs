//! The answers of the HTTP contract; README.md lists them. None may be kept by a cache.

use axum::Json;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use entra_obo::{AccessToken, ExchangeError, NextStep};
use mcp_auth::{Caller, Challenge, ChallengeError};
use serde_json::{Value, json};
use time::OffsetDateTime;

pub fn token(token: &AccessToken) -> Response {
    let scopes: Vec<_> = token.scopes().collect();
    json(
        StatusCode::OK,
        json!({
            "access_token": token.expose(),
            "token_type": "Bearer",
            "expires_in": seconds_until(token.expires_at()),
            "scope": scopes.join(" "),
        }),
    )
}

pub fn error(status: StatusCode, error: &str, message: &str) -> Response {
    json(status, json!({ "error": error, "message": message }))
}

/// What Entra ID's refusal means for the caller.
pub fn no_token(refusal: &ExchangeError, caller: &Caller) -> Response {
    match refusal.next() {
        NextStep::AskConsent => consent(refusal),
        NextStep::PassOnClaims => {
            let claims = refusal.claims().map_or("{}", |claims| claims.as_json());
            claims_challenge(claims, caller)
        }
        NextStep::SignInAgain => {
            let text = "the user's token is no longer good; bring a new one";
            let challenge = Challenge::bearer()
                .error(ChallengeError::InvalidToken)
                .description("bring a new token of the user");
            challenged(
                error(StatusCode::UNAUTHORIZED, "sign_in_required", text),
                &challenge,
            )
        }
        NextStep::RetryAt(at) => {
            let text = "no token at the moment; ask again later";
            let mut answer = error(
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                text,
            );
            // Rounded up: a client that comes at the second must not be too early.
            let seconds = HeaderValue::from(seconds_until(at) + 1);
            answer.headers_mut().insert(RETRY_AFTER, seconds);
            answer
        }
        NextStep::Denied => error(
            StatusCode::FORBIDDEN,
            "access_denied",
            "the organization does not allow this token",
        ),
        _ => {
            eprintln!("token-broker: {refusal}");
            let mut body = json!({
                "error": "server_error",
                "message": "the broker is not set up correctly; its operator finds the reason in its log",
            });
            body["correlation_id"] = refusal.correlation_id().into();
            json(StatusCode::INTERNAL_SERVER_ERROR, body)
        }
    }
}

fn consent(refusal: &ExchangeError) -> Response {
    let mut body = json!({
        "error": "consent_required",
        "message": "a permission has not been consented to; ask the user or an administrator",
    });
    if let Some(consent) = refusal.consent() {
        body["scope"] = consent.scopes().to_string().into();
        body["admin_consent_url"] = consent.admin_url().into();
    }
    body["correlation_id"] = refusal.correlation_id().into();
    json(StatusCode::FORBIDDEN, body)
}

/// 401 for a client that understands it; another one would come back with the same token
/// (Entra doc "Claims challenges").
fn claims_challenge(claims: &str, caller: &Caller) -> Response {
    if !caller.token().claims().understands_claims_challenges() {
        let text =
            "the user has to meet a policy, and this client cannot be told how (cp1 in xms_cc)";
        return error(StatusCode::FORBIDDEN, "interaction_required", text);
    }
    let challenge = Challenge::bearer()
        .error(ChallengeError::InsufficientClaims)
        .claims(claims)
        .description("sign in again with these claims");
    let body = json!({
        "error": "insufficient_claims",
        "message": "the user has to sign in again with these claims",
        "claims": claims,
    });
    challenged(json(StatusCode::UNAUTHORIZED, body), &challenge)
}

fn challenged(mut answer: Response, challenge: &Challenge) -> Response {
    answer
        .headers_mut()
        .insert(WWW_AUTHENTICATE, challenge.to_header());
    answer
}

pub fn json(status: StatusCode, body: Value) -> Response {
    let mut answer = (status, Json(body)).into_response();
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn seconds_until(at: OffsetDateTime) -> i64 {
    (at - OffsetDateTime::now_utc()).whole_seconds().max(0)
}
