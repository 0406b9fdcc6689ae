//! What is not shown unless somebody asks for it: people paste reports into tickets.

use serde_json::Value;

/// Documented claims that hold names and addresses of people.
const PERSONAL: [&str; 14] = [
    "name",
    "preferred_username",
    "upn",
    "unique_name",
    "email",
    "given_name",
    "family_name",
    "nickname",
    "verified_primary_email",
    "verified_secondary_email",
    "onprem_sid",
    "ipaddr",
    "fwd",
    "login_hint",
];

pub(super) const NOTE: &str =
    "Names, addresses and claims that are not documented are hidden: --unredacted shows them";

pub(super) fn is_personal(name: &str) -> bool {
    PERSONAL.contains(&name)
}

/// What stands where the value would.
pub(super) fn instead(value: &Value) -> String {
    match value {
        Value::String(text) => format!("(hidden: text of {} characters)", text.chars().count()),
        Value::Array(items) => format!("(hidden: list of {})", items.len()),
        Value::Object(members) => format!("(hidden: object of {})", members.len()),
        Value::Number(_) => "(hidden: number)".to_owned(),
        Value::Bool(_) => "(hidden: true or false)".to_owned(),
        Value::Null => "(hidden: null)".to_owned(),
    }
}
