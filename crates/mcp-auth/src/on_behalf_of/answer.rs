//! HTTP answer to a request whose on-behalf-of exchange failed: the only place where that is decided.
//!
//! | next step of the exchange | status | `error` |
//! | --- | --- | --- |
//! | the caller is an application without a user | 403 | `user_required` |
//! | consent | 403, with a link to the consent pages, else the administrator's | `consent_required` |
//! | claims, and the token's `xms_cc` has `cp1` | 401, with the challenge | `insufficient_claims` |
//! | claims, and the client understands no challenge | 403 | `interaction_required` |
//! | a new sign-in | 401, with a challenge | `invalid_token` |
//! | denied by the organization | 403 | `access_denied` |
//! | repeat later | 503, with `Retry-After` | `temporarily_unavailable` |
//! | anything else: the configuration, an unknown answer | 500 | `server_error` |
//!
//! What failed for the application itself is 503 or 500 only: its caller can do nothing about it.
//! Nothing that Entra ID wrote as prose is in an answer, and no link that any user may open.

use entra_claims::{Clock as _, SystemClock};
use entra_obo::{Consent, ExchangeError, NextStep};
use foundry_scopes::Scope;
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::{Cause, OnBehalfOfError};
use crate::challenge::{Challenge, ChallengeError};
use crate::refusal::{self, Refusal};

/// What the client gets.
struct Verdict {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    challenge: Option<Challenge>,
    /// Unix seconds.
    retry_at: Option<i64>,
    members: Map<String, Value>,
}

impl OnBehalfOfError {
    /// The HTTP answer to the caller's request: 401 or 403 with what the client can do, 503
    /// with `Retry-After`, or 500. Its JSON has `error`, `error_description` and
    /// `incident_id`, and where they help `scope`, `agent`, `consent_url` or `admin_consent_url`.
    ///
    /// Consent leads to the [`ConsentPages`](crate::ConsentPages) of the guard
    /// ([`AuthLayer::consent_pages`](crate::AuthLayer::consent_pages)), where one is open for
    /// this caller, else to the administrator's page. The reason goes to the log, once, with
    /// the same incident id, and as a [`Refusal`] into the answer's extensions.
    #[must_use]
    pub fn into_answer(self) -> Response<String> {
        let verdict = self.verdict();
        let refusal = Refusal::on_behalf_of(verdict.status, verdict.error, self.explain());
        refusal.trace();
        verdict.answer(&refusal)
    }

    fn verdict(&self) -> Verdict {
        let (error, of_user) = match &self.0.cause {
            Cause::NoUser(_) => {
                let text = "a user has to call this, not an application";
                return Verdict::new(StatusCode::FORBIDDEN, "user_required", text);
            }
            Cause::Exchange(error) => (error, true),
            Cause::Application(error) => (error, false),
        };
        match error.next() {
            NextStep::RetryAt(at) => Verdict {
                retry_at: Some(at.unix_timestamp()),
                ..Verdict::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "temporarily_unavailable",
                    "no token for this request at the moment",
                )
            },
            NextStep::AskConsent if of_user => self.consent(error.consent()),
            NextStep::PassOnClaims if of_user => self.claims(error),
            NextStep::SignInAgain if of_user => self.challenged(
                ChallengeError::InvalidToken,
                "the user has to sign in again",
            ),
            NextStep::Denied if of_user => Verdict::new(
                StatusCode::FORBIDDEN,
                "access_denied",
                "the organization does not allow this for the user",
            ),
            _ => Verdict::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "this service is not set up correctly",
            ),
        }
    }

    fn consent(&self, consent: Option<&Consent>) -> Verdict {
        let mut verdict = Verdict::new(
            StatusCode::FORBIDDEN,
            "consent_required",
            "a permission has not been consented to",
        );
        let scopes: Vec<_> = self.scopes().iter().map(Scope::as_str).collect();
        verdict.add("scope", scopes.join(" "));
        let Some(consent) = consent else {
            return verdict;
        };
        // Only an administrator's grant is sure to help an agent identity: its pages may be refused.
        if consent.blueprint().is_some() {
            verdict.description = "the agent lacks a permission: an administrator has to grant it to the agent identity, or make it inheritable on the agent's blueprint";
            verdict.add("agent", consent.client().to_string());
        }
        match (self.0.consent_page.clone(), consent.admin_url()) {
            (Some(page), _) => verdict.add("consent_url", page),
            (None, Some(page)) => verdict.add("admin_consent_url", page),
            (None, None) => {}
        }
        verdict
    }

    /// A client that does not understand claims challenges would sign in as before and come
    /// back with the same token (Entra doc "Claims challenges").
    fn claims(&self, error: &ExchangeError) -> Verdict {
        let capable = self
            .0
            .caller
            .token()
            .claims()
            .understands_claims_challenges();
        let text = "the user has to sign in with further proof";
        match error.claims() {
            Some(claims) if capable => {
                let mut verdict = self.challenged(ChallengeError::InsufficientClaims, text);
                let challenge = verdict.challenge.take();
                verdict.challenge = challenge.map(|it| it.claims(claims.as_json()));
                verdict
            }
            _ => Verdict::new(StatusCode::FORBIDDEN, "interaction_required", text),
        }
    }

    fn challenged(&self, error: ChallengeError, description: &'static str) -> Verdict {
        let base = self.0.caller.authorization().challenge();
        Verdict {
            challenge: Some(base.error(error).description(description)),
            ..Verdict::new(StatusCode::UNAUTHORIZED, error.as_str(), description)
        }
    }

    /// For the log: who, for what, why, and what to change.
    fn explain(&self) -> String {
        let caller = self.0.caller.principal();
        let scopes: Vec<_> = self.scopes().iter().map(Scope::as_str).collect();
        let scopes = scopes.join(" ");
        let (error, whose) = match &self.0.cause {
            Cause::NoUser(error) => {
                return format!("no token for {scopes} on behalf of {caller}: {error}");
            }
            Cause::Exchange(error) => (error, format!("on behalf of {caller}")),
            Cause::Application(error) => (error, "for the application itself".to_owned()),
        };
        let kind = error.kind().as_str();
        let id = error.correlation_id().unwrap_or("none");
        let remedy = error.remedy();
        format!("no token for {scopes} {whose}: {error} ({kind}, correlation id {id}): {remedy}")
    }
}

impl Verdict {
    fn new(status: StatusCode, error: &'static str, description: &'static str) -> Self {
        Self {
            status,
            error,
            description,
            challenge: None,
            retry_at: None,
            members: Map::new(),
        }
    }

    fn add(&mut self, name: &str, value: String) {
        self.members.insert(name.to_owned(), value.into());
    }

    fn answer(self, refusal: &Refusal) -> Response<String> {
        let mut body = self.members;
        body.insert("error".to_owned(), self.error.into());
        body.insert("error_description".to_owned(), self.description.into());
        body.insert("incident_id".to_owned(), refusal.incident_id().into());
        let mut answer = Response::new(json!(body).to_string());
        *answer.status_mut() = self.status;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, challenge.to_header());
        }
        if let Some(at) = self.retry_at {
            // Rounded up: a client that comes at that second must not be too early.
            let seconds = at
                .saturating_sub(SystemClock::new().wall())
                .saturating_add(1);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        refusal::marked(answer, refusal)
    }
}

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl ::axum::response::IntoResponse for OnBehalfOfError {
    fn into_response(self) -> ::axum::response::Response {
        self.into_answer().into_response()
    }
}
