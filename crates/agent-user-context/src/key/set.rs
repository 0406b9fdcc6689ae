//! Key sets of issuers: JSON web keys for ES256 and RS256, unusable ones left out.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use entra_parts::json::{
    AnyValue, JsonError, KeySetEntries, Limits, List, Name, Reader, Seen, Text,
};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::public::{Algorithm, EXPONENT, PublicKey, VerifyingKey};
use crate::jws::decode;

const MAX_BYTES: usize = 64 * 1024;
const MAX_KEYS: usize = 32;
const LIMITS: Limits = Limits::depth(8).bytes(MAX_BYTES);

/// The public keys of one issuer. A handle.
///
/// An entry is left out unless it has a `kid`, is for signatures (`use`, `key_ops`), and its `kty`, `crv` and `alg` go
/// together: P-256 with ES256, RSA of 2048 bits or more and the exponent 65537 with RS256. So is one with a private
/// member, and both of two that share a `kid`.
///
/// ```
/// use agent_user_context::{ContextKeys, ContextKeysError};
///
/// assert_eq!(ContextKeys::from_json(b"{\"keys\":[]}").unwrap_err(), ContextKeysError::NoUsableKey);
/// assert_eq!(ContextKeys::from_json(b"[]").unwrap_err(), ContextKeysError::NotAKeySet);
/// ```
#[derive(Clone)]
pub struct ContextKeys(Arc<HashMap<Box<str>, VerifyingKey>>);

/// Why a document is no key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContextKeysError {
    /// Not a JSON web key set.
    #[error("not a JSON web key set")]
    NotAKeySet,
    /// More keys or bytes than are read.
    #[error("more than {MAX_KEYS} keys or {MAX_BYTES} bytes")]
    TooLarge,
    /// No key that can verify contexts.
    #[error("no key in it can verify user contexts")]
    NoUsableKey,
}

impl ContextKeys {
    /// Reads a JSON web key set (RFC 7517, section 5).
    ///
    /// # Errors
    ///
    /// Bytes that are no key set, and one without a usable key.
    pub fn from_json(document: &[u8]) -> Result<Self, ContextKeysError> {
        let text = str::from_utf8(document).map_err(|_| ContextKeysError::NotAKeySet)?;
        let reader = Reader::new(LIMITS);
        let entries = reader
            .read(text, KeySetEntries::<&RawValue>::new(&reader, MAX_KEYS))
            .map_err(|error| match error {
                JsonError::TooLong => ContextKeysError::TooLarge,
                _ => ContextKeysError::NotAKeySet,
            })?;
        let entries = entries.ok_or(ContextKeysError::NotAKeySet)?;
        if entries.len() > MAX_KEYS {
            return Err(ContextKeysError::TooLarge);
        }
        let mut keys: HashMap<Box<str>, Option<VerifyingKey>> = HashMap::new();
        for entry in &entries {
            let Some((kid, key)) = Jwk::parse(entry.get()).and_then(Jwk::into_key) else {
                continue;
            };
            // Which of two signed cannot be known.
            let twice = keys.contains_key(&kid);
            keys.insert(kid, (!twice).then_some(key));
        }
        let keys: HashMap<_, _> = keys
            .into_iter()
            .filter_map(|(kid, key)| Some((kid, key?)))
            .collect();
        match keys.is_empty() {
            true => Err(ContextKeysError::NoUsableKey),
            false => Ok(Self(Arc::new(keys))),
        }
    }

    /// The names of the usable keys, in no order.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|kid| &**kid)
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.0.get(kid)
    }
}

impl fmt::Debug for ContextKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContextKeys({} keys)", self.0.len())
    }
}

#[derive(Default)]
struct Jwk<'j> {
    kty: Option<Cow<'j, str>>,
    crv: Option<Cow<'j, str>>,
    alg: Option<Cow<'j, str>>,
    kid: Option<Cow<'j, str>>,
    key_use: Option<Cow<'j, str>>,
    x: Option<Cow<'j, str>>,
    y: Option<Cow<'j, str>>,
    n: Option<Cow<'j, str>>,
    e: Option<Cow<'j, str>>,
    verifies: Option<bool>,
    private: bool,
}

impl<'j> Jwk<'j> {
    fn parse(json: &'j str) -> Option<Self> {
        let reader = Reader::new(LIMITS);
        reader.read(json, Entry(&reader)).ok()
    }

    fn into_key(self) -> Option<(Box<str>, VerifyingKey)> {
        let is = |member: &Option<Cow<'_, str>>, value: &str| member.as_deref() == Some(value);
        let sig = self.key_use.is_none() || is(&self.key_use, "sig");
        if self.private || !sig || self.verifies == Some(false) {
            return None;
        }
        let kid = self.kid.as_deref().filter(|kid| !kid.is_empty())?;
        let key = match self.kty.as_deref()? {
            "EC" if is(&self.crv, "P-256") => PublicKey::P256 {
                x: decode(self.x.as_deref()?)?.try_into().ok()?,
                y: decode(self.y.as_deref()?)?.try_into().ok()?,
            },
            "RSA" if decode(self.e.as_deref()?)? == EXPONENT => PublicKey::Rsa {
                n: decode(self.n.as_deref()?)?,
            },
            _ => return None,
        };
        let fits = |alg: &str| Algorithm::from_name(alg) == Some(key.algorithm());
        if !self.alg.as_deref().is_none_or(fits) {
            return None;
        }
        Some((kid.into(), VerifyingKey::new(&key).ok()?))
    }
}

struct Entry<'a>(&'a Reader);

impl<'de> DeserializeSeed<'de> for Entry<'_> {
    type Value = Jwk<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_> {
    type Value = Jwk<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON web key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let reader = self.0;
        let mut jwk = Jwk::default();
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let mut text = |name| members.next_value_seed(Text { name, reader }).map(Some);
            match &*name {
                "kty" => jwk.kty = text("kty")?,
                "crv" => jwk.crv = text("crv")?,
                "alg" => jwk.alg = text("alg")?,
                "kid" => jwk.kid = text("kid")?,
                "use" => jwk.key_use = text("use")?,
                "x" => jwk.x = text("x")?,
                "y" => jwk.y = text("y")?,
                "n" => jwk.n = text("n")?,
                "e" => jwk.e = text("e")?,
                "key_ops" => {
                    let mut verifies = false;
                    let each = |operation: Cow<'_, str>| verifies |= operation == "verify";
                    members.next_value_seed(List {
                        name: "key_ops",
                        reader,
                        each,
                    })?;
                    jwk.verifies = Some(verifies);
                }
                other => {
                    jwk.private |= ["d", "k", "p", "q"].contains(&other);
                    members.next_value_seed(AnyValue::new(reader))?;
                }
            }
            if !seen.first(name) {
                return Err(reader.raise(JsonError::Duplicate));
            }
        }
        Ok(jwk)
    }
}
