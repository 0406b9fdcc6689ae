//! Any JSON value checked for duplicate members and depth, and what a refusal was about.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{DEPTH, Name};

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

/// Reads a member that is a text if it is of use at all. Anything else is held to the
/// rules of any value, and counts as absent.
pub(crate) struct Loose<'a>(Checked<'a>);

impl<'a> Loose<'a> {
    /// For the value of a member of the outermost object.
    pub(crate) fn new(trouble: &'a Trouble) -> Self {
        Self(Checked::new(trouble))
    }
}

impl<'de> DeserializeSeed<'de> for Loose<'_> {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Loose<'_> {
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

/// Names met so far. The first ones stand in a fixed array, so that an ordinary token
/// costs no allocation; a hostile one spills into a randomly keyed set and stays linear.
pub(crate) struct Seen<'de> {
    inline: [&'de str; INLINE],
    used: usize,
    spilled: HashSet<Cow<'de, str>>,
}

const INLINE: usize = 32;

impl<'de> Seen<'de> {
    pub(crate) fn new() -> Self {
        Self {
            inline: [""; INLINE],
            used: 0,
            spilled: HashSet::new(),
        }
    }

    /// Whether `name` is new.
    pub(crate) fn first(&mut self, name: Cow<'de, str>) -> bool {
        if self.inline.iter().take(self.used).any(|n| *n == name) {
            return false;
        }
        if let (Cow::Borrowed(name), Some(place)) = (&name, self.inline.get_mut(self.used)) {
            *place = name;
            self.used += 1;
            // An escaped spelling of the same name went to the set.
            return self.spilled.is_empty() || !self.spilled.contains(*name);
        }
        self.spilled.insert(name)
    }
}

/// What a strict reader refused beyond malformed JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Not JSON, not UTF-8, or something behind the value.
    Syntax,
    /// Two members of one object have one name.
    Duplicate,
    /// A member whose name differs from this one in case only.
    CaseVariant(&'static str),
    /// A known member of another type.
    Type(&'static str),
    /// Nested deeper than [`super::DEPTH`].
    Depth,
    /// Not an object.
    NotAnObject,
}

/// The first problem that a visitor met: serde errors hold text only.
#[derive(Debug, Default)]
pub(crate) struct Trouble(Cell<Option<Problem>>);

impl Trouble {
    /// Notes `problem` and gives the serde error to return.
    pub(crate) fn raise<E: de::Error>(&self, problem: Problem) -> E {
        if self.0.get().is_none() {
            self.0.set(Some(problem));
        }
        E::custom("refused")
    }

    /// What `error` means: text that is no JSON, or what was noted.
    pub(crate) fn explain(&self, error: &serde_json::Error) -> Problem {
        match (error.is_data(), self.0.get()) {
            (true, Some(problem)) => problem,
            (true, None) => Problem::NotAnObject,
            (false, _) => Problem::Syntax,
        }
    }
}

/// Runs `seed` over the whole of `text`; nothing but blanks may follow.
pub(crate) fn finish<'de, S: DeserializeSeed<'de>>(
    text: &'de str,
    trouble: &Trouble,
    seed: S,
) -> Result<S::Value, Problem> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = seed
        .deserialize(&mut json)
        .map_err(|error| trouble.explain(&error))?;
    json.end().map_err(|_| Problem::Syntax)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_of_a_name_is_found_however_many_there_are() {
        let names: Vec<String> = (0..100).map(|i| format!("n{i}")).collect();
        let mut seen = Seen::new();
        for name in &names {
            assert!(seen.first(Cow::Borrowed(name)), "{name}");
        }
        for name in &names {
            assert!(!seen.first(Cow::Borrowed(name)), "{name}");
            assert!(!seen.first(Cow::Owned(name.clone())), "{name}");
        }
    }

    #[test]
    fn an_escaped_spelling_is_the_same_name() {
        let mut seen = Seen::new();
        assert!(seen.first(Cow::Owned("a".to_owned())));
        assert!(!seen.first(Cow::Borrowed("a")));
    }
}
