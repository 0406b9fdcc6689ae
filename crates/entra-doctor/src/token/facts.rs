//! Claims in plain words.

use std::io::{self, Write};

use entra_claims::{Claims, Header, KindGuess};
use foundry_scopes::{Cloud, TenantId};
use serde_json::{Value, json};

use super::{audience, when};
use crate::render;

/// One member of the header or the payload.
#[derive(Debug)]
pub(super) struct Fact {
    name: String,
    value: String,
    meaning: String,
}

impl Fact {
    fn new(name: &str, value: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.into(),
            meaning: meaning.into(),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        json!({ "name": self.name, "value": self.value, "meaning": self.meaning })
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        render::row(out, &self.name, &self.value, &self.meaning)
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

/// All claims: the known ones in a fixed order with their meaning, then the others.
pub(super) fn claims(claims: &Claims, kind: KindGuess, now: i64) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut text = |name: &'static str, value: Option<&str>, meaning: &str| {
        facts.extend(value.map(|value| Fact::new(name, value, meaning)));
    };
    let aud = match kind {
        KindGuess::IdToken(_) => "the client application that somebody signed in to".to_owned(),
        _ => claims.aud().map(audience::in_words).unwrap_or_default(),
    };
    text("aud", claims.aud(), &aud);
    let iss = claims.iss().map(issuer).unwrap_or_default();
    text("iss", claims.iss(), &iss);
    text("tid", claims.tid(), "the tenant that the caller acts in");
    text(
        "oid",
        claims.oid(),
        "the caller's object in that tenant; with tid, the identity",
    );
    text("sub", claims.sub(), "the caller as this API sees it");
    let client = claims
        .azp_or_appid()
        .map(audience::client)
        .unwrap_or_default();
    text("azp", claims.azp(), &client);
    text("appid", claims.appid(), &client);
    text(
        "idtyp",
        claims.idtyp(),
        "app or user, where the API asked for the claim",
    );
    text(
        "scp",
        claims.scp(),
        "what the user let the application do: short names",
    );
    let roles = claims.roles().collect::<Vec<_>>().join(" ");
    let roles = (!roles.is_empty()).then_some(roles);
    text(
        "roles",
        roles.as_deref(),
        "app permissions of an application, or app roles of a user",
    );
    text(
        "ver",
        claims.ver(),
        "the form of the token, which the API's registration decides",
    );
    text("name", claims.name(), "for display only");
    text(
        "preferred_username",
        claims.preferred_username(),
        "for display only: it can change and be reassigned",
    );
    text(
        "upn",
        claims.upn(),
        "for display only: it can change and be reassigned",
    );
    text("uti", claims.uti(), "the token's own id, for logs");
    for (name, value, past, future) in [
        ("iat", claims.iat(), "issued", "will be issued"),
        ("nbf", claims.nbf(), "valid since", "valid from"),
        ("exp", claims.exp(), "expired", "expires"),
    ] {
        if let Some(unix) = value {
            let words = if unix > now { future } else { past };
            let meaning = format!("{words} {}", when::relative(unix, now));
            facts.push(Fact::new(name, when::date(unix), meaning));
        }
    }
    facts.extend(others(claims, &facts));
    facts
}

/// Claims without words of their own.
fn others(claims: &Claims, told: &[Fact]) -> Vec<Fact> {
    let payload: serde_json::Map<String, Value> =
        serde_json::from_str(claims.as_json()).unwrap_or_default();
    payload
        .iter()
        .filter(|(name, _)| !told.iter().any(|fact| fact.name == **name))
        .map(|(name, value)| {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            Fact::new(name, value, "")
        })
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
                    .issuer_v1()
                    .tenant_in(issuer)
                    .map(|tenant| (tenant, "v1"))
            };
            let (tenant, version) = v2.or_else(v1)?;
            Some((tenant, cloud, version))
        })
}

fn issuer(iss: &str) -> String {
    match tenant_in(iss) {
        // The v1 issuer is one and the same in two clouds.
        Some((_, cloud, "v1")) if cloud.issuer_v1() == Cloud::us_government().issuer_v1() => {
            "a v1 issuer of the public or the US Government cloud".to_owned()
        }
        Some((_, cloud, version)) => format!("a {version} issuer of {}", cloud.name()),
        None => "no issuer of a known cloud: a local Entra ID, B2C, or no Entra ID".to_owned(),
    }
}
