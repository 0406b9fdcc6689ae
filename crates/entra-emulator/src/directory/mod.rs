//! The directory: tenants with their users, apps and consent.

mod agent;
mod app;
mod check;
mod claims;
mod credential;
mod declaration;
mod external;
pub(crate) mod first_party;
mod grant;
pub(crate) mod id;
mod managed;
mod permission;
mod platform;
mod policy;
mod reading;
mod tenant;
mod user;

use serde::{Deserialize, Serialize};

pub(crate) use agent::{AgentPart, Inheritable, Inherited};
pub use app::{App, RequestedTokenVersion};
pub(crate) use app::{AppState, Assignment, Owner};
pub use check::DirectoryError;
pub(crate) use check::check_grant;
pub(crate) use claims::GroupClaims;
pub use claims::OptionalClaim;
pub(crate) use credential::EXCHANGE_URI;
pub use credential::{AppCertificate, FederatedCredential};
pub use declaration::DeclarationError;
pub(crate) use declaration::spelling;
pub(crate) use external::{ExternalId, external_names};
pub(crate) use first_party::{COGNITIVE_SERVICES, EXCHANGE, FOUNDRY, GRAPH};
pub use grant::ConsentGrant;
pub(crate) use grant::{Declared as DeclaredGrant, GrantKind};
pub(crate) use managed::ManagedIdentity;
pub use permission::ConsentKind;
pub(crate) use platform::IdTokens;
pub use policy::{AccessPolicy, PolicyRequirement};
pub use reading::Reading;
pub use tenant::Tenant;
pub(crate) use tenant::{PERSONAL, UserConsent};
pub(crate) use user::SecondFactor;
pub use user::User;

/// What an emulator serves: tenants with their users, apps and consent.
///
/// ```
/// use entra_emulator::{Directory, Tenant};
///
/// let directory = Directory::new()
///     .tenant(Tenant::new("0a1b2c3d-0000-4000-8000-000000000000", "contoso.onmicrosoft.com"));
/// assert_eq!(directory.check(), Ok(()));
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    pub(crate) tenants: Vec<Tenant>,
}

impl Directory {
    /// A directory without tenants.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: Tenant) -> Self {
        self.tenants.push(tenant);
        self
    }

    /// Lets every tenant follow a reading.
    #[must_use]
    pub fn reading(mut self, reading: Reading) -> Self {
        self.tenants = self
            .tenants
            .into_iter()
            .map(|t| t.reading(reading))
            .collect();
        self
    }

    /// Changes one app, in every tenant that has it; one that no tenant has is ignored.
    ///
    /// ```
    /// use entra_emulator::{Directory, RequestedTokenVersion, demo};
    ///
    /// let directory = Directory::demo()
    ///     .map_app(demo::MCP_SERVER, |app| app.token_version(RequestedTokenVersion::V1));
    /// assert!(directory.check().is_ok());
    /// ```
    #[must_use]
    pub fn map_app(mut self, client_id: &str, change: impl Fn(App) -> App) -> Self {
        let apps = self.tenants.iter_mut().flat_map(|t| t.apps.iter_mut());
        for app in apps.filter(|a| a.client_id().eq_ignore_ascii_case(client_id)) {
            *app = change(app.clone());
        }
        self
    }

    /// Changes one user, by object id, in every tenant that has it.
    #[must_use]
    pub fn map_user(mut self, object_id: &str, change: impl Fn(User) -> User) -> Self {
        let users = self.tenants.iter_mut().flat_map(|t| t.users.iter_mut());
        for user in users.filter(|u| u.object_id().eq_ignore_ascii_case(object_id)) {
            *user = change(user.clone());
        }
        self
    }

    /// The tenants.
    pub fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        self.tenants.iter()
    }

    /// The tenant that a path segment names: its id or one of its domains.
    pub(crate) fn find(&self, segment: &str) -> Option<&Tenant> {
        let segment = segment.to_ascii_lowercase();
        self.tenants
            .iter()
            .find(|t| t.id == segment || t.domains.contains(&segment))
    }

    pub(crate) fn find_mut(&mut self, segment: &str) -> Option<&mut Tenant> {
        let segment = segment.to_ascii_lowercase();
        self.tenants
            .iter_mut()
            .find(|t| t.id == segment || t.domains.contains(&segment))
    }
}
