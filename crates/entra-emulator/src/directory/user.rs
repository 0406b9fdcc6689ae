//! Users.

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
#[derive(Clone, Debug)]
pub struct User {
    oid: String,
    upn: String,
    name: String,
    state: AccountState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AccountState {
    Enabled,
    Disabled,
}

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
            state: AccountState::Enabled,
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

    /// Whether the account is disabled.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.state == AccountState::Disabled
    }
}
