//! Members of a payload: each known one of its type, the others without duplicates.

use std::borrow::Cow;
use std::fmt;

use entra_parts::json::{AnyValue, Int, JsonError, Name, Reader, Seen, Text, TextIfAny};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::actor::{Actor, ActorMembers};
use crate::jws::JSON_LIMITS;
use crate::reason::ContextReason;

/// The claims as they stand there.
#[derive(Default)]
pub(super) struct RawClaims {
    pub(super) iss: Option<Box<str>>,
    pub(super) aud: Option<Box<str>>,
    pub(super) iat: Option<i64>,
    pub(super) exp: Option<i64>,
    pub(super) jti: Option<Box<str>>,
    pub(super) sub: Option<Box<str>>,
    pub(super) tid: Option<Box<str>>,
    pub(super) act: Option<Actor>,
    pub(super) scope: Option<Box<str>>,
    pub(super) txn: Option<Box<str>>,
    pub(super) ath: Option<Box<str>>,
    pub(super) req: Option<Box<str>>,
    pub(super) turn_exp: Option<i64>,
    pub(super) sid: Option<Box<str>>,
}

impl RawClaims {
    pub(super) fn parse(payload: &str) -> Result<Self, ContextReason> {
        let reader = Reader::new(JSON_LIMITS);
        reader
            .read(payload, Members(&reader))
            .map_err(|_| ContextReason::MalformedClaims)
    }
}

struct Members<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = RawClaims;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = RawClaims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let reader = self.0;
        let mut claims = RawClaims::default();
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            // An array of audiences is a wrong type: a context is for one.
            let mut text = |name| {
                let text = members.next_value_seed(Text { name, reader })?;
                Ok::<_, A::Error>(Some(text.into()))
            };
            match &*name {
                "iss" => claims.iss = text("iss")?,
                "aud" => claims.aud = text("aud")?,
                "jti" => claims.jti = text("jti")?,
                "sub" => claims.sub = text("sub")?,
                "tid" => claims.tid = text("tid")?,
                "scope" => claims.scope = text("scope")?,
                "txn" => claims.txn = text("txn")?,
                "ath" => claims.ath = text("ath")?,
                "req" => claims.req = text("req")?,
                "sid" => claims.sid = text("sid")?,
                "iat" | "exp" | "turn_exp" => {
                    let (place, name) = match &*name {
                        "iat" => (&mut claims.iat, "iat"),
                        "exp" => (&mut claims.exp, "exp"),
                        _ => (&mut claims.turn_exp, "turn_exp"),
                    };
                    *place = Some(members.next_value_seed(Int { name, reader })?);
                }
                "act" => claims.act = Some(members.next_value_seed(ActorMembers::new(reader))?),
                _ => members.next_value_seed(AnyValue::new(reader))?,
            }
            if !seen.first(name) {
                return Err(reader.raise(JsonError::Duplicate));
            }
        }
        Ok(claims)
    }
}

/// `iss` of a payload whose claims cannot be read, so that its signature is looked at first all the same. It only
/// picks one of the configured issuers.
pub(crate) fn peek_issuer(payload: &str) -> Option<String> {
    let reader = Reader::new(JSON_LIMITS);
    reader.read(payload, Peek(&reader)).ok().flatten()
}

struct Peek<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for Peek<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Peek<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found: Option<String> = None;
        while let Some(name) = members.next_key_seed(Name)? {
            if name == "iss" && found.is_none() {
                let value: Option<Cow<'de, str>> =
                    members.next_value_seed(TextIfAny::new(self.0))?;
                found = value.map(Cow::into_owned);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}
