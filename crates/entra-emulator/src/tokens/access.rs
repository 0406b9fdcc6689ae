//! Access tokens in the two versions (Entra doc "Access token claims reference").

use serde_json::{Value, json};

use super::{APP_LIFETIME, USER_LIFETIME, jwt::Object, pairwise_sub, random_text};
use crate::directory::{App, OptionalClaim, Tenant, TokenVersion, User};
use crate::keys::SigningKey;

/// How the client proved who it is: `azpacr` and `appidacr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A public client has none.
    None,
    Secret,
}

impl Credential {
    fn acr(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::Secret => "1",
        }
    }
}

/// Everything about an access token but its subject.
#[derive(Clone, Copy)]
pub(crate) struct AccessToken<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) tenant: &'a Tenant,
    pub(crate) client: &'a App,
    pub(crate) credential: Credential,
    pub(crate) resource: &'a App,
    /// The resource as the request spelled it: the audience of v1 tokens.
    pub(crate) resource_name: &'a str,
    pub(crate) version: TokenVersion,
    pub(crate) now: i64,
}

impl AccessToken<'_> {
    /// The header: v1 names the key twice.
    pub(crate) fn header(&self, key: &SigningKey) -> Object {
        let mut header = Object::new();
        header.insert("typ".into(), "JWT".into());
        header.insert("alg".into(), "RS256".into());
        if self.version == TokenVersion::V1 {
            header.insert("x5t".into(), key.kid.as_str().into());
        }
        header.insert("kid".into(), key.kid.as_str().into());
        header
    }

    /// Claims of a token with which the client acts for a user.
    pub(crate) fn for_user(&self, user: &User, scopes: &[String], roles: &[String]) -> Object {
        let mut claims = self.common(USER_LIFETIME, roles);
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("oid", user.object_id().into());
        let sub = pairwise_sub(&self.tenant.id, user.object_id(), self.resource.client_id());
        set("sub", sub.into());
        set("name", user.display_name().into());
        set("scp", scopes.join(" ").into());
        match self.version {
            TokenVersion::V1 => {
                set("acr", "1".into());
                set("amr", json!(["pwd"]));
                set("upn", user.user_principal_name().into());
                set("unique_name", user.user_principal_name().into());
            }
            TokenVersion::V2 => {
                set("preferred_username", user.user_principal_name().into());
            }
        }
        if self.resource.wants(OptionalClaim::IdtypWithUser) {
            set("idtyp", "user".into());
        }
        claims
    }

    /// Claims of a token with which the client acts as itself.
    pub(crate) fn for_app(&self, roles: &[String]) -> Object {
        let mut claims = self.common(APP_LIFETIME, roles);
        let object_id = self.client.object_id(&self.tenant.id);
        claims.insert("oid".into(), object_id.as_str().into());
        claims.insert("sub".into(), object_id.into());
        if self.version == TokenVersion::V1 {
            claims.insert("idp".into(), self.issuer().into());
        }
        let asked = [OptionalClaim::Idtyp, OptionalClaim::IdtypWithUser];
        if asked.iter().any(|c| self.resource.wants(*c)) {
            claims.insert("idtyp".into(), "app".into());
        }
        claims
    }

    fn common(&self, lifetime: i64, roles: &[String]) -> Object {
        let (azp, acr, ver) = match self.version {
            TokenVersion::V1 => ("appid", "appidacr", "1.0"),
            TokenVersion::V2 => ("azp", "azpacr", "2.0"),
        };
        let mut claims = Object::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("aud", self.audience().into());
        set("iss", self.issuer().into());
        set("iat", self.now.into());
        set("nbf", self.now.into());
        set("exp", self.now.saturating_add(lifetime).into());
        set("tid", self.tenant.id.as_str().into());
        set(azp, self.client.client_id().into());
        set(acr, self.credential.acr().into());
        set("ver", ver.into());
        set("uti", random_text(1).into());
        // Opaque to everyone but Entra; they are there so that nobody trips over them.
        set("aio", random_text(2).into());
        set("rh", format!("1.{}", random_text(1)).into());
        set("xms_ftd", random_text(2).into());
        if !roles.is_empty() {
            set("roles", json!(roles));
        }
        claims
    }

    /// v2 tokens name the API by its client id, v1 tokens as the request named it.
    fn audience(&self) -> &str {
        match self.version {
            TokenVersion::V2 => self.resource.client_id(),
            TokenVersion::V1 => self.resource_name,
        }
    }

    fn issuer(&self) -> String {
        match self.version {
            TokenVersion::V1 => issuer_v1(self.base_url, &self.tenant.id),
            TokenVersion::V2 => issuer_v2(self.base_url, &self.tenant.id),
        }
    }
}

/// The issuer of v1 tokens, with its trailing slash.
pub(crate) fn issuer_v1(base_url: &str, tenant: &str) -> String {
    format!("{base_url}/{tenant}/")
}

/// The issuer of v2 tokens, without one.
pub(crate) fn issuer_v2(base_url: &str, tenant: &str) -> String {
    format!("{base_url}/{tenant}/v2.0")
}
