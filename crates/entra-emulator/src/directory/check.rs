//! Checks of a directory before it is served.

use std::collections::HashSet;

use super::{
    AgentPart, App, ConsentGrant, Directory, Tenant, grant::GrantKind, id::canonical_guid,
};

/// Why a [`Directory`] or a change of it is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// An id is not a GUID of the form `00000000-0000-0000-0000-000000000000`.
    #[error("{what} `{value}` is not a GUID")]
    NotAGuid {
        /// What the id identifies, for example `client id`.
        what: &'static str,
        /// The value given.
        value: String,
    },
    /// Two objects share what must be unique.
    #[error("{what} `{value}` is used twice")]
    Duplicate {
        /// What is used twice.
        what: &'static str,
        /// The value given.
        value: String,
    },
    /// Something refers to an object that does not exist.
    #[error("{what} `{value}` does not exist in tenant `{tenant}`")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// The value given.
        value: String,
        /// The tenant's id.
        tenant: String,
    },
    /// A value does not have the form it must have.
    #[error("{what} `{value}` is not valid: {reason}")]
    Invalid {
        /// What is not valid.
        what: &'static str,
        /// The value given.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Directory {
    /// Checks ids, uniqueness and references, as starting an emulator does.
    ///
    /// # Errors
    ///
    /// The first thing found wrong.
    ///
    /// ```
    /// use entra_emulator::{Directory, DirectoryError, Tenant};
    ///
    /// assert_eq!(Directory::demo().check(), Ok(()));
    /// let bad = Directory::new().tenant(Tenant::new("contoso", "contoso.example"));
    /// assert!(matches!(bad.check(), Err(DirectoryError::NotAGuid { .. })));
    /// ```
    pub fn check(&self) -> Result<(), DirectoryError> {
        let mut names = Unique::default();
        for tenant in &self.tenants {
            guid("tenant id", &tenant.id)?;
            names.add("tenant id", &tenant.id)?;
            if tenant.domains.is_empty() {
                return Err(invalid("tenant", &tenant.id, "it has no domain"));
            }
            for domain in &tenant.domains {
                check_domain(domain)?;
                names.add("domain", domain)?;
            }
            if let Some(external) = &tenant.external_id {
                check_label(&external.subdomain)?;
                names.add("External ID subdomain", &external.subdomain)?;
            }
            check_tenant(tenant)?;
            check_agents(tenant)?;
        }
        self.check_homes()
    }
}

impl Directory {
    /// A guest's own account must be there.
    fn check_homes(&self) -> Result<(), DirectoryError> {
        let users = self.tenants.iter().flat_map(|t| t.users.iter());
        for home in users.filter_map(|u| u.home.as_ref()) {
            let tenant = self.find(&home.tenant);
            if tenant.and_then(|t| t.find_user(&home.oid)).is_none() {
                return Err(DirectoryError::Unknown {
                    what: "home account",
                    value: home.oid.clone(),
                    tenant: home.tenant.clone(),
                });
            }
        }
        Ok(())
    }
}

/// An agent identity has a blueprint and no credential; its account has an identity.
fn check_agents(tenant: &Tenant) -> Result<(), DirectoryError> {
    let unknown = |what, value: &str| DirectoryError::Unknown {
        what,
        value: value.to_owned(),
        tenant: tenant.id.clone(),
    };
    for app in &tenant.apps {
        let AgentPart::Identity { blueprint } = &app.agent else {
            continue;
        };
        // A blueprint may live in another tenant; an app that is here must be one.
        if tenant
            .find_app(blueprint)
            .is_some_and(|b| b.agent != AgentPart::Blueprint)
        {
            return Err(unknown("blueprint", blueprint));
        }
        guid("blueprint", blueprint)?;
        let bare = app.secrets.is_empty()
            && app.certificates.is_empty()
            && app.trusted_subjects.is_empty()
            && app.federated.is_empty();
        if !bare || app.is_public() {
            let reason = "only its blueprint has credentials";
            return Err(invalid("agent identity", app.client_id(), reason));
        }
    }
    for id in tenant
        .users
        .iter()
        .filter_map(|u| u.agent_identity.as_deref())
    {
        let app = tenant.find_app(id);
        let agent = |a: &App| {
            matches!(
                a.agent,
                AgentPart::Identity { .. } | AgentPart::SingleInstance
            )
        };
        if !app.is_some_and(agent) {
            return Err(unknown("agent identity", id));
        }
    }
    for policy in &tenant.policies {
        guid("policy id", &policy.id)?;
        if let Some(id) = policy
            .resources
            .iter()
            .find(|r| tenant.resource(r).is_none())
        {
            return Err(unknown("resource of a policy", id));
        }
        if let Some(context) = policy
            .contexts
            .iter()
            .find(|c| !tenant.authentication_contexts.contains(c))
        {
            return Err(unknown("authentication context of a policy", context));
        }
        if !policy.contexts.is_empty() && !policy.resources.is_empty() {
            let reason = "it targets resources or authentication contexts, not both";
            return Err(invalid("policy", &policy.id, reason));
        }
        if let Some(id) = policy.users.iter().find(|u| tenant.find_user(u).is_none()) {
            return Err(unknown("user of a policy", id));
        }
    }
    Ok(())
}

fn check_domain(domain: &str) -> Result<(), DirectoryError> {
    let label =
        |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if domain.contains('.') && domain.split('.').all(label) {
        return Ok(());
    }
    Err(invalid("domain", domain, "a DNS name with a dot is needed"))
}

fn check_label(label: &str) -> Result<(), DirectoryError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    match !label.is_empty() && label.bytes().all(plain) {
        true => Ok(()),
        false => Err(invalid(
            "External ID subdomain",
            label,
            "lower-case letters and digits are needed",
        )),
    }
}

fn check_tenant(tenant: &Tenant) -> Result<(), DirectoryError> {
    let mut unique = Unique::default();
    for context in &tenant.authentication_contexts {
        let number = context.strip_prefix('c').and_then(|n| n.parse::<u8>().ok());
        if !number.is_some_and(|n| (1..=99).contains(&n)) {
            let reason = "c1 to c99 are authentication contexts";
            return Err(invalid("authentication context", context, reason));
        }
    }
    for user in &tenant.users {
        guid("user object id", user.object_id())?;
        unique.add("object id", user.object_id())?;
        unique.add(
            "user principal name",
            &user.user_principal_name().to_ascii_lowercase(),
        )?;
    }
    for app in &tenant.apps {
        guid("client id", app.client_id())?;
        unique.add("client id", app.client_id())?;
        if let Some(id) = app.own_object_id() {
            guid("service principal object id", id)?;
            unique.add("object id", id)?;
        }
        for uri in app.identifier_uris() {
            unique.add("identifier URI", uri)?;
        }
        check_app(app)?;
        check_federated(tenant, app)?;
    }
    tenant
        .grants
        .iter()
        .try_for_each(|g| check_grant(tenant, g))
}

/// Issuer and subject, or a managed identity of the tenant.
fn check_federated(tenant: &Tenant, app: &App) -> Result<(), DirectoryError> {
    for credential in &app.federated {
        let literal = !credential.issuer.is_empty() && !credential.subject.is_empty();
        let bare = credential.issuer.is_empty() && credential.subject.is_empty();
        let Some(identity) = &credential.managed_identity else {
            if literal {
                continue;
            }
            let reason = "it needs an issuer and a subject, or a managed identity";
            return Err(invalid("federated credential of", app.client_id(), reason));
        };
        if !bare || credential.key_set.is_some() {
            let reason = "a managed identity has the issuer, the subject and the keys";
            return Err(invalid("federated credential of", app.client_id(), reason));
        }
        let known = tenant.find_app(identity).filter(|a| a.managed.is_some());
        if known.is_none() {
            return Err(DirectoryError::Unknown {
                what: "managed identity",
                value: identity.clone(),
                tenant: tenant.id.clone(),
            });
        }
    }
    Ok(())
}

fn check_app(app: &App) -> Result<(), DirectoryError> {
    for uri in app.identifier_uris() {
        if url::Url::parse(uri).is_err() || uri.contains(char::is_whitespace) {
            return Err(invalid("identifier URI", uri, "an absolute URI is needed"));
        }
        if uri.ends_with('/') {
            return Err(invalid("identifier URI", uri, "the trailing slash must go"));
        }
    }
    for uri in app.redirect_uris().iter().chain(&app.spa.redirect_uris) {
        if url::Url::parse(uri).is_err() {
            return Err(invalid("redirect URI", uri, "an absolute URI is needed"));
        }
    }
    if let Some(url) = &app.logout_url {
        let web = url::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "http" | "https"));
        if !web {
            return Err(invalid("logout URL", url, "an http or https URL is needed"));
        }
    }
    for name in app.scopes().iter().chain(app.roles()) {
        let odd = |c: char| c.is_whitespace() || c == '/' || c.is_control();
        if name.is_empty() || name.contains(odd) || name.starts_with('.') {
            return Err(invalid(
                "scope or role",
                name,
                "no space, slash or leading dot",
            ));
        }
    }
    if let AgentPart::Local = app.agent
        && !app.is_public()
    {
        let reason = "a local agent is a public client";
        return Err(invalid("local agent", app.client_id(), reason));
    }
    if let Some(url) = &app.metadata_url {
        let usable = url::Url::parse(url).is_ok_and(|u| u.scheme() == "https" && u.path() != "/");
        if !usable || app.agent != AgentPart::Local {
            let reason = "an https URL with a path, of a local agent, is needed";
            return Err(invalid("client metadata URL", url, reason));
        }
    }
    for entry in &app.inheritable {
        guid("resource of inheritable permissions", &entry.resource)?;
        if app.agent != AgentPart::Blueprint {
            let reason = "only a blueprint has inheritable permissions";
            return Err(invalid("app", app.client_id(), reason));
        }
    }
    if let AgentPart::Blueprint | AgentPart::SingleInstance = app.agent
        && (app.is_public() || !app.spa.redirect_uris.is_empty())
    {
        let reason = "a blueprint has web redirect URIs only";
        return Err(invalid("blueprint", app.client_id(), reason));
    }
    let credentials = app.secrets.len() + app.certificates.len() + app.federated.len();
    if app.is_public() && credentials + app.trusted_subjects.len() > 0 {
        let reason = "it has a credential";
        return Err(invalid("public client", app.client_id(), reason));
    }
    for entry in &app.pre_authorized {
        guid("pre-authorized client", &entry.client)?;
        if let Some(name) = entry.scopes.iter().find(|s| !app.scopes.contains(s)) {
            let reason = "the API has no such scope";
            return Err(invalid("pre-authorized scope", name, reason));
        }
    }
    if app.secrets().iter().any(|s| s.value.is_empty()) {
        return Err(invalid("client secret of", app.client_id(), "it is empty"));
    }
    Ok(())
}

pub(crate) fn check_grant(tenant: &Tenant, grant: &ConsentGrant) -> Result<(), DirectoryError> {
    let unknown = |what, value: &str| DirectoryError::Unknown {
        what,
        value: value.to_owned(),
        tenant: tenant.id.clone(),
    };
    let resource = tenant
        .resource(&grant.resource)
        .ok_or_else(|| unknown("resource", &grant.resource))?;
    let (client, user, names, known, what) = match &grant.kind {
        GrantKind::Delegated {
            client,
            user,
            scopes,
        } => (
            Some(client),
            user.as_ref(),
            scopes,
            resource.scopes(),
            "scope",
        ),
        GrantKind::AppRoles { client, roles } => {
            (Some(client), None, roles, resource.roles(), "app role")
        }
        GrantKind::UserRoles { user, roles } => {
            (None, Some(user), roles, resource.roles(), "app role")
        }
        GrantKind::GroupRoles { roles, .. } => (None, None, roles, resource.roles(), "app role"),
    };
    if let Some(client) = client.filter(|c| tenant.find_app(c).is_none()) {
        return Err(unknown("client", client));
    }
    if let Some(user) = user.filter(|u| tenant.find_user(u).is_none()) {
        return Err(unknown("user", user));
    }
    match names.iter().find(|n| !known.contains(n)) {
        Some(name) => Err(unknown(what, name)),
        None => Ok(()),
    }
}

fn guid(what: &'static str, value: &str) -> Result<(), DirectoryError> {
    match canonical_guid(value) {
        Some(_) => Ok(()),
        None => Err(DirectoryError::NotAGuid {
            what,
            value: value.to_owned(),
        }),
    }
}

fn invalid(what: &'static str, value: &str, reason: &'static str) -> DirectoryError {
    DirectoryError::Invalid {
        what,
        value: value.to_owned(),
        reason,
    }
}

#[derive(Default)]
struct Unique(HashSet<(&'static str, String)>);

impl Unique {
    fn add(&mut self, what: &'static str, value: &str) -> Result<(), DirectoryError> {
        if self.0.insert((what, value.to_owned())) {
            return Ok(());
        }
        Err(DirectoryError::Duplicate {
            what,
            value: value.to_owned(),
        })
    }
}
