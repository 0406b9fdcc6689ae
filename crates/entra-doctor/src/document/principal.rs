//! The caller as a site's authentication hands it on: `X-MS-CLIENT-PRINCIPAL` of App
//! Service, and the shorter form of Static Web Apps, which names no tenant.

use serde_json::{Map, Value};

use super::json::{list, member, text, texts};

#[derive(Clone)]
pub(crate) enum Principal {
    /// Claims, under the names that tokens give them.
    Site(Value),
    /// The caller's roles.
    StaticWebApp(Vec<String>),
}

/// Names of claims as .NET writes them.
const LONG: [(&str, &str); 4] = [
    (
        "http://schemas.microsoft.com/identity/claims/objectidentifier",
        "oid",
    ),
    (
        "http://schemas.microsoft.com/identity/claims/tenantid",
        "tid",
    ),
    ("http://schemas.microsoft.com/identity/claims/scope", "scp"),
    (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
        "sub",
    ),
];

impl Principal {
    pub(super) fn read(value: &Value) -> Option<Self> {
        if member(value, "userRoles").is_some_and(Value::is_array)
            && text(value, &["identityProvider"]).is_some()
        {
            return Some(Self::StaticWebApp(texts(value, &["userRoles"])));
        }
        let name = if member(value, "user_claims").is_some() {
            "user_claims"
        } else {
            text(value, &["auth_typ"])?;
            "claims"
        };
        let mut claims = Map::new();
        for claim in list(value, &[name]) {
            let (Some(kind), Some(value)) = (text(claim, &["typ"]), text(claim, &["val"])) else {
                continue;
            };
            let short = LONG
                .iter()
                .find(|(long, _)| *long == kind)
                .map_or(kind.as_str(), |(_, short)| short);
            let value = value
                .parse::<i64>()
                .map_or_else(|_| Value::from(value.clone()), Value::from);
            claims.entry(short.to_owned()).or_insert(value);
        }
        Some(Self::Site(Value::Object(claims)))
    }
}
