//! Carries the reason of a refusal out of serde.

use std::cell::Cell;

use serde::de;

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
pub(crate) fn finish<'de, S: de::DeserializeSeed<'de>>(
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
