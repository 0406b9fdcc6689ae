//! What several targets demand.

use std::fmt::{Debug, Display};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What is printed of a value fits one line of a log, whatever the input was.
#[track_caller]
pub(crate) fn prints_safely(value: &(impl Debug + Display)) {
    one_line(&value.to_string());
    one_line(&format!("{value:?}"));
}

/// No control character, no line separator, nothing that turns the reading direction: each of
/// them lets foreign text look like lines of the log itself.
#[track_caller]
pub(crate) fn one_line(text: &str) {
    assert!(!text.chars().any(forges), "not one safe line: {text:?}");
}

fn forges(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A token that stands where something else was expected is not printed.
#[track_caller]
pub(crate) fn hides_a_token(input: &str, error: &(impl Debug + Display)) {
    if input.trim_start().starts_with("eyJ") {
        let printed = format!("{error} {error:?}");
        assert!(!printed.contains("eyJ"), "shows a token: {printed}");
    }
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn base64_of(segment: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(segment).ok()
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn plain_text_is_one_line() {
        one_line("é \\n {} (found \"x\")");
    }

    #[test]
    fn what_forges_is_found() {
        for text in ["a\nb", "\r", "\u{1b}[31m", "\u{85}", "\u{2028}", "\u{202e}"] {
            let found = std::panic::catch_unwind(|| one_line(text));
            assert!(found.is_err(), "{text:?}");
        }
    }
}
