//! Writes and signs one context.

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::Issuer;
use crate::claims::{Actor, Id, Payload, Turn};
use crate::jws::{Kind, encode_into};
use crate::key::Algorithm;
use crate::reason::ContextReason;
use crate::signer::SigningRequest;
use crate::text::Signed;

/// What is to be signed.
pub(super) struct Draft<'a> {
    pub(super) kind: Kind,
    pub(super) audience: &'a str,
    pub(super) now: i64,
    pub(super) exp: i64,
    pub(super) sub: &'a str,
    pub(super) tid: &'a str,
    pub(super) act: &'a Actor,
    pub(super) scope: &'a str,
    /// A new turn has none yet.
    pub(super) txn: Option<Id>,
    pub(super) ath: Option<&'a str>,
    pub(super) req: Option<&'a str>,
    pub(super) turn: Option<&'a Turn>,
}

/// What a payload takes, for most.
const PAYLOAD: usize = 1024;
/// What a signature takes in base64url, with the dots, for most.
const SIGNATURE: usize = 352;

/// Two times 128 random bits, at once.
fn random_ids() -> Result<(Id, Id), ContextReason> {
    let mut both = [Id::default(); 2];
    rand::fill(both.as_flattened_mut()).map_err(|_| ContextReason::NotSigned)?;
    let [first, second] = both;
    Ok((first, second))
}

impl Issuer {
    pub(super) async fn sign(&self, draft: Draft<'_>) -> Result<Signed, ContextReason> {
        let key = self
            .0
            .keys
            .signing(draft.now)
            .ok_or(ContextReason::NotSigned)?;
        let (jti, new_turn) = random_ids()?;
        let payload = Payload {
            iss: &self.0.url,
            aud: draft.audience,
            iat: draft.now,
            exp: draft.exp,
            jti: jti.into(),
            sub: draft.sub,
            tid: draft.tid,
            act: draft.act.written(),
            scope: draft.scope,
            txn: draft.txn.unwrap_or(new_turn).into(),
            ath: draft.ath,
            req: draft.req,
            turn_exp: draft.turn.map(|turn| turn.ends),
            sid: draft.turn.map(|turn| turn.session.into()),
        };
        let mut json = Vec::with_capacity(PAYLOAD);
        serde_json::to_writer(&mut json, &payload).map_err(|_| ContextReason::NotSigned)?;
        let header = key.header(draft.kind);
        let mut text = String::with_capacity(header.len() + json.len() * 4 / 3 + SIGNATURE);
        text.push_str(header);
        text.push('.');
        encode_into(&mut text, &json);
        let request = SigningRequest::new(key.algorithm, text.as_bytes());
        let signature = key.signer.sign(request).await.map_err(|error| {
            tracing::warn!(%error, "a user context could not be signed");
            ContextReason::NotSigned
        })?;
        // What vaults and libraries do otherwise: DER.
        if key.algorithm == Algorithm::Es256 && signature.len() != 64 {
            tracing::error!(
                bytes = signature.len(),
                "a signer's ES256 signature has to be r and s, 64 bytes"
            );
            return Err(ContextReason::NotSigned);
        }
        text.push('.');
        encode_into(&mut text, &signature);
        Ok(Signed {
            text: Zeroizing::new(text),
            exp: draft.exp,
        })
    }
}
