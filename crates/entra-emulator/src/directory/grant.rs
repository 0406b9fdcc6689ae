//! Consent and assignments.

/// What a tenant has allowed: consent to a client, or an app role.
///
/// ```
/// use entra_emulator::Grant;
/// # let (client, api, user) = ("c", "a", "u");
/// // An administrator consented for all users.
/// let all = Grant::delegated(client, api, ["orders.read"]);
/// // One user consented.
/// let one = Grant::delegated(client, api, ["orders.read"]).only_for(user);
/// // An app role, for the client credentials grant.
/// let app = Grant::app_roles(client, api, ["Orders.Read.All"]);
/// # let _ = (all, one, app);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub(crate) resource: String,
    pub(crate) kind: GrantKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GrantKind {
    /// A client may act for users with these scopes; for one user, or for all.
    Delegated {
        client: String,
        user: Option<String>,
        scopes: Vec<String>,
    },
    /// A client has these app roles of the resource.
    AppRoles { client: String, roles: Vec<String> },
    /// A user has these app roles of the resource.
    UserRoles { user: String, roles: Vec<String> },
    /// The members of a group have these app roles of the resource.
    GroupRoles { group: String, roles: Vec<String> },
}

impl Grant {
    /// Consent for all users: `client` may call `resource` (both client ids) with these
    /// delegated permissions, given by their short names.
    pub fn delegated<S: Into<String>>(
        client: impl AsRef<str>,
        resource: impl AsRef<str>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            resource: resource.as_ref().to_ascii_lowercase(),
            kind: GrantKind::Delegated {
                client: client.as_ref().to_ascii_lowercase(),
                user: None,
                scopes: scopes.into_iter().map(Into::into).collect(),
            },
        }
    }

    /// Assigns app roles of `resource` to the app `client`.
    pub fn app_roles<S: Into<String>>(
        client: impl AsRef<str>,
        resource: impl AsRef<str>,
        roles: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            resource: resource.as_ref().to_ascii_lowercase(),
            kind: GrantKind::AppRoles {
                client: client.as_ref().to_ascii_lowercase(),
                roles: roles.into_iter().map(Into::into).collect(),
            },
        }
    }

    /// Assigns app roles of `resource` to the user with this object id.
    pub fn user_roles<S: Into<String>>(
        user: impl AsRef<str>,
        resource: impl AsRef<str>,
        roles: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            resource: resource.as_ref().to_ascii_lowercase(),
            kind: GrantKind::UserRoles {
                user: user.as_ref().to_ascii_lowercase(),
                roles: roles.into_iter().map(Into::into).collect(),
            },
        }
    }

    /// Assigns app roles of `resource` to the members of a group (its object id). As with
    /// [`user_roles`](Self::user_roles), no role at all is an assignment too.
    pub fn group_roles<S: Into<String>>(
        group: impl AsRef<str>,
        resource: impl AsRef<str>,
        roles: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            resource: resource.as_ref().to_ascii_lowercase(),
            kind: GrantKind::GroupRoles {
                group: group.as_ref().to_ascii_lowercase(),
                roles: roles.into_iter().map(Into::into).collect(),
            },
        }
    }

    /// Narrows consent to one user, by object id. An app role is not changed by it.
    #[must_use]
    pub fn only_for(mut self, user_object_id: impl AsRef<str>) -> Self {
        if let GrantKind::Delegated { user, .. } = &mut self.kind {
            *user = Some(user_object_id.as_ref().to_ascii_lowercase());
        }
        self
    }
}
