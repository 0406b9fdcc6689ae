//! Rejection details for the log: what was found, what was needed, what to change.

use std::borrow::Cow;
use std::time::Duration;

use entra_parts::foreign::quoted;

/// The boxed part of a rejection.
pub(crate) struct Detail {
    found: Option<String>,
    needed: Option<String>,
    advice: Cow<'static, str>,
    retry_after: Option<Duration>,
}

impl Detail {
    /// `found` may be foreign text: it is escaped and cut here.
    pub(crate) fn found(found: &str) -> Self {
        Self {
            found: Some(quoted(found)),
            needed: None,
            advice: Cow::Borrowed(""),
            retry_after: None,
        }
    }

    pub(crate) fn advice(advice: impl Into<Cow<'static, str>>) -> Self {
        Self {
            found: None,
            needed: None,
            advice: advice.into(),
            retry_after: None,
        }
    }

    pub(crate) fn needed(mut self, needed: impl Into<String>) -> Self {
        self.needed = Some(needed.into());
        self
    }

    pub(crate) fn hint(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.advice = advice.into();
        self
    }

    #[cfg(feature = "http")]
    pub(crate) fn retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = Some(retry_after);
        self
    }

    pub(super) fn remedy(&self) -> Option<&str> {
        Some(&*self.advice).filter(|advice| !advice.is_empty())
    }

    pub(super) fn retry(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(super) fn append_to(&self, line: &mut String) {
        let mut part = |label: &str, text: &str| {
            line.push_str("; ");
            line.push_str(label);
            line.push_str(text);
        };
        if let Some(found) = &self.found {
            part("found ", found);
        }
        if let Some(needed) = &self.needed {
            part("needed ", needed);
        }
        if !self.advice.is_empty() {
            part("", &self.advice);
        }
        if let Some(retry_after) = self.retry_after {
            part("retry after ", &format!("{} s", retry_after.as_secs()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_forge_a_log_line() {
        let mut line = String::new();
        Detail::found("a\r\nERROR \u{1b}[31m \u{2028} \u{202e} \"x\"").append_to(&mut line);
        assert!(line.bytes().all(|b| (0x20..0x7f).contains(&b)), "{line}");
        assert!(line.contains("\\r\\n"), "{line}");
        let mut line = String::new();
        Detail::found(&"x".repeat(5000)).append_to(&mut line);
        assert!(line.len() < 300);
    }
}
