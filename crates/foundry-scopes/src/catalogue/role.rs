//! Role definitions, and the confidence of catalogue facts.

use std::fmt;

use crate::id::RoleId;

/// A role that lets a caller in, or one that people expect to and that does not.
///
/// Roles are renamed, their ids are not: assign by id, show both names.
///
/// ```
/// use foundry_scopes::catalogue::{self, RoleKind, roles};
///
/// let role = &roles::FOUNDRY_USER;
/// assert_eq!(role.former_name(), Some("Azure AI User"));
/// assert_eq!(role.id().to_string(), "53ca6127-db72-4b80-b1b0-d745d6d5456d");
/// assert_eq!(role.kind(), RoleKind::Azure);
/// assert_eq!(catalogue::role_by_name("azure ai user"), Some(role));
/// ```
pub struct Role {
    pub(super) name: &'static str,
    pub(super) former: Option<&'static str>,
    pub(super) id: RoleId,
    pub(super) kind: RoleKind,
    pub(super) grants: &'static str,
    pub(super) confidence: Confidence,
    pub(super) source: &'static str,
}

/// Where a role is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RoleKind {
    /// Azure role-based access control: `az role assignment create`.
    Azure,
    /// The account's own roles: `az cosmosdb sql role assignment create`.
    CosmosSql,
}

impl Role {
    /// A role of Azure's documentation of built-in roles.
    pub(super) const fn azure(name: &'static str, id: u128, grants: &'static str) -> Self {
        Self {
            name,
            former: None,
            id: RoleId::from_u128(id),
            kind: RoleKind::Azure,
            grants,
            confidence: Confidence::High,
            source: "Azure doc \"Azure built-in roles\"",
        }
    }

    pub(super) const fn formerly(mut self, name: &'static str) -> Self {
        self.former = Some(name);
        self
    }

    pub(super) const fn from(mut self, source: &'static str, confidence: Confidence) -> Self {
        self.source = source;
        self.confidence = confidence;
        self
    }

    pub(super) const fn of_cosmos(mut self) -> Self {
        self.kind = RoleKind::CosmosSql;
        self
    }

    /// What it is called today.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it was called before, which documents and scripts still show.
    #[must_use]
    pub const fn former_name(&self) -> Option<&'static str> {
        self.former
    }

    /// The id of the role definition, the same in every tenant and cloud.
    #[must_use]
    pub const fn id(&self) -> RoleId {
        self.id
    }

    /// Where it is assigned.
    #[must_use]
    pub const fn kind(&self) -> RoleKind {
        self.kind
    }

    /// What it grants of the data plane, in a few words.
    #[must_use]
    pub const fn grants(&self) -> &'static str {
        self.grants
    }

    /// How sure the id is.
    #[must_use]
    pub const fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Where it was read.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        self.source
    }
}

/// Each role has its own id, and a test holds that.
impl PartialEq for Role {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Role {}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Role({self})")
    }
}

/// `Foundry User (formerly Azure AI User)`
impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match self.former {
            Some(former) => write!(f, " (formerly {former})"),
            None => Ok(()),
        }
    }
}

/// How sure a row of the catalogue is.
///
/// ```
/// use foundry_scopes::catalogue::Confidence;
///
/// assert!(Confidence::High > Confidence::Low);
/// assert_eq!(Confidence::Medium.to_string(), "medium");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Confidence {
    /// Reported or remembered; check it before relying on it.
    Low,
    /// One document or one client says so.
    Medium,
    /// Read from the directory, or several independent clients agree.
    High,
}

impl Confidence {
    /// The word for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
