//! Forged tokens over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::reply::{answer, bad, read};
use crate::directory::RequestedTokenVersion;
use crate::forge::{Forge, ForgeError, ForgeKey, ForgedToken};
use crate::state::Shared;

/// A token to start from, and what to change about it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    kind: Kind,
    tenant: Option<String>,
    user: Option<String>,
    client: Option<String>,
    resource: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
    version: Option<u8>,
    /// Members to set; `null` removes one.
    #[serde(default)]
    header: Map<String, Value>,
    #[serde(default)]
    claims: Map<String, Value>,
    /// Claims that are times, in seconds from now.
    #[serde(default)]
    from_now: BTreeMap<String, i64>,
    #[serde(default)]
    key: Key,
    #[serde(default)]
    signature: Signature,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    User,
    App,
    Id,
    /// Nothing but what the order sets.
    Raw,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Key {
    #[default]
    Live,
    Unpublished,
    UnpublishedUnderLiveKid,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Signature {
    #[default]
    Rs256,
    Hs256WithPublicKey,
    None,
}

pub(super) async fn forge(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let order: Order = match read(&body) {
        Ok(order) => order,
        Err(refusal) => return refusal,
    };
    match order.token(Forge::new(shared)) {
        Ok(token) => answer(&json!({ "token": token })),
        Err(reason) => bad(reason),
    }
}

impl Order {
    /// What this kind of token would not look at is a mistake in the order.
    fn check(&self) -> Result<(), String> {
        let raw = matches!(self.kind, Kind::Raw);
        let (user, app) = (
            matches!(self.kind, Kind::User),
            matches!(self.kind, Kind::App),
        );
        let named_user = user || matches!(self.kind, Kind::Id);
        for (member, given, used) in [
            ("tenant", self.tenant.is_some(), !raw),
            ("client", self.client.is_some(), !raw),
            ("user", self.user.is_some(), named_user),
            ("resource", self.resource.is_some(), user || app),
            ("version", self.version.is_some(), user || app),
            ("scopes", !self.scopes.is_empty(), user),
            ("roles", !self.roles.is_empty(), app),
        ] {
            if given && !used {
                return Err(format!("`{member}` says nothing about this kind of token"));
            }
        }
        if let Some(name) = self.from_now.keys().find(|n| self.claims.contains_key(*n)) {
            return Err(format!("`{name}` is in `claims` and in `from_now`"));
        }
        let signed = matches!(self.signature, Signature::Rs256);
        match !signed && matches!(self.key, Key::Unpublished) {
            true => Err("`key` says nothing about a token that no key signs".to_owned()),
            false => Ok(()),
        }
    }

    fn token(self, forge: Forge) -> Result<String, String> {
        self.check()?;
        let token = self.start(forge)?;
        let token = self.changed(token);
        match self.signature {
            Signature::Rs256 => token.sign(),
            Signature::Hs256WithPublicKey => {
                let alg = self.header.get("alg").cloned();
                let alg = alg.unwrap_or_else(|| "HS256".into());
                token.header("alg", alg).sign_with_public_key()
            }
            Signature::None => {
                let alg = self.header.get("alg").cloned();
                token
                    .header("alg", alg.unwrap_or_else(|| "none".into()))
                    .unsigned()
            }
        }
        .map_err(|e: ForgeError| e.to_string())
    }

    fn start(&self, forge: Forge) -> Result<ForgedToken, String> {
        let need = |name: &str, value: &Option<String>| {
            let missing = || format!("`{name}` is missing");
            value.clone().ok_or_else(missing)
        };
        let forge = match self.version {
            None => forge,
            Some(1) => forge.version(RequestedTokenVersion::V1),
            Some(2) => forge.version(RequestedTokenVersion::V2),
            Some(_) => return Err("`version` is 1 or 2".to_owned()),
        };
        if matches!(self.kind, Kind::Raw) {
            return Ok(forge.token_of(Map::new(), Map::new()));
        }
        let tenant = need("tenant", &self.tenant)?;
        let client = need("client", &self.client)?;
        let list = |names: &'_ [String]| names.to_vec();
        let (scopes, roles) = (list(&self.scopes), list(&self.roles));
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
        let token = match self.kind {
            Kind::User => {
                let (user, resource) =
                    (need("user", &self.user)?, need("resource", &self.resource)?);
                forge.user_token(&tenant, &user, &client, &resource, &scopes)
            }
            Kind::App => {
                forge.app_token(&tenant, &client, &need("resource", &self.resource)?, &roles)
            }
            Kind::Id | Kind::Raw => forge.id_token(&tenant, &need("user", &self.user)?, &client),
        };
        token.map_err(|e| e.to_string())
    }

    fn changed(&self, token: ForgedToken) -> ForgedToken {
        let mut token = token.key(match self.key {
            Key::Live => ForgeKey::Live,
            Key::Unpublished => ForgeKey::Unpublished,
            Key::UnpublishedUnderLiveKid => ForgeKey::UnpublishedUnderLiveKid,
        });
        for (name, value) in &self.header {
            token = match value {
                Value::Null => token.without_header(name),
                value => token.header(name, value.clone()),
            };
        }
        for (name, seconds) in &self.from_now {
            token = token.claim_from_now(name, *seconds);
        }
        for (name, value) in &self.claims {
            token = match value {
                Value::Null => token.without_claim(name),
                value => token.claim(name, value.clone()),
            };
        }
        token
    }
}
