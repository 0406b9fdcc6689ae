//! What routes do about user contexts, and the decision about one request.

use std::sync::Arc;

use agent_user_context::{
    ContextReason, ContextRefusal, ContextUse, ContextVerifier, SentContext, UserContext, UserRules,
};
use http::request::Parts;

use crate::caller::Caller;
use crate::guard::Anonymous;
use crate::metadata::answer::Answer;
use crate::refusal::{Cause, Refusal, unguarded_answer};

#[derive(Clone, Debug)]
pub(super) enum Rule {
    Required(Arc<Verification>),
    Optional(Arc<Verification>),
    Refused,
}

/// How contexts are verified, and what this API knows about its users.
#[derive(Debug)]
pub(super) struct Verification {
    pub(super) verifier: ContextVerifier,
    pub(super) rules: Arc<dyn UserRules>,
    pub(super) how: ContextUse,
}

/// In a request's extensions: what the layer found.
#[derive(Clone)]
pub(super) enum Found {
    Context(UserContext, Arc<Verification>),
    Nothing,
}

impl Rule {
    /// What the handler finds, or the answer instead of it.
    pub(super) async fn apply(&self, parts: &mut Parts) -> Result<Found, Answer> {
        // Out of the request in any case, and before anything is decided.
        let sent = SentContext::take(&mut parts.headers);
        let extensions = &parts.extensions;
        let Some(caller) = extensions.get::<Caller>().cloned() else {
            return match (extensions.get::<Anonymous>(), self, sent) {
                (Some(_), Self::Optional(_) | Self::Refused, Ok(None)) => Ok(Found::Nothing),
                (Some(anonymous), ..) => Err(anonymous.refuse()),
                (None, ..) => {
                    let refusal = Refusal::new(Cause::Unguarded);
                    refusal.trace();
                    Err(unguarded_answer(&refusal))
                }
            };
        };
        let refuse = |cause| caller.authorization().refuse(&Refusal::new(cause));
        if extensions.get::<Found>().is_some() {
            return Err(refuse(Cause::DoubledContextLayer));
        }
        let refused = |refusal: ContextRefusal| refuse(Cause::Context(refusal));
        let verification = match (self, &sent) {
            (Self::Refused, Ok(None)) | (Self::Optional(_), Ok(None)) => return Ok(Found::Nothing),
            (Self::Refused, _) => return Err(refused(ContextReason::NotTaken.into())),
            (Self::Required(verification) | Self::Optional(verification), _) => verification,
        };
        let verifier = &verification.verifier;
        // The first check, also where the second one fails.
        verifier.admit_agent(caller.token()).map_err(refused)?;
        let sent = match sent {
            Ok(Some(sent)) => sent,
            Ok(None) => return Err(refused(ContextReason::Missing.into())),
            Err(reason) => return Err(refused(reason.into())),
        };
        let verified = verifier
            .verify(caller.token(), sent.expose(), verification.how)
            .await;
        let context = verified.map_err(refused)?;
        Ok(Found::Context(context, Arc::clone(verification)))
    }
}

impl Verification {
    pub(super) fn new(
        verifier: ContextVerifier,
        rules: impl UserRules + 'static,
        how: ContextUse,
    ) -> Arc<Self> {
        Arc::new(Self {
            verifier,
            rules: Arc::new(rules),
            how,
        })
    }
}
