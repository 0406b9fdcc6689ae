//! The entries of a JSON web key set (RFC 7517, section 5), cut out and not yet read: one that is odd does not spoil
//! the others.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{AnyValue, JsonError, Name, Reader, Seen};

/// Reads the member `keys` of a document, if it has one: each entry as a `T`, which borrows its text.
#[derive(Debug)]
pub struct KeySetEntries<'a, T> {
    reader: &'a Reader,
    most: usize,
    entry: PhantomData<T>,
}

impl<'a, T> KeySetEntries<'a, T> {
    /// One entry more than `most` is kept, which is enough to refuse the set.
    #[must_use]
    pub fn new(reader: &'a Reader, most: usize) -> Self {
        let entry = PhantomData;
        Self {
            reader,
            most,
            entry,
        }
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for KeySetEntries<'_, T> {
    type Value = Option<Vec<T>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for KeySetEntries<'_, T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON web key set")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut keys = None;
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            if name == "keys" {
                keys = Some(members.next_value_seed(Entries::new(self.most))?);
            } else {
                members.next_value_seed(AnyValue::new(self.reader))?;
            }
            if !seen.first(name) {
                return Err(self.reader.raise(JsonError::Duplicate));
            }
        }
        Ok(keys)
    }
}

struct Entries<T> {
    most: usize,
    entry: PhantomData<T>,
}

impl<T> Entries<T> {
    fn new(most: usize) -> Self {
        let entry = PhantomData;
        Self { most, entry }
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Entries<T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of keys")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = items.next_element()? {
            if entries.len() <= self.most {
                entries.push(entry);
            }
        }
        Ok(entries)
    }
}
