//! Which identity of the machine.

use foundry_scopes::{ClientId, ObjectId};

/// Which of the machine's identities is meant.
///
/// A machine with several user-assigned identities and no system-assigned one answers an
/// unqualified request with an error, so name the one you mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentitySelector {
    /// The system-assigned identity, or the only one.
    #[default]
    Only,
    /// A user-assigned identity by its client id.
    Client(ClientId),
    /// A user-assigned identity by its object id.
    Object(ObjectId),
    /// A user-assigned identity by its Azure resource id
    /// (`/subscriptions/.../userAssignedIdentities/...`).
    Resource(String),
}

impl IdentitySelector {
    /// The value that goes into the request.
    pub(super) fn value(&self) -> Option<String> {
        match self {
            Self::Only => None,
            Self::Client(id) => Some(id.to_string()),
            Self::Object(id) => Some(id.to_string()),
            Self::Resource(id) => Some(id.clone()),
        }
    }

    /// What tells entries apart.
    pub(super) fn key(&self) -> String {
        let kind = match self {
            Self::Only => "only",
            Self::Client(_) => "client",
            Self::Object(_) => "object",
            Self::Resource(_) => "resource",
        };
        format!("{kind}={}", self.value().unwrap_or_default())
    }
}
