//! Foreign text in log lines: cut and escaped, in one place for every level.
//!
//! What a client, a token or another server wrote goes through here before it is logged: no
//! control characters, no line separators, no text direction marks, and an end. So no request
//! forges a log line, and none makes it as long as the request.

/// So many characters are shown.
const SHOWN: usize = 200;

/// So many bytes a line of our own has at most, whatever is in it.
const LINE: usize = 4_000;

/// The text in quotes, in plain ASCII.
///
/// ```
/// use entra_parts::foreign::quoted;
///
/// assert_eq!(quoted("orders.read"), r#""orders.read""#);
/// assert_eq!(quoted("a\r\n\u{202e}"), r#""a\r\n\u{202e}""#);
/// assert_eq!(quoted(&"x".repeat(5_000)).len(), 205);
/// ```
#[must_use]
pub fn quoted(text: &str) -> String {
    ["\"", &shown(text), "\""].concat()
}

/// The same without quotes.
#[must_use]
pub fn shown(text: &str) -> String {
    // A text of so few bytes has no more characters.
    let long = text.len() > SHOWN;
    let cut = long.then(|| text.char_indices().nth(SHOWN)).flatten();
    let cut = cut.map(|(end, _)| end);
    let shown = text.get(..cut.unwrap_or(text.len())).unwrap_or_default();
    let dots = if cut.is_some() { "..." } else { "" };
    // Nothing to escape is the usual case, and refusing is to be cheap.
    let plain = |b: u8| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\'' | b'\\');
    match shown.bytes().all(plain) {
        true => [shown, dots].concat(),
        false => format!("{}{dots}", shown.escape_default()),
    }
}

/// The same of bytes that need not be text.
#[must_use]
pub fn shown_bytes(bytes: &[u8]) -> String {
    // Each character is of four bytes at most; what is cut here is cut below as well.
    let start = bytes.get(..SHOWN * 4 + 4).unwrap_or(bytes);
    shown(&String::from_utf8_lossy(start))
}

/// A whole line, of which parts were foreign and escaped: the last bound before it is logged.
#[must_use]
pub fn line(mut text: String) -> String {
    if text.len() > LINE {
        let mut end = LINE;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("...");
    }
    if text.chars().all(is_shown) {
        return text;
    }
    let escaped = text.chars().flat_map(|c| match is_shown(c) {
        true => Escaped::Plain(std::iter::once(c)),
        false => Escaped::Default(c.escape_default()),
    });
    escaped.collect()
}

/// No control character, line separator or mark of a text's direction.
fn is_shown(c: char) -> bool {
    !(c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}'))
}

enum Escaped {
    Plain(std::iter::Once<char>),
    Default(std::char::EscapeDefault),
}

impl Iterator for Escaped {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::Plain(one) => one.next(),
            Self::Default(all) => all.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_no_escaping_is_written_as_by_escaping() {
        for byte in 0..=127_u8 {
            let text = format!("a{}b", char::from(byte));
            assert_eq!(quoted(&text), format!("\"{}\"", text.escape_default()));
        }
    }

    #[test]
    fn foreign_text_has_an_end_and_is_plain() {
        for text in ["\u{e4}", "x", "\n", "\u{202e}", "\u{1f600}", "\""] {
            let long = quoted(&text.repeat(4 << 20));
            assert!(long.len() <= SHOWN * 10 + 5, "{}", long.len());
            assert!(long.bytes().all(|b| (b' '..=b'~').contains(&b)), "{long}");
        }
        let bytes = shown_bytes(&[0xff; 1 << 20]);
        assert!(bytes.len() <= SHOWN * 10 + 3);
        assert_eq!(shown_bytes(b"a\r\xff"), "a\\r\\u{fffd}");
    }

    #[test]
    fn a_line_is_one_line_with_an_end() {
        assert_eq!(line("a \u{e4} b".to_owned()), "a \u{e4} b");
        assert_eq!(
            line("a\nb\u{2028}\u{202e}".to_owned()),
            "a\\nb\\u{2028}\\u{202e}"
        );
        let long = line("\u{e4}\n".repeat(1 << 20));
        assert!(long.len() < LINE * 2 && !long.contains('\n'));
    }
}
