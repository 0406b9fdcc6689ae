//! Claims challenges and renewed sign-in, by HTTP 401 once per cause.

use entra_obo::{ClaimsChallenge, ExchangeError};
use foundry_scopes::ScopeSet;

use super::answer::Need;
use super::choose::{no_page, too_many};
use super::{Links, StepUp, StepUpAnswer};
use crate::challenge::{Challenge, ChallengeError};
use crate::consent::ConsentLink;
use crate::mcp::{ChallengeDelivery, DeferredChallenge};
use crate::on_behalf_of::OnBehalfOfError;
use crate::rmcp::request::McpRequest;

impl StepUp {
    pub(super) async fn claims(
        &self,
        request: &McpRequest,
        asked: u8,
        error: &OnBehalfOfError,
        scopes: &ScopeSet,
        claims: &ClaimsChallenge,
    ) -> StepUpAnswer {
        let need = |message: &str| {
            let need = Need::of("insufficient_claims", message, error);
            StepUpAnswer::of(&need.with("claims", claims.as_json()))
        };
        // Other clients would sign in as before, and come back with the same (Entra doc
        // "Claims challenges").
        if !request
            .caller()
            .token()
            .claims()
            .understands_claims_challenges()
        {
            let page = match &self.0.links {
                Links::Pages(pages) => pages.further_proof(request.caller(), claims).await,
                _ => ConsentLink::NotForUsers,
            };
            return match page {
                ConsentLink::Open { url } => {
                    self.further_proof(request, asked, error, claims, &url)
                }
                ConsentLink::Declined => StepUpAnswer::of(&Need::declined()),
                ConsentLink::TooMany => StepUpAnswer::of(&too_many("insufficient_claims", error)),
                ConsentLink::Unavailable => {
                    StepUpAnswer::of(&no_page("insufficient_claims", error))
                }
                // What the user proved is in the next token that the client fetches.
                ConsentLink::Done => {
                    self.fresh_token(request, error, scopes, claims.as_json())
                        .await
                }
                ConsentLink::NotForUsers => need(
                    "The user has to sign in again with further proof, such as a second factor. \
                     Sign out of this server, sign in again, then call the tool again.",
                ),
            };
        }
        let challenge = |slot: &DeferredChallenge| {
            slot.challenge()
                .error(ChallengeError::InsufficientClaims)
                .claims(claims.as_json())
                .description("the user has to sign in with further proof")
        };
        let sent = self.challenge(request, scopes, claims.as_json(), challenge);
        match sent.await {
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
        request: &McpRequest,
        asked: u8,
        error: &OnBehalfOfError,
        claims: &ClaimsChallenge,
        url: &str,
    ) -> StepUpAnswer {
        let message = "Sign in with further proof, such as a second factor.".to_owned();
        self.ask(request, asked, url, message).unwrap_or_else(|| {
            let need = Need::of(
                "insufficient_claims",
                format!(
                    "The user has to sign in with further proof, such as a second factor, on \
                     this page, then sign in to this server again: {url}"
                ),
                error,
            );
            let need = need.with("claims", claims.as_json());
            StepUpAnswer::of(&need.with("url", url))
        })
    }

    pub(super) async fn sign_in(
        &self,
        request: &McpRequest,
        error: &OnBehalfOfError,
        exchange: &ExchangeError,
        scopes: &ScopeSet,
    ) -> StepUpAnswer {
        // A token that has simply expired is replaced by one that has not: no loop.
        // Without an answer of Entra ID nothing was sent.
        if exchange.entra().is_none() {
            let sent = fill(request.slot(), invalid_token(request.slot()));
            return sign_in_again(error, sent);
        }
        self.fresh_token(request, error, scopes, exchange.kind().as_str())
            .await
    }

    /// Has the client fetch a new token of the user, once per cause.
    async fn fresh_token(
        &self,
        request: &McpRequest,
        error: &OnBehalfOfError,
        scopes: &ScopeSet,
        cause: &str,
    ) -> StepUpAnswer {
        let sent = self.challenge(request, scopes, cause, invalid_token).await;
        sign_in_again(error, sent)
    }

    /// Sends a challenge by HTTP, once per cause.
    async fn challenge(
        &self,
        request: &McpRequest,
        scopes: &ScopeSet,
        cause: &str,
        challenge: impl FnOnce(&DeferredChallenge) -> Challenge,
    ) -> ChallengeSent {
        let slot = request.slot();
        let who = request.caller().principal();
        if !self.0.causes.take(who, scopes, cause).await {
            return ChallengeSent::Before;
        }
        let sent = fill(slot, challenge(slot));
        if sent == ChallengeSent::NotByHttp {
            self.0.causes.give_back(who, scopes, cause).await;
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

fn invalid_token(slot: &DeferredChallenge) -> Challenge {
    slot.challenge()
        .error(ChallengeError::InvalidToken)
        .description("the user has to sign in again")
}

fn sign_in_again(error: &OnBehalfOfError, sent: ChallengeSent) -> StepUpAnswer {
    let message = match sent {
        ChallengeSent::Before => {
            "The user signed in again, and Entra ID still does not accept it for this tool. \
             Sign out of this server, sign in again, then call the tool again."
        }
        ChallengeSent::ByHttp | ChallengeSent::NotByHttp => {
            "The user has to sign in again before this tool can act for them."
        }
    };
    StepUpAnswer::of(&Need::of("sign_in_required", message, error))
}

fn fill(slot: &DeferredChallenge, challenge: Challenge) -> ChallengeSent {
    match slot.fill(challenge) {
        ChallengeDelivery::Http => ChallengeSent::ByHttp,
        _ => ChallengeSent::NotByHttp,
    }
}
