//! Typed readers of one member. A wrong type is an error of its own, never absence.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::{JsonError, Reader};

/// A member name, borrowed unless it was written with escapes.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "it has no fields")]
pub struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(Borrowing)
    }
}

/// A text member.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "its fields are its arguments")]
pub struct Text<'a> {
    /// The member's name, for the error.
    pub name: &'static str,
    /// Where the error is noted.
    pub reader: &'a Reader,
}

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(Borrowing).inspect_err(|_| {
            self.reader.raise::<D::Error>(JsonError::Type(self.name));
        })
    }
}

struct Borrowing;

impl<'de> Visitor<'de> for Borrowing {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// An integer member: no fraction, no exponent, no text, within `i64`.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "its fields are its arguments")]
pub struct Int<'a> {
    /// The member's name, for the error.
    pub name: &'static str,
    /// Where the error is noted.
    pub reader: &'a Reader,
}

impl<'de> DeserializeSeed<'de> for Int<'_> {
    type Value = i64;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<i64, D::Error> {
        json.deserialize_i64(Whole).inspect_err(|_| {
            self.reader.raise::<D::Error>(JsonError::Type(self.name));
        })
    }
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    // Out of range is an error: a saturated `exp` is a token that never expires.
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value).map_err(|_| E::custom("out of range"))
    }
}

/// An array of texts, each handed to `each`.
#[expect(clippy::exhaustive_structs, reason = "its fields are its arguments")]
pub struct List<'a, F> {
    /// The member's name, for the error.
    pub name: &'static str,
    /// Where the error is noted.
    pub reader: &'a Reader,
    /// Gets each text.
    pub each: F,
}

impl<'de, F: FnMut(Cow<'de, str>)> DeserializeSeed<'de> for List<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        let (name, reader) = (self.name, self.reader);
        json.deserialize_seq(self).inspect_err(|_| {
            reader.raise::<D::Error>(JsonError::Type(name));
        })
    }
}

impl<'de, F: FnMut(Cow<'de, str>)> Visitor<'de> for List<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let (name, reader) = (self.name, self.reader);
        while let Some(text) = items.next_element_seed(Text { name, reader })? {
            (self.each)(text);
        }
        Ok(())
    }
}

impl<F> fmt::Debug for List<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
