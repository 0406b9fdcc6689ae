//! JSON web key: one entry of a key set, as Entra ID writes it.

use std::borrow::Cow;
use std::fmt;

use entra_parts::json::{AnyValue, JsonError, List, Name, Reader, Seen, Text};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::decode::JSON_LIMITS;

/// The members of a JSON web key that decide anything (RFC 7517, section 4; `issuer` and
/// `cloud_instance_name` are Entra ID's own).
#[derive(Default)]
pub(crate) struct Jwk<'j> {
    pub(crate) kty: Option<Cow<'j, str>>,
    pub(crate) key_use: Option<Cow<'j, str>>,
    pub(crate) alg: Option<Cow<'j, str>>,
    pub(crate) kid: Option<Cow<'j, str>>,
    pub(crate) n: Option<Cow<'j, str>>,
    pub(crate) e: Option<Cow<'j, str>>,
    pub(crate) issuer: Option<Cow<'j, str>>,
    pub(crate) cloud: Option<Cow<'j, str>>,
    pub(crate) key_ops: Option<Vec<Cow<'j, str>>>,
}

impl<'j> Jwk<'j> {
    /// Reads one entry strictly. Certificates and other members are not looked at.
    pub(crate) fn parse(json: &'j str) -> Result<Self, JsonError> {
        let reader = Reader::new(JSON_LIMITS);
        reader.read(json, Members(&reader))
    }
}

struct Members<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Jwk<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Jwk<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON web key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let reader = self.0;
        let mut key = Jwk::default();
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let mut text = |name| members.next_value_seed(Text { name, reader }).map(Some);
            match &*name {
                "kty" => key.kty = text("kty")?,
                "use" => key.key_use = text("use")?,
                "alg" => key.alg = text("alg")?,
                "kid" => key.kid = text("kid")?,
                "n" => key.n = text("n")?,
                "e" => key.e = text("e")?,
                "issuer" => key.issuer = text("issuer")?,
                "cloud_instance_name" => key.cloud = text("cloud_instance_name")?,
                "key_ops" => {
                    let mut operations = Vec::new();
                    members.next_value_seed(List {
                        name: "key_ops",
                        reader,
                        each: |operation| operations.push(operation),
                    })?;
                    key.key_ops = Some(operations);
                }
                _ => members.next_value_seed(AnyValue::new(reader))?,
            }
            if !seen.first(name) {
                return Err(reader.raise(JsonError::Duplicate));
            }
        }
        Ok(key)
    }
}
