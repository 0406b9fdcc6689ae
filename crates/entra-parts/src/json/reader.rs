//! Reads one JSON document within limits, and says why it was refused.

use std::cell::Cell;

use serde::de;

/// Why a strict reader refused a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "its users map every variant")]
pub enum JsonError {
    /// Not JSON, not UTF-8, or something behind the value.
    Syntax,
    /// Longer than the limit.
    TooLong,
    /// Two members of one object have one name.
    Duplicate,
    /// A member whose name differs from this one in case only.
    CaseVariant(&'static str),
    /// A known member of another type.
    Type(&'static str),
    /// Nested deeper than the limit.
    Depth,
    /// Not an object.
    NotAnObject,
}

/// What a document may measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    depth: u8,
    bytes: usize,
}

impl Limits {
    /// So many containers inside containers; `serde_json` itself reads 127. A length that is
    /// bounded elsewhere is not bounded again here.
    #[must_use]
    pub const fn depth(depth: u8) -> Self {
        Self {
            depth,
            bytes: usize::MAX,
        }
    }

    /// So many bytes.
    #[must_use]
    pub const fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }
}

/// The limits of one document, and the first problem that a visitor met in it: serde's
/// errors hold text only.
#[derive(Debug)]
pub struct Reader {
    limits: Limits,
    problem: Cell<Option<JsonError>>,
}

impl Reader {
    /// For one document.
    #[inline]
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            problem: Cell::new(None),
        }
    }

    /// Runs `seed` over the whole of `text`; only blanks may follow.
    ///
    /// # Errors
    ///
    /// What was [raised](Self::raise) first, else that it is no JSON or no object.
    pub fn read<'de, S: de::DeserializeSeed<'de>>(
        &self,
        text: &'de str,
        seed: S,
    ) -> Result<S::Value, JsonError> {
        if text.len() > self.limits.bytes {
            return Err(JsonError::TooLong);
        }
        let mut json = serde_json::Deserializer::from_str(text);
        let value = seed
            .deserialize(&mut json)
            .map_err(|error| self.explain(&error))?;
        json.end().map_err(|_| JsonError::Syntax)?;
        Ok(value)
    }

    /// Notes `problem` and gives the serde error to return.
    #[inline]
    pub fn raise<E: de::Error>(&self, problem: JsonError) -> E {
        if self.problem.get().is_none() {
            self.problem.set(Some(problem));
        }
        E::custom("refused")
    }

    /// The depth inside a container at `depth`, the outermost being 0.
    #[inline]
    pub(super) fn deeper<E: de::Error>(&self, depth: u8) -> Result<u8, E> {
        if depth >= self.limits.depth {
            return Err(self.raise(JsonError::Depth));
        }
        Ok(depth + 1)
    }

    /// What `error` means: text that is no JSON, or what was noted.
    fn explain(&self, error: &serde_json::Error) -> JsonError {
        match (error.is_data(), self.problem.get()) {
            (true, Some(problem)) => problem,
            (true, None) => JsonError::NotAnObject,
            (false, _) => JsonError::Syntax,
        }
    }
}
