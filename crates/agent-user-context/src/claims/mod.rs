//! Claims of a context, read strictly: no member twice, right types, what is required is there.

mod actor;
mod members;
mod write;

use entra_claims::PrincipalKey;
use foundry_scopes::{ObjectId, TenantId};

use crate::jws;
use crate::reason::ContextReason;
use members::RawClaims;

pub(crate) use actor::Actor;
pub(crate) use members::peek_issuer;
pub(crate) use write::Payload;

/// 128 random bits.
pub(crate) type Id = [u8; 16];

/// What a context says, in types. Nothing of it is trusted before the signature was checked.
#[derive(Debug)]
pub(crate) struct Claims {
    pub(crate) iss: Box<str>,
    pub(crate) aud: Box<str>,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: Id,
    /// As written: whether both are GUIDs is a later step.
    pub(crate) sub: Box<str>,
    pub(crate) tid: Box<str>,
    pub(crate) act: Actor,
    pub(crate) scope: Box<str>,
    pub(crate) txn: Id,
    /// SHA-256 of the access token that it goes with.
    pub(crate) ath: Option<[u8; 32]>,
    /// SHA-256 of the request that it is for.
    pub(crate) req: Option<[u8; 32]>,
    /// Of a turn context.
    pub(crate) turn: Option<Turn>,
}

/// What only a turn context says.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    /// When the turn is over: no renewal goes beyond it.
    pub(crate) ends: i64,
    pub(crate) session: Id,
}

impl Claims {
    /// Reads a payload.
    pub(crate) fn parse(payload: &str) -> Result<Self, ContextReason> {
        let raw = RawClaims::parse(payload)?;
        let missing = ContextReason::MissingClaim;
        let malformed = ContextReason::MalformedClaims;
        let turn = match (raw.turn_exp, raw.sid) {
            (Some(ends), Some(sid)) => Some(Turn {
                ends,
                session: id(&sid).ok_or(malformed)?,
            }),
            (None, None) => None,
            _ => return Err(missing),
        };
        let optional = |text: Option<Box<str>>| match text {
            Some(text) => hash(&text).map(Some).ok_or(malformed),
            None => Ok(None),
        };
        Ok(Self {
            iss: raw.iss.ok_or(missing)?,
            aud: raw.aud.ok_or(missing)?,
            iat: raw.iat.ok_or(missing)?,
            exp: raw.exp.ok_or(missing)?,
            jti: raw
                .jti
                .ok_or(missing)
                .and_then(|it| id(&it).ok_or(malformed))?,
            sub: raw.sub.ok_or(missing)?,
            tid: raw.tid.ok_or(missing)?,
            act: raw.act.ok_or(missing)?,
            scope: raw.scope.filter(|it| !it.is_empty()).ok_or(missing)?,
            txn: raw
                .txn
                .ok_or(missing)
                .and_then(|it| id(&it).ok_or(malformed))?,
            ath: optional(raw.ath)?,
            req: optional(raw.req)?,
            turn,
        })
    }

    /// The user: two GUIDs as Entra ID writes them.
    pub(crate) fn subject(&self) -> Option<PrincipalKey> {
        Some(PrincipalKey {
            tenant: TenantId::from_token(&self.tid)?,
            object: ObjectId::from_token(&self.sub)?,
        })
    }

    /// The scopes, one by one.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.split(' ')
    }
}

/// 128 bits in base64url.
pub(crate) fn id(text: &str) -> Option<Id> {
    jws::decode(text)?.try_into().ok()
}

fn hash(text: &str) -> Option<[u8; 32]> {
    jws::decode(text)?.try_into().ok()
}
