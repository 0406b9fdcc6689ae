//! Header and claims as rows: name, value, meaning, and what is redacted.

use std::io::{self, Write};

use entra_claims::Header;
use foundry_scopes::{Cloud, TenantId};
use serde_json::{Value, json};

use crate::render;

/// One member of the header or the payload.
#[derive(Debug)]
pub(super) struct Fact {
    name: String,
    value: String,
    meaning: String,
    /// What is shown instead of the value, unless the user wants to see it.
    hidden: Option<String>,
}

impl Fact {
    pub(super) fn new(name: &str, value: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.into(),
            meaning: meaning.into(),
            hidden: None,
        }
    }

    pub(super) fn hidden(mut self, instead: impl Into<String>) -> Self {
        self.hidden = Some(instead.into());
        self
    }

    pub(super) fn is_hidden(&self) -> bool {
        self.hidden.is_some()
    }

    pub(super) fn to_value(&self, unredacted: bool) -> Value {
        let (name, value, meaning) = (&self.name, self.shown(unredacted), &self.meaning);
        if self.is_hidden() && !unredacted {
            json!({ "name": name, "value": value, "meaning": meaning, "hidden": true })
        } else {
            json!({ "name": name, "value": value, "meaning": meaning })
        }
    }

    pub(super) fn write(&self, out: &mut dyn Write, unredacted: bool) -> io::Result<()> {
        render::row(out, &self.name, self.shown(unredacted), &self.meaning)
    }

    fn shown(&self, unredacted: bool) -> &str {
        match &self.hidden {
            Some(instead) if !unredacted => instead,
            _ => &self.value,
        }
    }
}

pub(super) fn header(header: &Header) -> Vec<Fact> {
    [
        (
            "alg",
            header.alg(),
            "the signature's algorithm; Entra ID uses RS256",
        ),
        ("kid", header.kid(), "the key that should have signed it"),
        ("typ", header.typ(), "says JWT for every kind of token"),
    ]
    .into_iter()
    .filter_map(|(name, value, meaning)| Some(Fact::new(name, value?, meaning)))
    .collect()
}

/// The tenant in an issuer of one of the clouds, and the cloud.
pub(super) fn tenant_in(issuer: &str) -> Option<(TenantId, Cloud, &'static str)> {
    [Cloud::public(), Cloud::us_government(), Cloud::china()]
        .into_iter()
        .find_map(|cloud| {
            let v2 = cloud
                .issuer_v2()
                .tenant_in(issuer)
                .map(|tenant| (tenant, "v2"));
            let v1 = || {
                cloud
                    .issuer_v1()?
                    .tenant_in(issuer)
                    .map(|tenant| (tenant, "v1"))
            };
            let (tenant, version) = v2.or_else(v1)?;
            Some((tenant, cloud, version))
        })
}

pub(super) fn issuer(iss: &str) -> String {
    match tenant_in(iss) {
        // The v1 issuer is one and the same in two clouds.
        Some((_, cloud, "v1")) if cloud.issuer_v1() == Cloud::us_government().issuer_v1() => {
            "a v1 issuer of the public or the US Government cloud".to_owned()
        }
        Some((_, cloud, version)) => format!("a {version} issuer of {}", cloud.name()),
        None => match of_customers(iss) {
            Some(name) => format!("an issuer of {name}"),
            None => "no issuer of a known cloud: a local Entra ID, or no Entra ID".to_owned(),
        },
    }
}

/// External ID and Azure AD B2C have hosts of their own.
pub(super) fn of_customers(iss: &str) -> Option<&'static str> {
    let host = crate::reading::address::host_of(iss);
    if host.ends_with(".ciamlogin.com") {
        Some("Entra External ID")
    } else if host.ends_with(".b2clogin.com") || iss.contains("/tfp/") {
        Some("Azure AD B2C")
    } else {
        None
    }
}

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

pub(super) const HIDDEN_NOTE: &str =
    "Names, addresses and claims that are not documented are hidden: --unredacted shows them";

pub(super) fn is_personal(name: &str) -> bool {
    PERSONAL.contains(&name)
}

/// What stands where the value would.
pub(super) fn shown_instead(value: &Value) -> String {
    match value {
        Value::String(text) => format!("(hidden: text of {} characters)", text.chars().count()),
        Value::Array(items) => format!("(hidden: list of {})", items.len()),
        Value::Object(members) => format!("(hidden: object of {})", members.len()),
        Value::Number(_) => "(hidden: number)".to_owned(),
        Value::Bool(_) => "(hidden: true or false)".to_owned(),
        Value::Null => "(hidden: null)".to_owned(),
    }
}
