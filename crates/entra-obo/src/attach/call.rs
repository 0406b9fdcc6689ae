//! Sends a request with a token, and repeats it once with a new token after a claims challenge.

use super::error::AttachError;
use super::message::{Outgoing, Refusal, Sender};
use super::token::AttachToken;
use crate::error::ExchangeError;
use crate::meter;
use crate::token::AccessToken;

impl AttachToken {
    /// `copy` is the request to send instead, if it can be sent twice.
    pub(super) async fn call<Q: Outgoing, S: Sender<Q>>(
        &self,
        mut request: Q,
        copy: Option<Q>,
        mut sender: S,
    ) -> Result<S::Answer, AttachError> {
        if !request.goes_to(&self.origins) {
            let place = request.place();
            return Err(AttachError::ForeignOrigin { place });
        }
        let token = self.token().await.map_err(AttachError::Exchange)?;
        authorize(&mut request, &token)?;
        let answer = sender.send(request).await.map_err(AttachError::Send)?;
        let Some(refusal) = Refusal::of(&answer, &self.origins) else {
            return Ok(answer);
        };
        let reason = refusal.as_str();
        let told = |outcome| {
            meter::refused_by_api(reason, outcome);
            tracing::debug!(reason, outcome, "the API refused a token");
        };
        // Also where the request cannot be repeated: the next one has to find a better token.
        let instead = match self.instead_of(&token, refusal).await {
            Ok(Some(instead)) => instead,
            Ok(None) => {
                told("passed_on");
                return Ok(answer);
            }
            Err(error) => {
                told("no_token");
                return Err(AttachError::Exchange(error));
            }
        };
        let Some(mut again) = copy else {
            told("not_repeatable");
            return Ok(answer);
        };
        told("repeated");
        drop(answer);
        authorize(&mut again, &instead)?;
        sender.send(again).await.map_err(AttachError::Send)
    }
}

fn authorize(request: &mut impl Outgoing, token: &AccessToken) -> Result<(), AttachError> {
    request.authorize(token).map_err(|_| {
        AttachError::Exchange(ExchangeError::configuration(
            "the token has characters that no header field has",
        ))
    })
}
