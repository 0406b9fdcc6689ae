//! What an API offers, what a client declares, and what is settled in advance.

use serde::{Deserialize, Serialize};

use super::id;

/// Who may consent to a delegated permission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConsentKind {
    /// Any user, for themselves.
    #[default]
    User,
    /// Administrators only; anyone else gets AADSTS90094.
    Admin,
}

/// A client that needs no consent for some scopes of an API
/// (`preAuthorizedApplications`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreAuthorized {
    #[serde(deserialize_with = "id::lower")]
    pub(crate) client: String,
    pub(crate) scopes: Vec<String>,
}

/// What a registration says it needs of a resource (`requiredResourceAccess`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Required {
    #[serde(deserialize_with = "id::lower")]
    pub(crate) resource: String,
    pub(crate) scopes: Vec<String>,
}
