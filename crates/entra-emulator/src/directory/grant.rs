//! Consent and assignments.

use serde::{Deserialize, Serialize};

/// What a tenant has allowed: consent to a client, or an app role.
///
/// ```
/// use entra_emulator::ConsentGrant;
/// # let (client, api, user) = ("c", "a", "u");
/// // An administrator consented for all users.
/// let all = ConsentGrant::delegated(client, api, ["orders.read"]);
/// // One user consented.
/// let one = ConsentGrant::delegated(client, api, ["orders.read"]).only_for(user);
/// // An app role, for the client credentials grant.
/// let app = ConsentGrant::app_roles(client, api, ["Orders.Read.All"]);
/// # let _ = (all, one, app);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Declared", into = "Declared")]
pub struct ConsentGrant {
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

impl ConsentGrant {
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

    /// The user that it is for.
    pub(crate) fn user(&self) -> Option<&str> {
        match &self.kind {
            GrantKind::Delegated { user, .. } => user.as_deref(),
            GrantKind::UserRoles { user, .. } => Some(user),
            GrantKind::AppRoles { .. } | GrantKind::GroupRoles { .. } => None,
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

/// A grant in a file or request: consent is `client` and `scopes`, an assignment `roles`.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declared {
    pub(crate) resource: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) roles: Option<Vec<String>>,
}

impl TryFrom<Declared> for ConsentGrant {
    type Error = &'static str;

    fn try_from(from: Declared) -> Result<Self, Self::Error> {
        let to = from.resource;
        Ok(
            match (from.client, from.user, from.group, from.scopes, from.roles) {
                (Some(client), None, None, Some(scopes), None) => {
                    Self::delegated(client, to, scopes)
                }
                (Some(client), Some(user), None, Some(scopes), None) => {
                    Self::delegated(client, to, scopes).only_for(user)
                }
                (Some(client), None, None, None, Some(roles)) => Self::app_roles(client, to, roles),
                (None, Some(user), None, None, Some(roles)) => Self::user_roles(user, to, roles),
                (None, None, Some(group), None, Some(roles)) => Self::group_roles(group, to, roles),
                _ => {
                    return Err(
                        "consent is `client` and `scopes`, with `user` for one user only; an \
                     assignment is `roles` with one of `client`, `user` and `group`",
                    );
                }
            },
        )
    }
}

impl From<ConsentGrant> for Declared {
    fn from(grant: ConsentGrant) -> Self {
        let mut to = Self {
            resource: grant.resource,
            ..Self::default()
        };
        match grant.kind {
            GrantKind::Delegated {
                client,
                user,
                scopes,
            } => (to.client, to.user, to.scopes) = (Some(client), user, Some(scopes)),
            GrantKind::AppRoles { client, roles } => {
                (to.client, to.roles) = (Some(client), Some(roles));
            }
            GrantKind::UserRoles { user, roles } => {
                (to.user, to.roles) = (Some(user), Some(roles));
            }
            GrantKind::GroupRoles { group, roles } => {
                (to.group, to.roles) = (Some(group), Some(roles));
            }
        }
        to
    }
}
