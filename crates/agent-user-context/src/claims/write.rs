//! Payload of a context that is issued.

use serde::Serialize;

use super::Id;
use super::actor::Written;
use crate::jws::encode;

/// The claims in the order in which they are written.
#[derive(Serialize)]
pub(crate) struct Payload<'a> {
    pub(crate) iss: &'a str,
    pub(crate) aud: &'a str,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: Text16,
    pub(crate) sub: &'a str,
    pub(crate) tid: &'a str,
    pub(crate) act: Written,
    pub(crate) scope: &'a str,
    pub(crate) txn: Text16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ath: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) req: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) turn_exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sid: Option<Text16>,
}

/// 128 bits, written in base64url.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Text16(String);

impl From<Id> for Text16 {
    fn from(id: Id) -> Self {
        Self(encode(id))
    }
}
