//! Claims of access tokens in the two versions, and of ID tokens (Entra docs "Access token
//! claims reference", "ID token claims reference", "Agent token claims").

use serde_json::{Value, json};

use super::{APP_LIFETIME, USER_LIFETIME, jwt::Object, pairwise_sub, random_text};
use crate::directory::{
    AgentPart, App, GroupClaims, OptionalClaim, Owner, PERSONAL, RequestedTokenVersion, Tenant,
    User,
};
use crate::keys::SigningKey;
use crate::session::Session;

/// More groups than this are not listed in a token (Entra doc "Access token claims
/// reference": overage).
const GROUPS: usize = 200;

/// How the client proved who it is: `azpacr` and `appidacr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A public client has none.
    None,
    Secret,
    /// A certificate, a federated credential or an exchange token.
    Assertion,
}

impl Credential {
    fn acr(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::Secret => "1",
            Self::Assertion => "2",
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
    pub(crate) version: RequestedTokenVersion,
    pub(crate) now: i64,
    /// Seconds; otherwise the usual ones.
    pub(crate) lifetime: Option<i64>,
}

impl AccessToken<'_> {
    /// The header: v1 names the key twice.
    pub(crate) fn header(&self, key: &SigningKey) -> Object {
        let mut header = Object::new();
        header.insert("typ".into(), "JWT".into());
        header.insert("alg".into(), "RS256".into());
        if self.version == RequestedTokenVersion::V1 {
            header.insert("x5t".into(), key.kid.as_str().into());
        }
        header.insert("kid".into(), key.kid.as_str().into());
        header
    }

    /// Claims of a token with which the client acts for a user.
    pub(crate) fn for_user(
        &self,
        user: &User,
        session: &Session,
        scopes: &[String],
        roles: &[String],
    ) -> Object {
        let mut claims = self.common(USER_LIFETIME, roles);
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("oid", user.object_id().into());
        let sub = pairwise_sub(&self.tenant.id, user.object_id(), self.resource.client_id());
        set("sub", sub.into());
        set("aio", session.to_opaque().into());
        set("name", user.display_name().into());
        set("scp", scopes.join(" ").into());
        match self.version {
            RequestedTokenVersion::V1 => {
                set("acr", "1".into());
                let methods: &[&str] = if session.mfa {
                    &["pwd", "mfa"]
                } else {
                    &["pwd"]
                };
                set("amr", json!(methods));
                if !user.is_guest() {
                    set("upn", user.user_principal_name().into());
                }
                set("unique_name", user.user_principal_name().into());
            }
            RequestedTokenVersion::V2 => {
                set("preferred_username", user.user_principal_name().into());
            }
        }
        if let Some(home) = &user.home {
            set("idp", issuer_v1(self.base_url, &home.tenant).into());
        }
        if !session.contexts.is_empty() {
            set("acrs", json!(session.contexts));
        }
        if self.asks(OptionalClaim::IdtypWithUser) {
            set("idtyp", "user".into());
        }
        if self.asks(OptionalClaim::Acct) {
            set("acct", i32::from(user.is_guest()).into());
        }
        if self.asks(OptionalClaim::AuthTime) {
            set("auth_time", session.at.into());
        }
        if self.asks(OptionalClaim::Sid) {
            set("sid", session.id.as_str().into());
        }
        if self.asks(OptionalClaim::Upn) && !user.is_guest() {
            set("upn", user.user_principal_name().into());
        }
        if self.asks(OptionalClaim::XmsCc) && session.capable {
            set("xms_cc", json!(["CP1"]));
        }
        if self.asks(OptionalClaim::Wids) && !user.directory_roles.is_empty() {
            set("wids", json!(user.directory_roles));
        }
        let email = user.email.as_deref();
        if let Some(email) = email.filter(|_| self.asks(OptionalClaim::Email) || user.is_guest()) {
            set("email", email.into());
        }
        self.set_groups(&mut claims, user);
        self.set_facets(&mut claims, Some(user));
        claims
    }

    /// Claims of a token with which the client acts as itself.
    pub(crate) fn for_app(&self, roles: &[String]) -> Object {
        let mut claims = self.common(APP_LIFETIME, roles);
        let object_id = self.client.object_id(&self.tenant.id);
        claims.insert("oid".into(), object_id.as_str().into());
        claims.insert("sub".into(), object_id.into());
        if self.version == RequestedTokenVersion::V1 {
            claims.insert("idp".into(), self.issuer().into());
        }
        if self.asks(OptionalClaim::Idtyp) || self.asks(OptionalClaim::IdtypWithUser) {
            claims.insert("idtyp".into(), "app".into());
        }
        self.set_facets(&mut claims, None);
        claims
    }

    /// Whether the resource asks for a claim; Microsoft's own get all of them.
    fn asks(&self, claim: OptionalClaim) -> bool {
        self.resource.wants(claim)
            || (self.resource.owner == Owner::Microsoft && claim != OptionalClaim::AudGuid)
    }

    fn set_groups(&self, claims: &mut Object, user: &User) {
        if self.resource.group_claims == GroupClaims::None || user.groups.is_empty() {
            return;
        }
        if user.groups.len() <= GROUPS {
            claims.insert("groups".into(), json!(user.groups));
            return;
        }
        let endpoint = format!(
            "{}/{}/users/{}/getMemberObjects",
            self.base_url,
            self.tenant.id,
            user.object_id()
        );
        claims.insert("_claim_names".into(), json!({ "groups": "src1" }));
        let sources = json!({ "src1": { "endpoint": endpoint } });
        claims.insert("_claim_sources".into(), sources);
    }

    /// What client, subject and tenant are, for a resource that asks
    /// (Entra doc "Agent token claims").
    fn set_facets(&self, claims: &mut Object, user: Option<&User>) {
        let mut set = |claim: OptionalClaim, value: Option<String>| {
            if let Some(value) = value.filter(|_| self.asks(claim)) {
                claims.insert(claim.name().to_owned(), value.into());
            }
        };
        let subject = facets_of_subject(self.client, user);
        set(
            OptionalClaim::XmsActFct,
            Some(facets_of_client(self.client)),
        );
        set(OptionalClaim::XmsSubFct, Some(subject));
        set(OptionalClaim::XmsTntFct, Some("3".to_owned()));
        let relation = relation(self.tenant, user);
        set(OptionalClaim::XmsIdrel, Some(relation.to_owned()));
        set(OptionalClaim::XmsParAppAzp, blueprint(self.client));
    }

    fn common(&self, lifetime: i64, roles: &[String]) -> Object {
        let (azp, acr, ver) = match self.version {
            RequestedTokenVersion::V1 => ("appid", "appidacr", "1.0"),
            RequestedTokenVersion::V2 => ("azp", "azpacr", "2.0"),
        };
        let mut claims = Object::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("aud", self.audience().into());
        set("iss", self.issuer().into());
        set("iat", self.now.into());
        set("nbf", self.now.into());
        let lifetime = self.lifetime.unwrap_or(lifetime);
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
            RequestedTokenVersion::V2 => self.resource.client_id(),
            RequestedTokenVersion::V1 if self.resource.wants(OptionalClaim::AudGuid) => {
                self.resource.client_id()
            }
            RequestedTokenVersion::V1 => self.resource_name,
        }
    }

    fn issuer(&self) -> String {
        match self.version {
            RequestedTokenVersion::V1 => issuer_v1(self.base_url, &self.tenant.id),
            RequestedTokenVersion::V2 => issuer_v2(self.base_url, &self.tenant.id),
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

/// Claims of an ID token: for the client, and without any of an access token's
/// (`azp`, `scp`), which is how the two are told apart.
pub(crate) fn id_token_claims(
    base_url: &str,
    tenant: &Tenant,
    client: &App,
    user: &User,
    nonce: Option<&str>,
    now: i64,
) -> Object {
    let mut claims = Object::new();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("aud", client.client_id().into());
    set("iss", issuer_v2(base_url, &tenant.id).into());
    set("iat", now.into());
    set("nbf", now.into());
    set("exp", now.saturating_add(USER_LIFETIME).into());
    set("tid", tenant.id.as_str().into());
    set("oid", user.object_id().into());
    let sub = pairwise_sub(&tenant.id, user.object_id(), client.client_id());
    set("sub", sub.into());
    set("name", user.display_name().into());
    set("preferred_username", user.user_principal_name().into());
    set("uti", random_text(1).into());
    set("ver", "2.0".into());
    if let Some(nonce) = nonce {
        set("nonce", nonce.into());
    }
    claims
}

// What clients and subjects are, in the numbers of Entra's facet claims: 11 an agent
// identity, 13 an agent's user account. The other numbers are those that captured tokens
// carry besides.

/// `xms_act_fct`.
fn facets_of_client(client: &App) -> String {
    match (&client.agent, client.is_public()) {
        (AgentPart::Identity { .. }, _) => "3 9 11",
        (_, true) => "5 3",
        (_, false) => "3 9",
    }
    .to_owned()
}

/// `xms_sub_fct`: of a user, or of the client itself.
fn facets_of_subject(client: &App, user: Option<&User>) -> String {
    match (user, &client.agent) {
        (Some(user), _) if user.agent_identity.is_some() => "3 13",
        (Some(_), _) => "4 3",
        (None, AgentPart::Identity { .. }) => "9 3 11",
        (None, _) => "9 3",
    }
    .to_owned()
}

/// `xms_idrel`: 1 a member, 3 a personal account, 5 a guest, 7 a service principal.
fn relation(tenant: &Tenant, user: Option<&User>) -> &'static str {
    match user {
        None => "7 10",
        Some(user) if user.is_guest() => "5 10",
        Some(_) if tenant.id == PERSONAL => "3 10",
        Some(_) => "1 10",
    }
}

/// `xms_par_app_azp`: an agent identity's blueprint.
fn blueprint(client: &App) -> Option<String> {
    match &client.agent {
        AgentPart::Identity { blueprint } => Some(blueprint.clone()),
        AgentPart::None | AgentPart::Blueprint => None,
    }
}
