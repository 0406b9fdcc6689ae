//! Claims challenges and renewed sign-in, by HTTP 401 once per cause.

use entra_obo::{AssertionProblem, ClaimsChallenge, ExchangeError};
use foundry_scopes::ScopeSet;

use super::answer::Need;
use super::choose::too_many;
use super::{Answer, Links, StepUp};
use crate::challenge::{Challenge, ChallengeError};
use crate::consent::Page;
use crate::mcp::{ChallengeSlot, Delivery};
use crate::obo::OnBehalfOfError;
use crate::rmcp::round::Round;

impl StepUp {
    pub(super) fn claims(
        &self,
        round: &Round,
        asked: u8,
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
            let page = match &self.0.links {
                Links::Pages(pages) => pages.further_proof(round.caller(), claims),
                _ => Page::NotForUsers,
            };
            return match page {
                Page::Open { url } => self.further_proof(round, asked, error, claims, &url),
                Page::Declined => Answer::of(&Need::declined()),
                Page::TooMany => Answer::of(&too_many("insufficient_claims", error)),
                // What the user proved is in the next token that the client fetches.
                Page::Done => self.fresh_token(round, error, scopes, claims.as_json()),
                Page::NotForUsers => need(
                    "The user has to sign in again with further proof, such as a second factor. \
                     Sign out of this server, sign in again, then call the tool again.",
                ),
            };
        }
        let challenge = |slot: &ChallengeSlot| {
            slot.challenge()
                .error(ChallengeError::InsufficientClaims)
                .claims(claims.as_json())
                .description("the user has to sign in with further proof")
        };
        match self.challenge(round, scopes, claims.as_json(), challenge) {
            ChallengeSent::Before => need(
                "The user signed in again, and still without the further proof that is \
                 needed, such as a second factor. Sign out of this server, sign in with it, \
                 then call the tool again.",
            ),
            ChallengeSent::ByHttp | ChallengeSent::NotByHttp => {
                need("The user has to sign in again with further proof, such as a second factor.")
            }
        }
    }

    /// Sends the user to a page that asks for further proof.
    fn further_proof(
        &self,
        round: &Round,
        asked: u8,
        error: &OnBehalfOfError,
        claims: &ClaimsChallenge,
        url: &str,
    ) -> Answer {
        let message = "Sign in with further proof, such as a second factor.".to_owned();
        self.ask(round, asked, url, message).unwrap_or_else(|| {
            let need = Need::of(
                "insufficient_claims",
                format!(
                    "The user has to sign in with further proof, such as a second factor, on \
                     this page, then sign in to this server again: {url}"
                ),
                error,
            );
            let need = need.with("claims", claims.as_json());
            Answer::of(&need.with("url", url))
        })
    }

    pub(super) fn sign_in(
        &self,
        round: &Round,
        error: &OnBehalfOfError,
        exchange: &ExchangeError,
        scopes: &ScopeSet,
    ) -> Answer {
        // A token that has simply expired is replaced by one that has not: no loop.
        let expired = matches!(
            exchange,
            ExchangeError::AssertionRejected {
                problem: AssertionProblem::Expired { .. },
                answer: None,
            }
        );
        if expired {
            let sent = fill(round.slot(), invalid_token(round.slot()));
            return sign_in_again(error, sent);
        }
        self.fresh_token(round, error, scopes, exchange.kind().as_str())
    }

    /// Has the client fetch a new token of the user, once per cause.
    fn fresh_token(
        &self,
        round: &Round,
        error: &OnBehalfOfError,
        scopes: &ScopeSet,
        cause: &str,
    ) -> Answer {
        let sent = self.challenge(round, scopes, cause, invalid_token);
        sign_in_again(error, sent)
    }

    /// Sends a challenge by HTTP, once per cause.
    fn challenge(
        &self,
        round: &Round,
        scopes: &ScopeSet,
        cause: &str,
        challenge: impl FnOnce(&ChallengeSlot) -> Challenge,
    ) -> ChallengeSent {
        let slot = round.slot();
        let who = round.caller().principal();
        if !self.0.causes.take(who, scopes, cause) {
            return ChallengeSent::Before;
        }
        let sent = fill(slot, challenge(slot));
        if sent == ChallengeSent::NotByHttp {
            self.0.causes.give_back(who, scopes, cause);
        }
        sent
    }
}

/// Whether a challenge was sent by HTTP.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ChallengeSent {
    /// The layer answers with it, whatever the handler returns.
    ByHttp,
    /// HTTP is past its head.
    NotByHttp,
    /// It was sent before, and the client came back without what it asks for.
    Before,
}

fn invalid_token(slot: &ChallengeSlot) -> Challenge {
    slot.challenge()
        .error(ChallengeError::InvalidToken)
        .description("the user has to sign in again")
}

fn sign_in_again(error: &OnBehalfOfError, sent: ChallengeSent) -> Answer {
    let message = match sent {
        ChallengeSent::Before => {
            "The user signed in again, and Entra ID still does not accept it for this tool. \
             Sign out of this server, sign in again, then call the tool again."
        }
        ChallengeSent::ByHttp | ChallengeSent::NotByHttp => {
            "The user has to sign in again before this tool can act for them."
        }
    };
    Answer::of(&Need::of("sign_in_required", message, error))
}

fn fill(slot: &ChallengeSlot, challenge: Challenge) -> ChallengeSent {
    match slot.fill(challenge) {
        Delivery::Http => ChallengeSent::ByHttp,
        _ => ChallengeSent::NotByHttp,
    }
}
