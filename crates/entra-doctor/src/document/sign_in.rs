//! Entries of Entra ID's sign-in log: Microsoft Graph's `signIn`, and the form that
//! diagnostic settings export. Who signed in from where is not read.

use serde_json::Value;

use super::json::{member, number, text};

#[derive(Clone)]
pub(crate) struct SignIn {
    pub(crate) code: u64,
    pub(crate) reason: String,
    pub(crate) app_id: String,
    pub(crate) resource: String,
    pub(crate) conditional_access_failed: bool,
}

impl SignIn {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let inner = member(value, "properties")
            .filter(|inner| inner.is_object())
            .unwrap_or(value);
        let code =
            number(inner, &["status", "errorCode"]).or_else(|| number(value, &["resultType"]))?;
        let app_id = text(inner, &["appId"])?;
        let reason = text(inner, &["status", "failureReason"])
            .or_else(|| text(value, &["resultDescription"]));
        Some(Self {
            code,
            reason: reason.unwrap_or_default(),
            app_id: app_id.to_ascii_lowercase(),
            resource: text(inner, &["resourceDisplayName"]).unwrap_or_default(),
            conditional_access_failed: text(inner, &["conditionalAccessStatus"])
                .is_some_and(|status| status.eq_ignore_ascii_case("failure")),
        })
    }
}
