//! Call contexts: a turn context, traded for one API.

use aws_lc_rs::digest::{SHA256, digest};
use entra_claims::VerifiedToken;
use foundry_scopes::{AppIdUri, Scope, ScopeName};

use super::Issuer;
use super::sign::Draft;
use crate::jws::{Kind, decode, encode};
use crate::reason::{ContextReason, ContextRefusal};
use crate::request::RequestDigest;
use crate::text::CallContext;

/// What a call context is asked for: one API, and operations there.
#[derive(Clone, Copy, Debug)]
pub struct CallRequest<'a> {
    audience: &'a AppIdUri,
    scopes: &'a [ScopeName],
    token_hash: Option<[u8; 32]>,
    request: Option<RequestDigest>,
}

impl<'a> CallRequest<'a> {
    /// For this API (its Application ID URI) and these operations.
    #[must_use]
    pub const fn new(audience: &'a AppIdUri, scopes: &'a [ScopeName]) -> Self {
        Self {
            audience,
            scopes,
            token_hash: None,
            request: None,
        }
    }

    /// Bound to the agent's access token for that API: a thief of the context needs exactly this token (`ath`, as in RFC
    /// 9449).
    #[must_use]
    pub fn bound_to(mut self, access_token: &str) -> Self {
        self.token_hash = digest(&SHA256, access_token.as_bytes())
            .as_ref()
            .try_into()
            .ok();
        self
    }

    /// The same, by the hash that an agent sends: base64url of the token's SHA-256. `None` if it is none.
    #[must_use]
    pub fn bound_to_hash(mut self, hash: &str) -> Option<Self> {
        self.token_hash = Some(decode(hash)?.try_into().ok()?);
        Some(self)
    }

    /// Good for this request alone (`req`).
    #[must_use]
    pub const fn for_request(mut self, request: RequestDigest) -> Self {
        self.request = Some(request);
        self
    }
}

impl Issuer {
    /// Trades a turn context for a call context, for the agent that it was issued for.
    ///
    /// # Errors
    ///
    /// The turn context is not a valid one of this issuer for this agent; the turn is over or the session has ended; a
    /// scope is not part of the turn, or not configured for the agent any more; nothing can be signed.
    pub async fn call_context(
        &self,
        agent: &VerifiedToken,
        turn: &str,
        request: CallRequest<'_>,
    ) -> Result<CallContext, ContextRefusal> {
        let open = self.open_turn(agent, turn).await?;
        let allowed = self
            .allowed(open.acting())
            .map_err(|reason| open.refused(reason))?;
        let part = |name: &ScopeName| {
            let scope = Scope::new(request.audience, name);
            open.has(&scope) && allowed.contains(&scope)
        };
        if request.scopes.is_empty() || !request.scopes.iter().all(part) {
            return Err(open.refused(ContextReason::ScopeNotInTurn));
        }
        let scopes: Vec<&str> = request.scopes.iter().map(ScopeName::as_str).collect();
        let ath = request.token_hash.map(encode);
        let req = request.request.map(|request| encode(request.as_bytes()));
        let signed = self
            .sign(Draft {
                kind: Kind::Call,
                audience: request.audience.as_str(),
                now: open.now,
                exp: open
                    .now
                    .saturating_add(self.0.lifetimes.call_context)
                    .min(open.claims.exp)
                    .min(open.turn.ends),
                sub: &open.claims.sub,
                tid: &open.claims.tid,
                act: &open.claims.act,
                scope: &scopes.join(" "),
                txn: Some(open.claims.txn),
                ath: ath.as_deref(),
                req: req.as_deref(),
                turn: None,
            })
            .await;
        signed
            .map(CallContext::new)
            .map_err(|reason| open.refused(reason))
    }
}
