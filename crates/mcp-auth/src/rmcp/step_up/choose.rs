//! From an exchange's error to the form: the only place where that is decided.

use ::rmcp::ErrorData;
use entra_claims::PrincipalKind;
use entra_obo::{AssertionProblem, ClaimsChallenge, Consent, ErrorKind, ExchangeError, Next};
use foundry_scopes::{Scope, ScopeSet};
use serde_json::json;

use super::answer::Question;
use super::need::Need;
use super::{Answer, StepUp, foundry};
use crate::refusal::Incident;
use crate::rmcp::round::{Elicits, Round, State};
use crate::seal::random_id;
use crate::{Challenge, ChallengeError, ChallengeSlot, Delivery, OnBehalfOfError};

impl StepUp {
    pub(super) fn choose(&self, round: &Round, asked: u8, error: &OnBehalfOfError) -> Answer {
        let OnBehalfOfError::Exchange {
            downstream,
            error: exchange,
        } = error
        else {
            return Answer::of(&Need::of(
                "user_required",
                "This tool acts for a user, and the caller is an application without one. \
                 Call it with a user's token.",
                error,
            ));
        };
        tracing::info!(
            target: "mcp_auth::exchange",
            caller = %round.caller().principal(),
            kind = exchange.kind().as_str(),
            correlation_id = exchange.correlation_id(),
            "{exchange}"
        );
        let scopes = downstream.scopes();
        match exchange.next() {
            Next::Consent => self.consent(round, asked, error, exchange.consent()),
            Next::Challenge(claims) => self.claims(round, error, scopes, &claims),
            Next::SignInAgain => self.sign_in(round, error, exchange, scopes),
            Next::RetryAt(at) => Answer::of(
                &Need::of(
                    "temporarily_unavailable",
                    "This tool cannot get its token at the moment; call it again later.",
                    error,
                )
                .with("retry_at", at.unix_timestamp()),
            ),
            _ if exchange.kind() == ErrorKind::Denied => Answer::of(&Need::of(
                "access_denied",
                "The organization does not allow this tool to act for the user.",
                error,
            )),
            _ => misconfigured(exchange),
        }
    }

    fn consent(
        &self,
        round: &Round,
        asked: u8,
        error: &OnBehalfOfError,
        consent: Option<&Consent>,
    ) -> Answer {
        let scopes = names(error);
        if consent.is_some_and(|consent| consent.blueprint().is_some()) {
            return Answer::of(&Need::of(
                "consent_required",
                format!(
                    "The agent that this tool acts through lacks a permission ({scopes}), and \
                     nobody can consent to it on a page: an administrator has to pre-authorize \
                     it on the agent's blueprint."
                ),
                error,
            ));
        }
        let admin = consent.and_then(Consent::admin_url);
        // An agent's own user account has nobody who could sign in.
        let person = round.caller().principal().kind() != PrincipalKind::AgentUserAccount;
        let page = consent.filter(|_| person).and_then(|c| self.page(c));
        let Some(url) = page.as_ref().or(admin.as_ref()) else {
            return Answer::of(&Need::of(
                "consent_required",
                format!(
                    "This tool needs a permission that nobody has consented to: {scopes}. An \
                     administrator can consent to it for the organization."
                ),
                error,
            ));
        };
        if self.0.foundry {
            return Answer::error(foundry::consent_required(&scopes, url));
        }
        if page.is_some()
            && let Some(answer) = self.ask(round, asked, url, &scopes)
        {
            return answer;
        }
        let who = match page {
            Some(_) => "Open this page to consent, then call the tool again",
            None => "An administrator can consent to it for the organization on this page",
        };
        Answer::of(
            &Need::of(
                "consent_required",
                format!("This tool needs a permission: {scopes}. {who}: {url}"),
                error,
            )
            .with("url", url.as_str()),
        )
    }

    /// The page on which the user consents.
    fn page(&self, consent: &Consent) -> Option<String> {
        let redirect_uri = self.0.redirect_uri.as_deref()?;
        consent.user_url(redirect_uri, &random_id()?)
    }

    /// Sends the user to a page, if the client can and was not asked too often.
    fn ask(&self, round: &Round, asked: u8, url: &str, scopes: &str) -> Option<Answer> {
        let question = Question {
            url,
            id: random_id()?,
            message: format!("Allow this server to use {scopes} on your behalf."),
        };
        match round.elicits() {
            Elicits::Result if asked < self.0.rounds => {
                let state = State::new(asked + 1, self.0.clock.wall(), self.0.ttl);
                let state = round.seal(state, &self.0.key)?;
                Some(Answer::input_required(question, state))
            }
            Elicits::Error => Some(Answer::elicitation_error(&question)),
            Elicits::Result | Elicits::No => None,
        }
    }

    fn claims(
        &self,
        round: &Round,
        error: &OnBehalfOfError,
        scopes: &ScopeSet,
        claims: &ClaimsChallenge,
    ) -> Answer {
        let need = |message: &str| {
            let need = Need::of("insufficient_claims", message, error);
            Answer::of(&need.with("claims", claims.as_json()))
        };
        // Other clients would sign in as before, and come back with the same (Entra doc
        // "Claims challenges").
        if !round
            .caller()
            .token()
            .claims()
            .understands_claims_challenges()
        {
            return need(
                "The user has to sign in again with further proof, such as a second factor. \
                 Sign out of this server, sign in again, then call the tool again.",
            );
        }
        let challenge = |slot: &ChallengeSlot| {
            slot.challenge()
                .error(ChallengeError::InsufficientClaims)
                .claims(claims.as_json())
                .description("the user has to sign in with further proof")
        };
        match self.challenge(round, scopes, claims.as_json(), challenge) {
            Told::Again => need(
                "The user signed in again, and still without the further proof that is \
                 needed, such as a second factor. Sign out of this server, sign in with it, \
                 then call the tool again.",
            ),
            Told::Http | Told::NotByHttp => {
                need("The user has to sign in again with further proof, such as a second factor.")
            }
        }
    }

    fn sign_in(
        &self,
        round: &Round,
        error: &OnBehalfOfError,
        exchange: &ExchangeError,
        scopes: &ScopeSet,
    ) -> Answer {
        let need = |message: &str| Answer::of(&Need::of("sign_in_required", message, error));
        let challenge = |slot: &ChallengeSlot| {
            slot.challenge()
                .error(ChallengeError::InvalidToken)
                .description("the user has to sign in again")
        };
        // A token that has simply expired is replaced by one that has not: no loop.
        let expired = matches!(
            exchange,
            ExchangeError::AssertionRejected {
                problem: AssertionProblem::Expired { .. },
                answer: None,
            }
        );
        let told = match round.slot() {
            Some(slot) if expired => fill(slot, challenge(slot)),
            _ => self.challenge(round, scopes, exchange.kind().as_str(), challenge),
        };
        match told {
            Told::Again => need(
                "The user signed in again, and Entra ID still does not accept it for this \
                 tool. Sign out of this server, sign in again, then call the tool again.",
            ),
            Told::Http | Told::NotByHttp => {
                need("The user has to sign in again before this tool can act for them.")
            }
        }
    }

    /// Sends a challenge by HTTP, once per cause.
    fn challenge(
        &self,
        round: &Round,
        scopes: &ScopeSet,
        cause: &str,
        challenge: impl FnOnce(&ChallengeSlot) -> Challenge,
    ) -> Told {
        let Some(slot) = round.slot() else {
            return Told::NotByHttp;
        };
        let who = round.caller().principal();
        if !self.0.causes.take(who, scopes, cause) {
            return Told::Again;
        }
        let told = fill(slot, challenge(slot));
        if told == Told::NotByHttp {
            self.0.causes.give_back(who, scopes, cause);
        }
        told
    }
}

/// How a challenge fared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The layer answers with it, whatever the handler returns.
    Http,
    /// HTTP is past its head, or the layer is missing.
    NotByHttp,
    /// It was sent before, and the client came back without what it asks for.
    Again,
}

fn fill(slot: &ChallengeSlot, challenge: Challenge) -> Told {
    match slot.fill(challenge) {
        Delivery::Http => Told::Http,
        _ => Told::NotByHttp,
    }
}

/// What only the operator can mend: the client gets no more than an id to report.
fn misconfigured(exchange: &ExchangeError) -> Answer {
    let incident = match exchange.correlation_id() {
        Some(id) => id.to_owned(),
        None => Incident::new().to_string(),
    };
    tracing::error!(
        target: "mcp_auth::exchange",
        incident,
        remedy = exchange.remedy(),
        "{exchange}"
    );
    Answer::error(ErrorData::internal_error(
        "this tool is not set up correctly; its operator finds the reason in the server's log",
        Some(json!({"error": "server_error", "correlation_id": incident})),
    ))
}

fn names(error: &OnBehalfOfError) -> String {
    let names: Vec<_> = error.scopes().iter().map(Scope::as_str).collect();
    names.join(" ")
}
