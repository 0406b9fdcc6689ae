//! AADSTS numbers with the text that each came with. A number counts only where a text of
//! Entra ID introduces it: numbers of other services and ids are none.

use entra_obo::aadsts;

use crate::reading::scan;

/// One error of Entra ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntraError {
    pub(crate) number: u32,
    /// What follows the number, up to the next one; empty where only the number is known.
    pub(crate) text: String,
}

/// No text of Entra ID is longer.
const LONGEST: usize = 1600;
/// More are not kept.
const MOST: usize = 16;

impl EntraError {
    /// All errors of a text, each number once, the longest text of it.
    pub(crate) fn all(said: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        let mut from = 0;
        while let Some(at) = scan::find_from(said, "AADSTS", from) {
            from = at + 6;
            let rest = said.get(from..).unwrap_or_default();
            let Some((number, text)) = numbered(rest) else {
                continue;
            };
            // A question about a code is not an answer of Entra ID.
            if text.starts_with('?') {
                continue;
            }
            let end = scan::find(text, "AADSTS")
                .unwrap_or(text.len())
                .min(LONGEST);
            add(&mut found, number, crate::reading::cut(text, end));
        }
        for mark in [
            "error_codes",
            "errorcodes",
            "sign-in error code",
            "signin error code",
            "\"resulttype\"",
            "errornumber",
        ] {
            for number in after(said, mark) {
                add(&mut found, number, "");
            }
        }
        // The portal's page: "Error Code: 50105 Request Id: ...".
        if found.is_empty()
            && (scan::contains(said, "correlation id") || scan::contains(said, "sign-in"))
        {
            for number in after(said, "error code") {
                if aadsts::lookup(u64::from(number)).is_some() {
                    add(&mut found, number, "");
                }
            }
        }
        found
    }

    /// The text up to the ids that Entra ID appends.
    pub(crate) fn sentence(&self) -> &str {
        let end = ["Trace ID", "\r", "\n", "\",\"", "Correlation ID"]
            .iter()
            .filter_map(|mark| self.text.find(mark))
            .min()
            .unwrap_or(self.text.len());
        self.text
            .get(..end)
            .unwrap_or_default()
            .trim()
            .trim_start_matches(':')
            .trim()
    }
}

fn add(found: &mut Vec<EntraError>, number: u32, text: &str) {
    if let Some(known) = found.iter_mut().find(|known| known.number == number) {
        // A text in the query of an address is longer for its escapes.
        let worth = |text: &str| {
            if text.contains("%2") || text.contains("%3") {
                0
            } else {
                text.len()
            }
        };
        if worth(&known.text) < worth(text) {
            text.clone_into(&mut known.text);
        }
    } else if found.len() < MOST {
        found.push(EntraError {
            number,
            text: text.to_owned(),
        });
    }
}

fn numbered(rest: &str) -> Option<(u32, &str)> {
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let digits = rest
        .get(..end)
        .filter(|digits| (5..=8).contains(&digits.len()))?;
    Some((digits.parse().ok()?, rest.get(end..)?))
}

/// Numbers in the list or after the separator that follows `mark`.
fn after(said: &str, mark: &str) -> Vec<u32> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = scan::find_from(said, mark, from) {
        from = at + mark.len();
        let mut rest = said.get(from..).unwrap_or_default();
        let before = said.get(..at).unwrap_or_default().trim_end();
        // "CompactToken parsing failed with error code: 80049217" is Graph's.
        if before.ends_with("with") || before.ends_with("HTTP") {
            continue;
        }
        loop {
            rest = rest.trim_start_matches([' ', ':', '\t', '\n', '\r', '"', '\'', '=', '[', ',']);
            match numbered(rest) {
                Some((number, left))
                    if !left.starts_with(|c: char| c.is_alphanumeric() || c == '-') =>
                {
                    found.push(number);
                    rest = left;
                }
                _ => break,
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_where_entra_id_introduces_them() {
        let numbers = |text: &str| {
            EntraError::all(text)
                .iter()
                .map(|error| error.number)
                .collect::<Vec<_>>()
        };
        for (text, expected) in [
            ("AADSTS65001: The user", vec![65_001]),
            ("{\"error_codes\":[50076, 65001]}", vec![50_076, 65_001]),
            ("Sign-in error code: 50105", vec![50_105]),
            (
                "Error Code: 50105\nRequest Id: x\nCorrelation Id: y",
                vec![50_105],
            ),
            (
                "CompactToken parsing failed with error code: 80049217",
                vec![],
            ),
            ("Correlation ID: 65001", vec![]),
            ("error code 65001", vec![]),
            ("AADSTS", vec![]),
        ] {
            assert_eq!(numbers(text), expected, "{text}");
        }
        let error = &EntraError::all("x AADSTS500011: The resource. Trace ID: a AADSTS65001: b")[0];
        assert_eq!(error.sentence(), "The resource.");
    }
}
