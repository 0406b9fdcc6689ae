//! What an answer and its trace event have in common.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

/// An id that a caller can report and an operator can search for: 128 random bits.
///
/// It is a name and no secret. The standard library's randomly keyed hasher is random
/// enough for that, and takes no system call per refused request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Incident(u64, u64);

impl Incident {
    pub(crate) fn new() -> Self {
        let state = RandomState::new();
        Self(state.hash_one(0_u8), state.hash_one(1_u8))
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Incident;

    #[test]
    fn no_two_are_alike_and_all_are_32_hex_digits() {
        let ids: HashSet<_> = (0..1000).map(|_| Incident::new().to_string()).collect();
        assert_eq!(ids.len(), 1000);
        let hex = |id: &String| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(ids.iter().all(hex));
    }
}
