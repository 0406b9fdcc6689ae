//! Associated data of a sealed value: a list of fields, the kind of value first.

use std::fmt;

/// A list of fields. Each has its length in front, so that no two lists are the same bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Binding(Vec<u8>);

impl Binding {
    /// The first field says what kind of value it is, within the purpose of its keys.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        Self(Vec::with_capacity(128)).and(kind)
    }

    /// One more field.
    #[must_use]
    pub fn and(mut self, field: impl AsRef<[u8]>) -> Self {
        let field = field.as_ref();
        self.0
            .extend_from_slice(&(field.len() as u64).to_le_bytes());
        self.0.extend_from_slice(field);
        self
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Binding {
    /// A field may be the hash of a token, or an id: they are not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Binding(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lists_of_fields_are_the_same_bytes() {
        let list = |fields: &[&str]| fields.iter().fold(Binding::new("kind"), Binding::and);
        let lists = [
            &["ab", "c"][..],
            &["a", "bc"],
            &["ab"],
            &["ab", "c", ""],
            &["abc"],
        ];
        for (place, fields) in lists.iter().enumerate() {
            for others in &lists[place + 1..] {
                assert_ne!(list(fields), list(others));
            }
        }
        assert!(!format!("{:?}", list(&["s3cret"])).contains("s3cret"));
    }
}
