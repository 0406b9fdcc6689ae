//! Entra's errors: the table and the JSON around it.

pub(crate) mod table;

use serde_json::{Value, json};
use time::macros::format_description;

pub(crate) use table::Row;
pub use table::error_codes;

use crate::call::Call;

/// One error to be answered.
#[derive(Clone, Debug)]
pub(crate) struct AadError {
    row: Row,
    args: Vec<String>,
    error: &'static str,
    claims: Option<String>,
}

impl AadError {
    pub(crate) fn new(row: Row) -> Self {
        Self {
            row,
            args: Vec::new(),
            error: row.error,
            claims: None,
        }
    }

    /// Adds the value of the text's next placeholder. It may come from the request: the
    /// text stays one line all the same.
    pub(crate) fn arg(mut self, value: impl Into<String>) -> Self {
        self.args.push(value.into().replace(char::is_control, " "));
        self
    }

    /// The same error under another `error` name: the authorization endpoint has its own
    /// for some.
    pub(crate) fn called(mut self, error: &'static str) -> Self {
        self.error = error;
        self
    }

    /// The same error with another `suberror`.
    pub(crate) fn with_suberror(mut self, suberror: &'static str) -> Self {
        self.row.suberror = Some(suberror);
        self
    }

    /// Adds a claims challenge: JSON as text, as Entra has it in this place.
    pub(crate) fn claims(mut self, claims: Option<String>) -> Self {
        self.claims = claims;
        self
    }

    pub(crate) fn has_claims(&self) -> bool {
        self.claims.is_some()
    }

    pub(crate) fn code(&self) -> u32 {
        self.row.code
    }

    /// The status: what is wrong with a client's own credential is 401 under any number
    /// (RFC 6749, section 5.2).
    pub(crate) fn status(&self) -> u16 {
        match self.error {
            "invalid_client" if self.row.error != "invalid_client" => 401,
            _ => self.row.status,
        }
    }

    pub(crate) fn error(&self) -> &'static str {
        self.error
    }

    pub(crate) fn suberror(&self) -> Option<&'static str> {
        self.row.suberror
    }

    /// `error_uri`: the page about this number.
    pub(crate) fn uri(&self, base_url: &str) -> String {
        format!("{base_url}/error?code={}", self.row.code)
    }

    /// The one-line description: the number, the text, and the three ids that support
    /// asks for.
    pub(crate) fn description(&self, call: &Call) -> String {
        format!(
            "AADSTS{}: {} Trace ID: {} Correlation ID: {} Timestamp: {}",
            self.row.code,
            self.text(),
            call.trace_id,
            call.correlation_id,
            timestamp(call.now),
        )
    }

    /// The members that the token endpoint answers with, in the order of captured answers.
    pub(crate) fn envelope(&self, call: &Call, base_url: &str) -> Vec<(&'static str, Value)> {
        let mut body: Vec<(&'static str, Value)> = vec![
            ("error", self.error.into()),
            ("error_description", self.description(call).into()),
            ("error_codes", json!([self.row.code])),
            ("timestamp", timestamp(call.now).into()),
            ("trace_id", call.trace_id.as_str().into()),
            ("correlation_id", call.correlation_id.as_str().into()),
        ];
        if self.row.uri == table::Uri::Shown {
            body.push(("error_uri", self.uri(base_url).into()));
        }
        body.extend(self.row.suberror.map(|s| ("suberror", s.into())));
        body.extend(self.claims.as_deref().map(|c| ("claims", c.into())));
        body
    }

    /// The text with its placeholders filled in one pass, so that a value that looks like
    /// a placeholder stays what it is.
    fn text(&self) -> String {
        let mut out = String::new();
        let mut rest = self.row.text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            match after.split_once('}') {
                Some((index, tail)) => {
                    let value = index.parse().ok().and_then(|i: usize| self.args.get(i));
                    out.push_str(value.map_or("", String::as_str));
                    rest = tail;
                }
                None => rest = after,
            }
        }
        out.push_str(rest);
        out
    }
}

/// A Unix time as Entra prints it in errors: `2026-11-20 12:00:00Z`.
pub(crate) fn timestamp(unix: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
    time::OffsetDateTime::from_unix_timestamp(unix)
        .ok()
        .and_then(|t| t.format(format).ok())
        .unwrap_or_default()
}

/// A Unix time as Entra prints it inside texts: `2026-11-20T12:00:00.0000000Z`.
pub(crate) fn long_timestamp(unix: i64) -> String {
    timestamp(unix).replace(' ', "T").replace('Z', ".0000000Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_placeholders() {
        let error = AadError::new(table::SCOPE_UNKNOWN)
            .arg("{1}")
            .arg("s")
            .arg("{0}");
        assert!(
            error
                .text()
                .starts_with("The application '{1}' asked for scope 's'")
        );
        assert!(error.text().contains("resource '{0}'"));
    }

    #[test]
    fn the_text_is_one_line() {
        let error = AadError::new(table::UNSUPPORTED_GRANT).arg("a\r\nb");
        assert_eq!(
            error.text(),
            "The app requested an unsupported grant type 'a  b'."
        );
    }

    #[test]
    fn every_placeholder_is_filled_or_dropped() {
        for row in table::ALL {
            let text = AadError::new(*row).arg("a").arg("b").arg("c").text();
            assert!(!text.contains(['{', '}']), "{text}");
        }
    }

    #[test]
    fn times_have_the_two_forms() {
        assert_eq!(timestamp(0), "1970-01-01 00:00:00Z");
        assert_eq!(long_timestamp(0), "1970-01-01T00:00:00.0000000Z");
    }
}
