//! Agent facets: sets of small numbers written as text.

/// The set in `xms_act_fct`, `xms_sub_fct`, `xms_tnt_fct` or `xms_idrel`.
///
/// Meaningful values are odd; Entra ID adds even ones and changes the order, so that
/// nobody compares the text (Entra doc "Token claims reference for agent identities").
///
/// ```
/// use entra_claims::Facets;
///
/// let facets = Facets::parse("9 3 11").unwrap();
/// assert!(facets.contains(Facets::AGENT_IDENTITY));
/// assert!(!facets.contains(Facets::AGENT_USER));
/// assert_eq!(Facets::parse("12 a 13"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facets(u128);

impl Facets {
    /// An agent identity.
    pub const AGENT_IDENTITY: u8 = 11;
    /// An agent's user account.
    pub const AGENT_USER: u8 = 13;

    /// Reads the text of a facet claim; values above 127 have no meaning and are dropped.
    ///
    /// `None` if any part is not a number: then nothing is known, neither that the caller
    /// is an agent nor that it is not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut set = 0_u128;
        for part in text.split_ascii_whitespace() {
            if !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let value: u64 = part.parse().ok()?;
            if value < 128 {
                set |= 1 << value;
            }
        }
        (set != 0).then_some(Self(set))
    }

    /// The values, in ascending order, those without a meaning included.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..128).filter(move |value| self.contains(*value))
    }

    /// Whether `value` is in the set.
    #[must_use]
    pub const fn contains(self, value: u8) -> bool {
        value < 128 && self.0 >> value & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facet_texts_are_read_as_sets() {
        let agent_user = |text| Facets::parse(text).is_some_and(|set| set.contains(13));
        for (text, expected) in [
            ("1 2 13 15", true),
            ("1 2 3 4", false),
            ("   9   13   21  ", true),
            ("12 a 13", false),
            ("7 8 13 21", true),
            ("   ", false),
            ("", false),
            ("+13", false),
            ("-13", false),
            ("13 99999999999999999999", false),
            ("13 4294967296", true),
            ("130", false),
        ] {
            assert_eq!(agent_user(text), expected, "{text:?}");
        }
    }
}
