//! Any JSON value, read for nothing but its rules.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{DEPTH, Name, Problem, Seen, Trouble};

/// With `arbitrary_precision`, which any crate of an application may switch on, a number
/// arrives as an object with this one member. It is no level of nesting, so that the
/// switch changes nothing here. A token that spells it out meets `serde_json`'s own limit.
const NUMBER: &str = "$serde_json::private::Number";

/// Skips one value and refuses duplicate members and deep nesting inside it.
pub(crate) struct Checked<'a> {
    trouble: &'a Trouble,
    depth: u8,
}

impl<'a> Checked<'a> {
    /// For the value of a member of the outermost object.
    pub(crate) fn new(trouble: &'a Trouble) -> Self {
        Self { trouble, depth: 1 }
    }

    fn inner<E: de::Error>(&self) -> Result<Self, E> {
        if self.depth >= DEPTH {
            return Err(self.trouble.raise(Problem::Depth));
        }
        Ok(Self {
            trouble: self.trouble,
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Checked<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked<'_> {
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
            let inner = if name == NUMBER {
                Self { ..self }
            } else {
                self.inner()?
            };
            if !seen.first(name) {
                return Err(self.trouble.raise(Problem::Duplicate));
            }
            members.next_value_seed(inner)?;
        }
        Ok(())
    }
}
