//! Claims of ID tokens (Entra doc "ID token claims reference").

use serde_json::{Value, json};

use super::{
    BACKDATED, USER_LIFETIME,
    access::{Subject, issuer_v1},
    jwt::Object,
    pairwise_sub, random_text, resource_handle,
};
use crate::directory::{App, OptionalClaim, Tenant, User};
use crate::keys::SigningKey;
use crate::session::Session;

/// An ID token: for the client, and without any of an access token's claims (`azp`, `scp`),
/// which is how the two are told apart.
pub(crate) struct IdToken<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) tenant: &'a Tenant,
    pub(crate) client: &'a App,
    pub(crate) user: &'a User,
    /// The account that a guest has at home.
    pub(crate) home: Option<User>,
    pub(crate) session: &'a Session,
    pub(crate) nonce: Option<&'a str>,
    /// `c_hash`, beside a code (OpenID Connect Core, section 3.3.2.11).
    pub(crate) code_hash: Option<String>,
    /// The scopes asked for: `profile` and `email` decide about claims.
    pub(crate) scopes: Vec<&'a str>,
    pub(crate) now: i64,
}

impl IdToken<'_> {
    pub(crate) fn header(key: &SigningKey) -> Object {
        let mut header = Object::new();
        header.insert("typ".into(), "JWT".into());
        header.insert("alg".into(), "RS256".into());
        header.insert("kid".into(), key.kid.as_str().into());
        header
    }

    pub(crate) fn claims(&self) -> Object {
        let (tenant, client, user) = (self.tenant, self.client, self.user);
        let subject = Subject {
            user,
            home: self.home.as_ref(),
            session: self.session,
        };
        let asked = |scope: &str| self.scopes.contains(&scope);
        let mut claims = Object::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("aud", client.client_id().into());
        set("iss", tenant.issuer_v2(self.base_url).into());
        set("iat", self.now.saturating_sub(BACKDATED).into());
        set("nbf", self.now.saturating_sub(BACKDATED).into());
        set("exp", self.now.saturating_add(USER_LIFETIME).into());
        set("aio", random_text(2).into());
        if let Some(hash) = &self.code_hash {
            set("c_hash", hash.as_str().into());
        }
        if let Some(email) = subject
            .email()
            .filter(|_| asked("email") || user.is_guest())
        {
            set("email", email.into());
        }
        if let Some(home) = &user.home {
            set("idp", issuer_v1(self.base_url, &home.tenant).into());
        }
        if asked("profile") {
            set("name", user.display_name().into());
            set("oid", user.object_id().into());
            set(
                "preferred_username",
                subject.preferred_username(tenant).into(),
            );
        }
        if let Some(nonce) = self.nonce {
            set("nonce", nonce.into());
        }
        set("rh", resource_handle(&tenant.id, client.client_id()).into());
        set("sid", self.session.id.as_str().into());
        let sub = pairwise_sub(&tenant.id, user.object_id(), client.client_id());
        set("sub", sub.into());
        set("tid", tenant.id.as_str().into());
        set("uti", random_text(1).into());
        set("ver", "2.0".into());
        let roles = tenant.roles_of_user(user, client);
        if !roles.is_empty() {
            set("roles", json!(roles));
        }
        let optional = |claim| client.id_token_claims.contains(&claim);
        if optional(OptionalClaim::Acct) {
            set("acct", i32::from(user.is_guest()).into());
        }
        if optional(OptionalClaim::AuthTime) {
            set("auth_time", self.session.at.into());
        }
        if optional(OptionalClaim::Upn) && !user.is_guest() {
            set("upn", user.user_principal_name().into());
        }
        if optional(OptionalClaim::XmsCc) && self.session.capable {
            set("xms_cc", json!(["CP1"]));
        }
        claims
    }
}
