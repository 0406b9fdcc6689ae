//! Strict parsing of the JSON in `X-MS-CLIENT-PRINCIPAL`.
//!
//! The visitors take objects only: what serde derives also reads an array as a struct, and
//! a second member of a name is an error here and not the one that counts.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// More than any token has: 200 groups and some dozens of others.
const MOST_CLAIMS: usize = 2000;

/// `{"auth_typ", "name_typ", "role_typ", "claims": [{"typ", "val"}]}`.
#[derive(Default)]
pub(super) struct Raw {
    pub(super) auth_typ: String,
    pub(super) name_typ: Option<String>,
    pub(super) role_typ: Option<String>,
    pub(super) claims: Vec<(String, String)>,
}

/// Why it is invalid.
pub(super) fn parse(json: &[u8]) -> Result<Raw, &'static str> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let raw = reader.deserialize_map(Principal).map_err(|error| {
        match (error.classify(), error.to_string()) {
            (serde_json::error::Category::Data, text) => reason(&text),
            _ => "it is no JSON",
        }
    })?;
    reader.end().map_err(|_| "something stands behind it")?;
    Ok(raw)
}

const TWICE: &str = "a member stands there twice";
const ABSENT: &str = "a member is missing";
const TOO_MANY: &str = "there are too many claims";

/// One of our own sentences, or that for whatever else serde finds.
fn reason(text: &str) -> &'static str {
    [TWICE, ABSENT, TOO_MANY]
        .into_iter()
        .find(|known| text.starts_with(known))
        .unwrap_or("a member has the wrong type")
}

fn once<T, E: Error>(slot: &mut Option<T>, value: T) -> Result<(), E> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::custom(TWICE)),
    }
}

struct Principal;

impl<'de> Visitor<'de> for Principal {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a client principal")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let (mut auth, mut name, mut role, mut claims) = (None, None, None, None);
        while let Some(member) = map.next_key::<String>()? {
            match member.as_str() {
                "auth_typ" => once(&mut auth, map.next_value::<String>()?)?,
                "name_typ" => once(&mut name, map.next_value::<Option<String>>()?)?,
                "role_typ" => once(&mut role, map.next_value::<Option<String>>()?)?,
                "claims" => once(&mut claims, map.next_value_seed(Claims)?)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Raw {
            auth_typ: auth.ok_or_else(|| A::Error::custom(ABSENT))?,
            name_typ: name.flatten(),
            role_typ: role.flatten(),
            claims: claims.ok_or_else(|| A::Error::custom(ABSENT))?,
        })
    }
}

struct Claims;

impl<'de> DeserializeSeed<'de> for Claims {
    type Value = Vec<(String, String)>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Claims {
    type Value = Vec<(String, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of claims")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut claims = Vec::new();
        while let Some(claim) = list.next_element_seed(Claim)? {
            if claims.len() == MOST_CLAIMS {
                return Err(A::Error::custom(TOO_MANY));
            }
            claims.push(claim);
        }
        Ok(claims)
    }
}

struct Claim;

impl<'de> DeserializeSeed<'de> for Claim {
    type Value = (String, String);

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Claim {
    type Value = (String, String);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claim")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut kind, mut value) = (None, None);
        while let Some(member) = map.next_key::<String>()? {
            match member.as_str() {
                "typ" => once(&mut kind, map.next_value::<String>()?)?,
                "val" => once(&mut value, map.next_value::<String>()?)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match (kind, value) {
            (Some(kind), Some(value)) => Ok((kind, value)),
            _ => Err(A::Error::custom(ABSENT)),
        }
    }
}
