//! Any JSON value, checked for duplicate members and depth and not kept.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{JsonError, NUMBER, Name, Reader, Seen};

/// Skips one value and refuses duplicate members and deep nesting inside it.
#[derive(Debug)]
pub struct AnyValue<'a> {
    reader: &'a Reader,
    depth: u8,
}

impl<'a> AnyValue<'a> {
    /// For the value of a member of the outermost object.
    #[inline]
    #[must_use]
    pub fn new(reader: &'a Reader) -> Self {
        Self { reader, depth: 1 }
    }

    /// For a value inside `depth` containers.
    #[inline]
    pub(super) fn at(depth: u8, reader: &'a Reader) -> Self {
        Self { reader, depth }
    }

    fn inner<E: de::Error>(&self) -> Result<Self, E> {
        Ok(Self {
            reader: self.reader,
            depth: self.reader.deeper(self.depth)?,
        })
    }
}

impl<'de> DeserializeSeed<'de> for AnyValue<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.inner()?)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = Seen::new();
        while let Some(name) = members.next_key_seed(Name)? {
            // No level of nesting, so that the feature changes nothing here. A document that
            // spells it out meets `serde_json`'s own limit.
            let inner = if name == NUMBER {
                Self { ..self }
            } else {
                self.inner()?
            };
            if !seen.first(name) {
                return Err(self.reader.raise(JsonError::Duplicate));
            }
            members.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// A text for display that decides nothing. Anything else is held to the rules of any value
/// and counts as absent.
#[derive(Debug)]
pub struct TextIfAny<'a>(AnyValue<'a>);

impl<'a> TextIfAny<'a> {
    /// For the value of a member of the outermost object.
    #[inline]
    #[must_use]
    pub fn new(reader: &'a Reader) -> Self {
        Self(AnyValue::new(reader))
    }
}

impl<'de> DeserializeSeed<'de> for TextIfAny<'_> {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TextIfAny<'_> {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        self.0.visit_seq(items).map(|()| None)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        self.0.visit_map(members).map(|()| None)
    }
}
