//! Claims of access tokens in the two versions (Entra docs "Access token claims reference",
//! "Agent token claims").

use serde_json::{Value, json};

pub(crate) use super::id_token::IdToken;
use super::{
    APP_LIFETIME, BACKDATED, USER_LIFETIME, jwt::Object, pairwise_sub, random_text, resource_handle,
};
use crate::directory::{
    AgentPart, App, EXCHANGE, GRAPH, GroupClaims, OptionalClaim, Owner, PERSONAL, Reading,
    RequestedTokenVersion, Tenant, User,
};
use crate::keys::SigningKey;
use crate::session::Session;

/// More groups than this are not listed in a token (Entra doc "Access token claims
/// reference": overage).
const GROUPS: usize = 200;

/// Directory roles that every token of a user, or of an app, has for Microsoft's resources.
const EVERY_USER: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";
const EVERY_APP: &str = "0997a1d0-0d1d-4acb-b408-d5ca73121e90";

/// What the exchange tokens of blueprints and of agent identities say of their credential.
const BLUEPRINT_FIC: &str = "CAAQABgAIAAoAjAA";
const AGENT_FIC: &str = "CAAQABgAIAAoAzAAOAE";

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
    /// The header: v1 names the key twice; Graph's user tokens have a nonce.
    pub(crate) fn header(&self, key: &SigningKey) -> Object {
        let mut header = Object::new();
        header.insert("typ".into(), "JWT".into());
        let plain = self.tenant.follows(Reading::GraphTokensWithoutNonce);
        if self.resource.client_id() == GRAPH && !plain {
            header.insert("nonce".into(), random_text(2).into());
        }
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
        subject: &Subject<'_>,
        scopes: &[String],
        roles: &[String],
    ) -> Object {
        let Subject { user, session, .. } = *subject;
        let mut claims = self.common(USER_LIFETIME, roles);
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("oid", user.object_id().into());
        let sub = pairwise_sub(&self.tenant.id, user.object_id(), self.resource.client_id());
        set("sub", sub.into());
        set("aio", session.to_opaque().into());
        set("name", user.display_name().into());
        set("scp", scopes.join(" ").into());
        let v1 = self.version == RequestedTokenVersion::V1;
        match self.version {
            RequestedTokenVersion::V1 => {
                set("acr", "1".into());
                let methods: &[&str] = if session.mfa {
                    &["pwd", "mfa"]
                } else {
                    &["pwd"]
                };
                set("amr", json!(methods));
                let (given, family) = user.names();
                set("given_name", given.into());
                set("family_name", family.into());
                set("ipaddr", "127.0.0.1".into());
                if !user.is_guest() {
                    set("upn", user.user_principal_name().into());
                }
                set("unique_name", subject.unique_name().into());
            }
            RequestedTokenVersion::V2 => {
                set(
                    "preferred_username",
                    subject.preferred_username(self.tenant).into(),
                );
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
        let every = self.tenant.follows(Reading::SidInEveryToken);
        if v1 || every || self.asks(OptionalClaim::Sid) {
            set("sid", session.id.as_str().into());
        }
        if self.asks(OptionalClaim::Upn) && !user.is_guest() {
            set("upn", user.user_principal_name().into());
        }
        if self.asks(OptionalClaim::XmsCc) && session.capable {
            set("xms_cc", json!(["CP1"]));
        }
        let microsoft = self.resource.owner == Owner::Microsoft;
        let mut roles: Vec<&str> = user.directory_roles.iter().map(String::as_str).collect();
        roles.extend(microsoft.then_some(EVERY_USER));
        if self.asks(OptionalClaim::Wids) && !roles.is_empty() {
            set("wids", json!(roles));
        }
        let asked = self.asks(OptionalClaim::Email) || user.is_guest();
        if let Some(email) = subject.email().filter(|_| asked) {
            set("email", email.into());
        }
        if self.resource.client_id() == GRAPH {
            let own = pairwise_sub(&self.tenant.id, user.object_id(), self.client.client_id());
            set("xms_st", json!({ "sub": own }));
            set("platf", "3".into());
            set("puid", puid(user).into());
        }
        self.set_groups(&mut claims, user);
        self.set_facets(&mut claims, Some(user));
        self.set_more(&mut claims);
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
        if self.resource.owner == Owner::Microsoft {
            claims.insert("wids".into(), json!([EVERY_APP]));
        }
        if self.resource.client_id() == EXCHANGE {
            let information = match self.client.agent {
                AgentPart::Identity { .. } => AGENT_FIC,
                _ => BLUEPRINT_FIC,
            };
            claims.insert("xms_ficinfo".into(), information.into());
        }
        self.set_facets(&mut claims, None);
        self.set_more(&mut claims);
        claims
    }

    /// What tokens for Microsoft's own resources tell of client and tenant, and the claims
    /// that the resource adds itself.
    fn set_more(&self, claims: &mut Object) {
        for (name, value) in &self.resource.custom_claims {
            if !claims.contains_key(name) {
                claims.insert(name.clone(), value.clone());
            }
        }
        if self.resource.owner == Owner::Microsoft {
            claims.insert("app_displayname".into(), self.client.name().into());
            claims.insert("tenant_region_scope".into(), "WW".into());
            claims.insert("xms_tcdt".into(), TENANT_CREATED.into());
        }
    }

    /// Whether the resource asks for a claim; Microsoft's own get all of them, and exchange
    /// tokens those that tell agents apart.
    fn asks(&self, claim: OptionalClaim) -> bool {
        let exchange = matches!(
            claim,
            OptionalClaim::Idtyp
                | OptionalClaim::XmsActFct
                | OptionalClaim::XmsSubFct
                | OptionalClaim::XmsIdrel
                | OptionalClaim::XmsParAppAzp
        );
        self.resource.wants(claim)
            || (self.resource.owner == Owner::Microsoft && claim != OptionalClaim::AudGuid)
            || (self.resource.client_id() == EXCHANGE && exchange)
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
        set("iat", self.now.saturating_sub(BACKDATED).into());
        set("nbf", self.now.saturating_sub(BACKDATED).into());
        // `expires_in` has lost the second that the answer took.
        let lifetime = self.lifetime.unwrap_or(lifetime).saturating_add(1);
        set("exp", self.now.saturating_add(lifetime).into());
        set("tid", self.tenant.id.as_str().into());
        let url = self.client.metadata_url.as_deref();
        let url = url.filter(|_| self.tenant.follows(Reading::MetadataUrlInAzp));
        set(azp, url.unwrap_or(self.client.client_id()).into());
        set(acr, self.credential.acr().into());
        set("ver", ver.into());
        set("uti", random_text(1).into());
        // Opaque, and there because real tokens have them.
        set("aio", random_text(2).into());
        set(
            "rh",
            resource_handle(&self.tenant.id, self.resource.client_id()).into(),
        );
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
            RequestedTokenVersion::V1 => self.tenant.issuer_v1(self.base_url),
            RequestedTokenVersion::V2 => self.tenant.issuer_v2(self.base_url),
        }
    }
}

/// The user of a token, with the account at home and the sign-in.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) user: &'a User,
    pub(crate) home: Option<&'a User>,
    pub(crate) session: &'a Session,
}

impl<'a> Subject<'a> {
    /// The address of the user, or of the account that a guest has at home.
    pub(crate) fn email(&self) -> Option<&'a str> {
        let home = self.home.map(|h| h.email.as_deref().unwrap_or(&h.upn));
        self.user.email.as_deref().or(home)
    }

    /// `unique_name`: a guest's is the address.
    fn unique_name(&self) -> &'a str {
        let guest = self.email().filter(|_| self.user.is_guest());
        guest.unwrap_or(self.user.user_principal_name())
    }

    /// `preferred_username`: a guest's is the one at home, unless the tenant reads it otherwise.
    pub(crate) fn preferred_username(&self, tenant: &Tenant) -> &'a str {
        let home = self.home.map(User::user_principal_name);
        home.filter(|_| !tenant.follows(Reading::GuestNameIsLocal))
            .unwrap_or(self.user.user_principal_name())
    }
}

/// `puid`: 16 digits of a directory of old, always the same for a user.
fn puid(user: &User) -> String {
    let digits: String = user
        .object_id()
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    format!(
        "1003{}",
        digits
            .to_ascii_uppercase()
            .chars()
            .rev()
            .take(12)
            .collect::<String>()
    )
}

/// When the tenants of an emulator were made: `xms_tcdt`.
const TENANT_CREATED: i64 = 1_600_000_000;

/// The issuer of v1 tokens, with its trailing slash.
pub(crate) fn issuer_v1(base_url: &str, tenant: &str) -> String {
    format!("{base_url}/{tenant}/")
}

/// The issuer of v2 tokens, without one.
pub(crate) fn issuer_v2(base_url: &str, tenant: &str) -> String {
    format!("{base_url}/{tenant}/v2.0")
}

// What clients and subjects are, in the numbers of Entra's facet claims: 11 an agent
// identity, 13 an agent's user account. The other numbers are those that captured tokens
// carry besides.

/// `xms_act_fct`.
fn facets_of_client(client: &App) -> String {
    in_any_order(match (&client.agent, client.is_public()) {
        (agent, false) if agent.is_agent() => &["3", "9", "11"],
        (agent, true) if agent.is_agent() => &["3", "5", "11"],
        (_, true) => &["5", "3"],
        (_, false) => &["3", "9"],
    })
}

/// `xms_sub_fct`: of a user, or of the client itself.
fn facets_of_subject(client: &App, user: Option<&User>) -> String {
    in_any_order(match (user, &client.agent) {
        (Some(user), _) if user.agent_identity.is_some() => &["3", "13"],
        (Some(_), _) => &["4", "3"],
        (None, agent) if agent.is_agent() => &["9", "3", "11"],
        (None, _) => &["9", "3"],
    })
}

/// The order of facets says nothing, and captured tokens differ in it.
fn in_any_order(facets: &[&str]) -> String {
    let first = uuid::Uuid::new_v4()
        .as_bytes()
        .first()
        .copied()
        .unwrap_or(0);
    let start = usize::from(first).checked_rem(facets.len()).unwrap_or(0);
    let (end, begin) = facets.split_at(start);
    [begin, end].concat().join(" ")
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
        // Of single-instance and local agents it is not known.
        _ => None,
    }
}
