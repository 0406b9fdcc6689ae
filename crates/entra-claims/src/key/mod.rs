//! Key sets: entries read one by one, unusable ones left out, keys parsed once.

mod error;
#[cfg(feature = "jsonwebtoken")]
mod jose;
mod jwk;
mod rsa;

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

pub use error::KeySetError;
use jwk::Jwk;
pub(crate) use rsa::{ALGORITHM, Key};

use crate::json::{Checked, Name, Problem, Seen, Trouble, finish};

/// Entries that are looked at; Entra ID publishes about ten.
pub(crate) const MAX_KEYS: usize = 256;
const MAX_BYTES: usize = 1024 * 1024;

/// The signature keys of one authority.
///
/// A handle: cloning it copies a pointer. An entry that cannot verify RS256 signatures
/// (another type or use, a modulus outside 2048 to 8192 bits, an odd exponent value, a
/// missing `kid`) is left out and the others are kept (RFC 7517, section 5). Where two
/// different keys share a `kid`, both are left out: which one signed cannot be known.
///
/// ```
/// use entra_claims::{KeySet, KeySetError};
///
/// assert_eq!(KeySet::from_json(b"{\"keys\":[]}").unwrap_err(), KeySetError::NoUsableKey);
/// assert_eq!(KeySet::from_json(b"[]").unwrap_err(), KeySetError::NotAKeySet);
/// ```
#[derive(Clone)]
pub struct KeySet(Arc<[Key]>);

impl KeySet {
    /// Reads a JSON web key set (RFC 7517, section 5).
    ///
    /// # Errors
    ///
    /// A document that is none, or without a single usable key.
    pub fn from_json(document: &[u8]) -> Result<Self, KeySetError> {
        if document.len() > MAX_BYTES {
            return Err(KeySetError::TooLarge);
        }
        let text = str::from_utf8(document).map_err(|_| KeySetError::NotAKeySet)?;
        let trouble = Trouble::default();
        let entries = finish(text, &trouble, Document(&trouble))
            .map_err(|_| KeySetError::NotAKeySet)?
            .ok_or(KeySetError::NotAKeySet)?;
        if entries.len() > MAX_KEYS {
            return Err(KeySetError::TooManyKeys);
        }
        let keys = entries
            .iter()
            .filter_map(|entry| Key::from_jwk(&Jwk::parse(entry.get()).ok()?));
        let keys = without_ambiguity(keys.collect());
        if keys.is_empty() {
            return Err(KeySetError::NoUsableKey);
        }
        Ok(Self(keys.into()))
    }

    /// The names of the usable keys.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Key::kid)
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.kid() == kid)
    }

    /// Whether both hold the same keys, in any order.
    #[cfg(feature = "http")]
    pub(crate) fn same(&self, other: &Self) -> bool {
        let has = |key: &Key| other.find(key.kid()).is_some_and(|it| it.same(key));
        self.0.len() == other.0.len() && self.0.iter().all(has)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kids()).finish()
    }
}

/// One key per `kid`; of different keys with one `kid`, none.
fn without_ambiguity(keys: Vec<Key>) -> Vec<Key> {
    let mut kept: Vec<Key> = Vec::with_capacity(keys.len());
    let mut ambiguous: Vec<Box<str>> = Vec::new();
    for key in keys {
        match kept.iter().find(|other| other.kid() == key.kid()) {
            None => kept.push(key),
            Some(other) if other.same(&key) => {}
            Some(_) => ambiguous.push(key.kid().into()),
        }
    }
    kept.retain(|key| !ambiguous.iter().any(|kid| **kid == *key.kid()));
    kept
}

/// The document: `keys`, its entries cut out and not yet read.
struct Document<'a>(&'a Trouble);

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = Option<Vec<&'de RawValue>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = Option<Vec<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON web key set")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut keys = None;
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            if name == "keys" {
                keys = Some(members.next_value_seed(Entries)?);
            } else {
                members.next_value_seed(Checked::new(self.0))?;
            }
            if !seen.first(name) {
                return Err(self.0.raise(Problem::Duplicate));
            }
        }
        Ok(keys)
    }
}

struct Entries;

impl<'de> DeserializeSeed<'de> for Entries {
    type Value = Vec<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of keys")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = items.next_element()? {
            // One more than allowed is enough to refuse the set.
            if entries.len() <= MAX_KEYS {
                entries.push(entry);
            }
        }
        Ok(entries)
    }
}
