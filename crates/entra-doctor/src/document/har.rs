//! Traffic of a browser (HAR 1.2): statuses, and how often a sign-in's code came back.
//! Neither bodies nor cookies are read.

use serde_json::Value;

use super::json::{list, number, text};

#[derive(Clone, Default)]
pub(crate) struct Har {
    pub(crate) statuses: Vec<u16>,
    /// How often the address was asked for that a sign-in returns to, with the same code.
    pub(crate) redirects: usize,
    /// The address of a redirect without its query.
    pub(crate) redirect: String,
    pub(crate) correlation_ids: Vec<String>,
}

impl Har {
    pub(super) fn read(value: &Value) -> Option<Self> {
        value.pointer("/log/entries")?;
        let mut found = Self::default();
        let mut codes: Vec<(String, usize)> = Vec::new();
        for entry in list(value, &["log", "entries"]) {
            let status = number(entry, &["response", "status"])
                .and_then(|status| u16::try_from(status).ok());
            found.statuses.extend(status.filter(|status| *status > 0));
            let url = text(entry, &["request", "url"]).unwrap_or_default();
            let parameters = crate::reading::address::parameters(&url);
            let code = parameters
                .iter()
                .find(|(name, _)| name == "code")
                .map(|(_, code)| code.clone());
            if let Some(code) = code.filter(|code| code.len() > 20) {
                found.redirect = url.split('?').next().unwrap_or_default().to_owned();
                match codes.iter_mut().find(|(known, _)| *known == code) {
                    Some((_, count)) => *count += 1,
                    None => codes.push((code, 1)),
                }
            }
            for header in list(entry, &["response", "headers"]) {
                let name = text(header, &["name"])
                    .unwrap_or_default()
                    .to_ascii_lowercase();
                if matches!(
                    name.as_str(),
                    "x-ms-request-id" | "x-ms-correlation-request-id" | "x-request-id"
                ) && found.correlation_ids.len() < 4
                {
                    found.correlation_ids.extend(text(header, &["value"]));
                }
            }
        }
        found.redirects = codes
            .iter()
            .map(|(_, count)| *count)
            .max()
            .unwrap_or_default();
        Some(found)
    }

    /// The last status that names a failure.
    pub(crate) fn failing(&self) -> Option<u16> {
        self.statuses
            .iter()
            .rev()
            .copied()
            .find(|status| *status >= 400)
    }
}
