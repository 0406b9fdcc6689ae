//! The three segments of a compact JWS (RFC 7515, section 7.1).

use super::DecodeError;

/// The largest token that is decoded, unless a validator sets another limit.
pub(crate) const MAX_TOKEN: usize = 32 * 1024;

/// A token cut at its dots, nothing decoded.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'t> {
    pub(crate) header: &'t str,
    pub(crate) payload: &'t str,
    pub(crate) signature: &'t str,
    /// Header, dot, payload: what is signed.
    #[cfg_attr(
        not(any(feature = "validate", test)),
        expect(dead_code, reason = "no crypto here")
    )]
    pub(crate) signing_input: &'t str,
}

impl<'t> Compact<'t> {
    pub(crate) fn split(token: &'t str, most: usize) -> Result<Self, DecodeError> {
        if token.len() > most {
            return Err(DecodeError::TooLarge {
                bytes: token.len(),
                most,
            });
        }
        if let Some(rest) = after_scheme(token) {
            return Err(match after_scheme(rest.trim_start()) {
                Some(_) => DecodeError::DoubledBearer,
                None => DecodeError::BearerPrefix,
            });
        }
        if let Some(other) = something_else(token) {
            return Err(other);
        }
        match dots(token) {
            2 => {}
            // Two tokens that were joined have five parts, too.
            4 if !has_blanks(token.trim()) => return Err(DecodeError::Encrypted),
            _ => return Err(not_compact(token)),
        }
        let cut = token.rsplit_once('.');
        let (signing_input, signature) = cut.ok_or(DecodeError::NotCompact)?;
        let cut = signing_input.split_once('.');
        let (header, payload) = cut.ok_or(DecodeError::NotCompact)?;
        if header.is_empty() || payload.is_empty() {
            return Err(not_compact(token));
        }
        Ok(Self {
            header,
            payload,
            signature,
            signing_input,
        })
    }
}

/// What follows the scheme, where a whole `Authorization` header was pasted.
fn after_scheme(token: &str) -> Option<&str> {
    let (scheme, rest) = token.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case("bearer ").then_some(rest)
}

/// As [`after_scheme`], with the field's name or blanks before it, or another blank
/// behind it. For the message of a text that could not be read anyway.
pub(super) fn is_header_field(text: &str) -> bool {
    let start = |text: &str, word: &str| {
        let start = text.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let text = text.trim_start();
    if start(text, "authorization:") {
        return true;
    }
    let behind = text.get(6..).unwrap_or_default();
    start(text, "bearer") && behind.starts_with(|c: char| c.is_whitespace() || c == ':')
}

/// A PEM file, or the base64 of DER: `MI` is how every sequence of more than 127 bytes starts,
/// which no header of a token does.
fn is_certificate(text: &str) -> bool {
    text.starts_with("-----BEGIN") || (text.starts_with("MI") && dots(text) == 0)
}

/// What no header in base64url starts with, however many dots follow.
fn something_else(token: &str) -> Option<DecodeError> {
    if token.starts_with("0.A") || token.starts_with("1.A") {
        return Some(DecodeError::RefreshToken);
    }
    let text = token.trim_start();
    if text.starts_with(['"', '\'', '`']) {
        return Some(DecodeError::Quoted);
    }
    text.starts_with('{').then_some(DecodeError::JsonDocument)
}

/// What was given instead. Reading on is for the message only.
fn not_compact(token: &str) -> DecodeError {
    let text = token.trim();
    if is_certificate(text) {
        return DecodeError::Certificate;
    }
    if has_blanks(text) {
        return DecodeError::Blanks;
    }
    match dots(text) {
        0 if !text.is_empty() => DecodeError::OnePart,
        1 if !text.starts_with('.') && !text.ends_with('.') => DecodeError::TwoParts,
        _ => DecodeError::NotCompact,
    }
}

/// How many dots there are: in runs that a byte can count, which is what lets the compiler
/// look at many bytes at once.
fn dots(text: &str) -> usize {
    let count = |run: &[u8]| run.iter().fold(0_u8, |n, b| n + u8::from(*b == b'.'));
    text.as_bytes()
        .chunks(usize::from(u8::MAX) - 63)
        .map(|run| usize::from(count(run)))
        .sum()
}

fn has_blanks(text: &str) -> bool {
    if text.is_ascii() {
        // As `char::is_whitespace` has it, and without an early end: a hostile token is long.
        let blank = |b: u8| matches!(b, b' ' | b'\t'..=b'\r');
        return text.bytes().fold(false, |found, b| found | blank(b));
    }
    text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(token: &str) -> Result<Compact<'_>, DecodeError> {
        Compact::split(token, MAX_TOKEN)
    }

    #[test]
    fn dots_are_counted_however_many_there_are() {
        for count in [0, 1, 2, 191, 192, 193, 1000, 100_000] {
            assert_eq!(dots(&".".repeat(count)), count);
            assert_eq!(dots(&".a".repeat(count)), count);
        }
    }

    #[test]
    fn blanks_are_found_in_any_script() {
        for blank in [
            "\t", "\n", "\u{b}", "\u{c}", "\r", " ", "\u{85}", "\u{2003}",
        ] {
            let text = format!("{}{blank}a", "a".repeat(100));
            assert!(has_blanks(&text), "{blank:?}");
            assert_eq!(has_blanks(&text), text.contains(char::is_whitespace));
        }
        for other in [
            "", "a", "\u{0}", "\u{8}", "\u{e}", "\u{1f}", "\u{7f}", "\u{e9}",
        ] {
            assert_eq!(
                has_blanks(other),
                other.contains(char::is_whitespace),
                "{other:?}"
            );
        }
    }

    #[test]
    fn three_segments_and_nothing_else() {
        let compact = split("aa.bb.cc").unwrap();
        assert_eq!(
            (compact.header, compact.payload, compact.signature),
            ("aa", "bb", "cc")
        );
        assert_eq!(compact.signing_input, "aa.bb");
        for (token, expected) in [
            ("", DecodeError::NotCompact),
            ("aa", DecodeError::OnePart),
            (" aa\n", DecodeError::OnePart),
            ("aa.bb", DecodeError::TwoParts),
            ("aa.", DecodeError::NotCompact),
            (".", DecodeError::NotCompact),
            ("aa bb", DecodeError::Blanks),
            ("aa.bb\ncc", DecodeError::Blanks),
            ("aa.bb.cc aa.bb.cc", DecodeError::Blanks),
            ("aa.bb.cc\naa.bb.cc\n", DecodeError::Blanks),
            ("{\"access_token\":\"aa.bb.cc\"}", DecodeError::JsonDocument),
            ("{}", DecodeError::JsonDocument),
            (" aa.bb.cc.dd.ee\n", DecodeError::Encrypted),
            ("1.AXsA.AgAB.x", DecodeError::RefreshToken),
            ("0.AXsA.AgAB", DecodeError::RefreshToken),
            (" {\"access_token\": \"x\"}", DecodeError::JsonDocument),
            ("0.AXsA-x_y", DecodeError::RefreshToken),
            ("1.AXsA-x_y", DecodeError::RefreshToken),
            ("2.AXsA-x_y", DecodeError::TwoParts),
            (".bb.cc", DecodeError::NotCompact),
            ("aa..cc", DecodeError::NotCompact),
            ("aa.bb.cc.dd", DecodeError::NotCompact),
            ("aa.bb.cc.dd.ee", DecodeError::Encrypted),
            ("aa.bb.cc.dd.ee.ff", DecodeError::NotCompact),
            ("Bearer aa.bb", DecodeError::BearerPrefix),
            ("Bearer Bearer aa.bb.cc", DecodeError::DoubledBearer),
            ("bearer  BEARER aa.bb.cc", DecodeError::DoubledBearer),
            ("\"aa.bb.cc\"", DecodeError::Quoted),
            (" 'aa.bb.cc'", DecodeError::Quoted),
            ("-----BEGIN CERTIFICATE-----", DecodeError::Certificate),
            ("MIIDBTCCAe2gAwIBAgIQ", DecodeError::Certificate),
            ("MIIDBTCC\nAe2gAwIBAgIQ", DecodeError::Certificate),
            ("MIIDBTCC.AAAA", DecodeError::TwoParts),
        ] {
            assert_eq!(split(token).err(), Some(expected), "{token}");
        }
        let dots = ".".repeat(1000);
        assert_eq!(split(&dots).err(), Some(DecodeError::NotCompact));
    }

    #[test]
    fn the_size_is_looked_at_first() {
        let fits = format!("{}.b.c", "a".repeat(MAX_TOKEN - 4));
        assert!(split(&fits).is_ok());
        let too_large = format!("a{fits}");
        assert_eq!(
            split(&too_large).err(),
            Some(DecodeError::TooLarge {
                bytes: MAX_TOKEN + 1,
                most: MAX_TOKEN,
            })
        );
    }
}
