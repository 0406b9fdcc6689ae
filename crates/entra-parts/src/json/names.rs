//! Member names of one object: the second of a name is refused.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// Names met so far. The first ones stand in a fixed array, so that an ordinary token
/// costs no allocation; a hostile one spills into a randomly keyed set and stays linear.
pub struct Seen<'de> {
    inline: [&'de str; INLINE],
    used: usize,
    spilled: HashSet<Cow<'de, str>>,
}

const INLINE: usize = 32;

impl<'de> Seen<'de> {
    /// None yet.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Self {
            inline: [""; INLINE],
            used: 0,
            spilled: HashSet::new(),
        }
    }

    /// Whether `name` is new.
    #[inline]
    pub fn first(&mut self, name: Cow<'de, str>) -> bool {
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

impl Default for Seen<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen")
            .field("names", &(self.used + self.spilled.len()))
            .finish_non_exhaustive()
    }
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
