//! Reports: JSON for machines, terminal text for people.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Color, Style};

use crate::finding::{Finding, Severity};
use crate::redact;

/// An answer, for people and for machines.
///
/// ```
/// use entra_doctor::{EndpointReport, Report};
/// use foundry_scopes::Cloud;
///
/// let report = EndpointReport::of("https://contoso.openai.azure.com/", &Cloud::public());
/// assert!(report.is_fine());
/// assert!(report.to_json().contains("https://cognitiveservices.azure.com/.default"));
///
/// let mut text = Vec::new();
/// report.write(&mut text)?;
/// assert!(String::from_utf8_lossy(&text).contains("An Azure OpenAI resource"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Report {
    /// Whether nothing is wrong as far as can be seen.
    #[must_use]
    fn is_fine(&self) -> bool;

    /// One JSON object on one line. Its members are listed in the crate's documentation,
    /// under "JSON".
    #[must_use]
    fn to_json(&self) -> String;

    /// Text for people, coloured.
    ///
    /// # Errors
    ///
    /// Whatever writing to `out` gives.
    fn write(&self, out: &mut dyn Write) -> io::Result<()>;
}

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const ALARM: Style = colour(AnsiColor::Red).bold();
pub(crate) const CARE: Style = colour(AnsiColor::Yellow);
pub(crate) const GOOD: Style = colour(AnsiColor::Green);
const FAINT: Style = Style::new().dimmed();

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

/// A line of its own in one style.
pub(crate) fn line(out: &mut dyn Write, style: Style, text: &str) -> io::Result<()> {
    writeln!(out, "{style}{text}{style:#}")
}

/// A name, a value, and what it means.
pub(crate) fn row(out: &mut dyn Write, name: &str, value: &str, meaning: &str) -> io::Result<()> {
    let (name, value) = (safe(name), safe(value));
    write!(out, "  {name:<20} {value}")?;
    if !meaning.is_empty() {
        write!(out, "  {FAINT}{}{FAINT:#}", safe(meaning))?;
    }
    writeln!(out)
}

/// One finding.
pub(crate) fn finding(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    let (style, word) = match finding.severity() {
        Severity::Problem => (ALARM, "problem"),
        Severity::Remark => (CARE, "remark"),
    };
    writeln!(
        out,
        "  {style}{word}{style:#} [{}] {}",
        finding.code(),
        safe(&finding.message())
    )
}

/// Text without secrets that cannot move the cursor, change colours or turn the reading
/// direction: a claim is whatever somebody put into a token.
pub(crate) fn safe(text: &str) -> String {
    let text = redact::secrets(text);
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() || is_invisible(char) {
            let _ = write!(shown, "{}", char.escape_unicode());
        } else {
            shown.push(char);
        }
    }
    shown
}

/// JSON without secrets, in which such characters are escapes as well: what prints a member
/// reads it from a terminal again.
pub(crate) fn safe_json(json: &str) -> String {
    let json = redact::secrets(json);
    let mut shown = String::with_capacity(json.len());
    for char in json.chars() {
        // Line ends between members are the writer's own; those of texts are escapes already.
        if char.is_control() && !char.is_ascii_whitespace() || is_invisible(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(char);
        }
    }
    shown
}

/// Characters that are not seen, or that turn the direction of what follows.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_terminal_gets_through() {
        assert_eq!(safe("Adèle Vance"), "Adèle Vance");
        assert_eq!(safe("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(
            safe("a\r\nb\t\u{7f}\u{9b}"),
            "a\\u{d}\\u{a}b\\u{9}\\u{7f}\\u{9b}"
        );
        assert_eq!(safe("a\u{202e}b\u{2028}"), "a\\u{202e}b\\u{2028}");
    }

    #[test]
    fn json_holds_such_characters_as_escapes_and_stays_the_same_value() {
        let value =
            serde_json::json!({ "a": "x\u{9b}31m\u{202e}\u{7f}\u{1b}\u{e0001}Ad\u{e8}le\n" });
        let shown = safe_json(&value.to_string());
        assert!(
            !shown.chars().any(|c| c.is_control() || is_invisible(c)),
            "{shown}"
        );
        assert!(
            shown.contains("\\u009b31m\\u202e\\u007f\\u001b\\udb40\\udc01"),
            "{shown}"
        );
        let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read, value);
    }
}
