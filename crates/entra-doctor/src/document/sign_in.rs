//! Entries of Entra ID's sign-in log: Microsoft Graph's `signIn`, the form that diagnostic
//! settings export, and the portal's pane as text. Who signed in from where is not read.

use serde_json::Value;

use super::json::{member, number, text};

#[derive(Clone)]
pub(crate) struct SignIn {
    pub(crate) code: u64,
    pub(crate) reason: String,
    pub(crate) app_id: String,
    /// The application's name, as far as it is no person's.
    pub(crate) app: String,
    pub(crate) resource: String,
    /// In lower case: `success`, `failure`, `notapplied`.
    pub(crate) conditional_access: String,
    pub(crate) time: Option<i64>,
}

/// Labels of the portal's pane, whose values a person copies line by line.
const LABELS: [(&str, &str); 9] = [
    ("application id", "app_id"),
    ("application", "app"),
    ("client app id", "app_id"),
    ("resource id", "resource_id"),
    ("resource", "resource"),
    ("sign-in error code", "code"),
    ("failure reason", "reason"),
    ("conditional access", "ca"),
    ("status", "status"),
];

impl SignIn {
    /// The pane of the portal, copied as text: `Label<tab or colon>value`, or the value on
    /// the next line.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut found = std::collections::HashMap::new();
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        for (at, line) in lines.iter().enumerate() {
            let lower = line.to_ascii_lowercase();
            let Some((label, key)) = LABELS.iter().find(|(label, _)| lower.starts_with(label))
            else {
                continue;
            };
            let rest = line.get(label.len()..).unwrap_or_default();
            let value = if rest.trim().is_empty() {
                lines.get(at + 1).copied().unwrap_or_default()
            } else if rest.starts_with([':', '\t']) || rest.starts_with("  ") || *key == "code" {
                rest.trim_start_matches([':', ' ', '\t'])
            } else {
                continue;
            };
            found.entry(*key).or_insert_with(|| value.trim().to_owned());
        }
        let value = |key: &str| found.get(key).cloned().unwrap_or_default();
        let code = value("code")
            .split_whitespace()
            .next()
            .and_then(|code| code.parse::<u64>().ok());
        let succeeded = value("status").eq_ignore_ascii_case("success");
        let code = code.or(succeeded.then_some(0))?;
        // One label alone can stand in any text.
        if found.len() < 2 || value("app").is_empty() && value("app_id").is_empty() {
            return None;
        }
        Some(Self {
            code,
            reason: value("reason"),
            app_id: crate::reading::scan::guid(&value("app_id")).unwrap_or_default(),
            app: value("app"),
            resource: value("resource"),
            conditional_access: value("ca").to_ascii_lowercase(),
            time: None,
        })
    }

    pub(super) fn read(value: &Value) -> Option<Self> {
        let inner = member(value, "properties")
            .filter(|inner| inner.is_object())
            .unwrap_or(value);
        let code =
            number(inner, &["status", "errorCode"]).or_else(|| number(value, &["resultType"]))?;
        let app_id = text(inner, &["appId"])?;
        let reason = text(inner, &["status", "failureReason"])
            .or_else(|| text(value, &["resultDescription"]))
            .filter(|reason| !reason.starts_with("Other"));
        let time = text(inner, &["createdDateTime"]).or_else(|| text(value, &["time"]));
        Some(Self {
            code,
            reason: reason.unwrap_or_default(),
            app_id: app_id.to_ascii_lowercase(),
            app: text(inner, &["appDisplayName"]).unwrap_or_default(),
            resource: text(inner, &["resourceDisplayName"]).unwrap_or_default(),
            conditional_access: text(inner, &["conditionalAccessStatus"])
                .unwrap_or_default()
                .to_ascii_lowercase(),
            time: time.and_then(|time| crate::reading::time::parse(&time)),
        })
    }
}
