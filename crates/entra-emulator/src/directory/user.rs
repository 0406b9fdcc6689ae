//! Users.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id;

/// A user of a tenant.
///
/// ```
/// use entra_emulator::User;
///
/// let user = User::new(
///     "0a1b2c3d-0000-4000-8000-000000000001",
///     "ada@contoso.onmicrosoft.com",
///     "Ada",
/// );
/// assert_eq!(user.user_principal_name(), "ada@contoso.onmicrosoft.com");
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    #[serde(rename = "object_id", deserialize_with = "id::lower")]
    pub(crate) oid: String,
    #[serde(rename = "user_principal_name")]
    pub(crate) upn: String,
    #[serde(rename = "display_name")]
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) state: AccountState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) home: Option<Home>,
    /// Object ids of groups.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "id::lower_each"
    )]
    pub(crate) groups: Vec<String>,
    /// Template ids of directory roles.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "id::lower_each"
    )]
    pub(crate) directory_roles: Vec<String>,
    /// The agent identity whose account this is.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "id::lower_maybe"
    )]
    pub(crate) agent_identity: Option<String>,
    #[serde(default)]
    pub(crate) second_factor: SecondFactor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<Password>,
    /// Sessions from before this time are revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sessions_valid_from: Option<i64>,
    /// When the user changed the password: public clients' refresh tokens from before it end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password_changed_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AccountState {
    #[default]
    Enabled,
    Disabled,
}

/// Where a guest comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Home {
    #[serde(deserialize_with = "id::lower")]
    pub(crate) tenant: String,
    #[serde(rename = "object_id", deserialize_with = "id::lower")]
    pub(crate) oid: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SecondFactor {
    #[default]
    Registered,
    Missing,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Password {
    pub(crate) value: String,
    #[serde(default)]
    pub(crate) expired: bool,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("oid", &self.oid)
            .field("upn", &self.upn)
            .field("name", &self.name)
            .field("state", &self.state)
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

/// The directory role that may consent for everyone (Global Administrator).
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

impl User {
    /// A user with an object id (a GUID), a sign-in name and a display name.
    pub fn new(
        object_id: impl AsRef<str>,
        user_principal_name: impl Into<String>,
        display_name: impl Into<String>,
    ) -> Self {
        Self {
            oid: object_id.as_ref().to_ascii_lowercase(),
            upn: user_principal_name.into(),
            name: display_name.into(),
            email: None,
            state: AccountState::Enabled,
            home: None,
            groups: Vec::new(),
            directory_roles: Vec::new(),
            agent_identity: None,
            second_factor: SecondFactor::Registered,
            password: None,
            sessions_valid_from: None,
            password_changed_at: None,
        }
    }

    /// The same user with the account disabled: no token is issued for it (AADSTS50057).
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.state = AccountState::Disabled;
        self
    }

    /// The same user with the account enabled again.
    #[must_use]
    pub fn enabled(mut self) -> Self {
        self.state = AccountState::Enabled;
        self
    }

    /// Makes it a guest, whose own account is another user of another tenant.
    ///
    /// Through `/common` such a user signs in at home, not here: the home-tenant trap.
    #[must_use]
    pub fn guest_from(
        mut self,
        home_tenant: impl AsRef<str>,
        home_object_id: impl AsRef<str>,
    ) -> Self {
        self.home = Some(Home {
            tenant: home_tenant.as_ref().to_ascii_lowercase(),
            oid: home_object_id.as_ref().to_ascii_lowercase(),
        });
        self
    }

    /// Adds membership in a group, by the group's object id.
    #[must_use]
    pub fn group(mut self, object_id: impl AsRef<str>) -> Self {
        self.groups.push(object_id.as_ref().to_ascii_lowercase());
        self
    }

    /// Adds a directory role, by its template id.
    #[must_use]
    pub fn directory_role(mut self, template_id: impl AsRef<str>) -> Self {
        self.directory_roles
            .push(template_id.as_ref().to_ascii_lowercase());
        self
    }

    /// Makes it a Global Administrator, who may consent for everyone.
    #[must_use]
    pub fn administrator(self) -> Self {
        self.directory_role(GLOBAL_ADMINISTRATOR)
    }

    /// Makes it the user account of an agent identity (its client id): it signs in with the
    /// grant `user_fic` only.
    #[must_use]
    pub fn agent_account_of(mut self, agent_identity: impl AsRef<str>) -> Self {
        self.agent_identity = Some(agent_identity.as_ref().to_ascii_lowercase());
        self
    }

    /// Sets the e-mail address.
    #[must_use]
    pub fn email(mut self, address: impl Into<String>) -> Self {
        self.email = Some(address.into());
        self
    }

    /// Takes the second factor away: a policy that demands one answers AADSTS50079.
    #[must_use]
    pub fn without_second_factor(mut self) -> Self {
        self.second_factor = SecondFactor::Missing;
        self
    }

    /// Sets a password, for the password grant. The sign-in pages never ask for one.
    #[must_use]
    pub fn password(mut self, value: impl Into<String>) -> Self {
        self.password = Some(Password {
            value: value.into(),
            expired: false,
        });
        self
    }

    /// Sets a password that has expired (AADSTS50055).
    #[must_use]
    pub fn expired_password(mut self, value: impl Into<String>) -> Self {
        self.password = Some(Password {
            value: value.into(),
            expired: true,
        });
        self
    }

    /// Revokes all sessions from before a Unix time: their refresh tokens answer
    /// AADSTS50173.
    #[must_use]
    pub fn revoke_sessions_before(mut self, unix_seconds: i64) -> Self {
        self.sessions_valid_from = Some(unix_seconds);
        self
    }

    /// The user changed the password at a Unix time: refresh tokens of public clients from
    /// before it answer AADSTS50173, those of confidential clients live on (Entra doc "Refresh
    /// tokens": token revocation).
    #[must_use]
    pub fn password_changed_at(mut self, unix_seconds: i64) -> Self {
        self.password_changed_at = Some(unix_seconds);
        self
    }

    /// From when on a grant must be, to live: the later of the events that end those of this
    /// kind of client.
    pub(crate) fn grants_valid_from(&self, public: bool) -> Option<i64> {
        let password = self.password_changed_at.filter(|_| public);
        self.sessions_valid_from.max(password)
    }

    /// The user's object id, in lower case.
    #[must_use]
    pub fn object_id(&self) -> &str {
        &self.oid
    }

    /// The sign-in name.
    #[must_use]
    pub fn user_principal_name(&self) -> &str {
        &self.upn
    }

    /// The display name.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.name
    }

    /// Given and family name: the first word of the display name, and the rest.
    pub(crate) fn names(&self) -> (&str, &str) {
        self.name.split_once(' ').unwrap_or((&self.name, ""))
    }

    /// Whether the account is disabled.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.state == AccountState::Disabled
    }

    /// Whether it is a guest.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.home.is_some()
    }

    /// Whether it may consent for everyone.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.directory_roles
            .iter()
            .any(|r| r == GLOBAL_ADMINISTRATOR)
    }
}
