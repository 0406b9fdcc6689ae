//! Tenants, and what is asked of them while a token is made.

use serde::{Deserialize, Serialize};

use super::{
    AccessPolicy, AgentPart, App, ConsentGrant, ExternalId, Inheritable, Inherited, Reading, User,
    first_party, grant::GrantKind, id,
};

/// The tenant of personal accounts, which `consumers` means.
pub(crate) const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// A tenant with its users, apps and consent.
///
/// ```
/// use entra_emulator::{App, Directory, ConsentGrant, Tenant, User};
///
/// let tenant = Tenant::new("0a1b2c3d-0000-4000-8000-000000000000", "contoso.onmicrosoft.com")
///     .user(User::new("0a1b2c3d-0000-4000-8000-000000000001", "ada@contoso.onmicrosoft.com", "Ada"))
///     .app(App::new("0a1b2c3d-0000-4000-8000-0000000000c1", "Tool").public())
///     .app(App::new("0a1b2c3d-0000-4000-8000-0000000000a1", "API").scope("read"))
///     .grant(ConsentGrant::delegated(
///         "0a1b2c3d-0000-4000-8000-0000000000c1",
///         "0a1b2c3d-0000-4000-8000-0000000000a1",
///         ["read"],
///     ));
/// assert_eq!(Directory::new().tenant(tenant).tenants().count(), 1);
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    #[serde(deserialize_with = "id::lower")]
    pub(crate) id: String,
    #[serde(rename = "display_name")]
    pub(crate) name: String,
    #[serde(deserialize_with = "id::lower_each")]
    pub(crate) domains: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) users: Vec<User>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) apps: Vec<App>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) grants: Vec<ConsentGrant>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) policies: Vec<AccessPolicy>,
    #[serde(default)]
    pub(crate) user_consent: UserConsent,
    /// Authentication contexts that it declares: `c1` and so on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) authentication_contexts: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) readings: Vec<Reading>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) external_id: Option<ExternalId>,
}

/// Whether users may consent for themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UserConsent {
    #[default]
    Allowed,
    Off,
}

impl Tenant {
    /// A tenant with its id (a GUID) and its first verified domain.
    pub fn new(id: impl AsRef<str>, domain: impl AsRef<str>) -> Self {
        let domain = domain.as_ref().to_ascii_lowercase();
        Self {
            id: id.as_ref().to_ascii_lowercase(),
            name: domain.clone(),
            domains: vec![domain],
            users: Vec::new(),
            apps: Vec::new(),
            grants: Vec::new(),
            policies: Vec::new(),
            user_consent: UserConsent::Allowed,
            authentication_contexts: Vec::new(),
            readings: Vec::new(),
            external_id: None,
        }
    }

    /// Adds a Conditional Access policy.
    #[must_use]
    pub fn policy(mut self, policy: AccessPolicy) -> Self {
        self.policies.push(policy);
        self
    }

    /// Lets only administrators consent: others get AADSTS90094.
    #[must_use]
    pub fn without_user_consent(mut self) -> Self {
        self.user_consent = UserConsent::Off;
        self
    }

    /// Declares an authentication context (`c1` to `c99`), which `acrs` of a request may name.
    #[must_use]
    pub fn authentication_context(mut self, id: impl Into<String>) -> Self {
        self.authentication_contexts.push(id.into());
        self
    }

    /// Follows another reading than the usual one.
    #[must_use]
    pub fn reading(mut self, reading: Reading) -> Self {
        if !self.readings.contains(&reading) {
            self.readings.push(reading);
        }
        self
    }

    /// Sets the display name, which error texts show; otherwise it is the domain.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Adds a verified domain, which works in place of the id in every path.
    #[must_use]
    pub fn domain(mut self, domain: impl AsRef<str>) -> Self {
        self.domains.push(domain.as_ref().to_ascii_lowercase());
        self
    }

    /// Adds a user.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Adds an app.
    #[must_use]
    pub fn app(mut self, app: App) -> Self {
        self.apps.push(app);
        self
    }

    /// Adds consent or an app role assignment.
    #[must_use]
    pub fn grant(mut self, grant: ConsentGrant) -> Self {
        self.grants.push(grant);
        self
    }

    /// The tenant's id, in lower case.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The tenant's users.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.iter()
    }

    /// The tenant's apps.
    pub fn apps(&self) -> impl Iterator<Item = &App> {
        self.apps.iter()
    }

    pub(crate) fn find_app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|a| {
            a.client_id().eq_ignore_ascii_case(client_id)
                || a.metadata_url.as_deref() == Some(client_id)
        })
    }

    pub(crate) fn find_user(&self, oid: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|u| u.object_id().eq_ignore_ascii_case(oid))
    }

    /// A user by object id or sign-in name, as `login_hint` gives it.
    pub(crate) fn find_user_by_hint(&self, hint: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|u| u.user_principal_name().eq_ignore_ascii_case(hint))
            .or_else(|| self.find_user(hint))
    }

    /// Whether an authentication context that no policy targets asks for nothing here.
    pub(crate) fn is_free_context(&self, context: &str) -> bool {
        match self.authentication_contexts.iter().any(|c| c == context) {
            true => self.follows(Reading::UntargetedContextGranted),
            false => self.follows(Reading::UndeclaredContextIgnored),
        }
    }

    pub(crate) fn follows(&self, reading: Reading) -> bool {
        self.readings.contains(&reading)
    }

    /// The app that `name` (client id or application ID URI) means as a resource.
    pub(crate) fn resource(&self, name: &str) -> Option<&App> {
        let own = self.apps.iter().find(|a| a.is_named(name));
        own.or_else(|| first_party::find(name))
    }

    /// Delegated permissions of `resource` that `client` has for `user`, in the order in
    /// which the resource declares them.
    pub(crate) fn consented(&self, client: &App, resource: &App, user: &User) -> Vec<String> {
        let granted = |scope: &String| {
            let pre = resource.pre_authorized.iter();
            let mut pre = pre.filter(|p| p.client == client.client_id());
            if pre.any(|p| p.scopes.contains(scope)) {
                return true;
            }
            let parent = self.inherits(client, resource, |i| i.scopes);
            self.grants.iter().any(|grant| match &grant.kind {
                GrantKind::Delegated {
                    client: c,
                    user: u,
                    scopes,
                } => {
                    let own = c == client.client_id()
                        && u.as_deref().is_none_or(|u| u == user.object_id());
                    // Only what all users are covered by is inherited.
                    let inherited = Some(c.as_str()) == parent && u.is_none();
                    grant.resource == resource.client_id()
                        && (own || inherited)
                        && scopes.contains(scope)
                }
                GrantKind::AppRoles { .. }
                | GrantKind::UserRoles { .. }
                | GrantKind::GroupRoles { .. } => false,
            })
        };
        resource
            .scopes()
            .iter()
            .filter(|s| granted(s))
            .cloned()
            .collect()
    }

    /// App roles of `resource` that `client` has.
    pub(crate) fn roles_of_app(&self, client: &App, resource: &App) -> Vec<String> {
        let parent = self.inherits(client, resource, |i| i.roles);
        self.roles(resource, |kind| match kind {
            GrantKind::AppRoles { client: c, roles }
                if c == client.client_id() || Some(c.as_str()) == parent =>
            {
                Some(roles)
            }
            _ => None,
        })
    }

    /// The blueprint of which `client`, an agent identity, inherits permissions at `resource`.
    fn inherits<'a>(
        &self,
        client: &'a App,
        resource: &App,
        what: impl Fn(&Inheritable) -> Inherited,
    ) -> Option<&'a str> {
        let AgentPart::Identity { blueprint } = &client.agent else {
            return None;
        };
        let mut inheritable = self.find_app(blueprint)?.inheritable.iter();
        let found = inheritable.find(|i| i.resource == resource.client_id())?;
        (what(found) == Inherited::AllAllowed).then_some(blueprint)
    }

    /// App roles of `resource` that `user` has.
    pub(crate) fn roles_of_user(&self, user: &User, resource: &App) -> Vec<String> {
        self.roles(resource, |kind| match kind {
            GrantKind::UserRoles { user: u, roles } if u == user.object_id() => Some(roles),
            GrantKind::GroupRoles { group, roles } if user.groups.contains(group) => Some(roles),
            _ => None,
        })
    }

    /// Whether `user` is assigned to `app`, itself or through a group, with a role or not.
    pub(crate) fn is_assigned(&self, user: &User, app: &App) -> bool {
        let mut grants = self.grants.iter().filter(|g| g.resource == app.client_id());
        grants.any(|g| match &g.kind {
            GrantKind::UserRoles { user: u, .. } => u == user.object_id(),
            GrantKind::GroupRoles { group, .. } => user.groups.contains(group),
            GrantKind::Delegated { .. } | GrantKind::AppRoles { .. } => false,
        })
    }

    fn roles<'a>(
        &'a self,
        resource: &App,
        of: impl Fn(&'a GrantKind) -> Option<&'a Vec<String>>,
    ) -> Vec<String> {
        let assigned: Vec<&String> = self
            .grants
            .iter()
            .filter(|g| g.resource == resource.client_id())
            .filter_map(|g| of(&g.kind))
            .flatten()
            .collect();
        resource
            .roles()
            .iter()
            .filter(|r| assigned.contains(r))
            .cloned()
            .collect()
    }
}
