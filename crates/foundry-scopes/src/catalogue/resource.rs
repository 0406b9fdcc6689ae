//! One resource application.

use std::fmt;

use crate::{ClientId, Cloud, KnownCloud, Scope};

/// A resource application of Microsoft's: what it is called in each cloud.
///
/// ```
/// use foundry_scopes::{KnownCloud, catalogue::{self, Confidence}};
///
/// let arm = &catalogue::ARM;
/// // The US Government cloud has another application, not another host only.
/// assert_ne!(
///     arm.application(KnownCloud::Public),
///     arm.application(KnownCloud::UsGovernment)
/// );
/// assert_eq!(arm.confidence(KnownCloud::Public), Some(Confidence::High));
/// ```
pub struct Resource {
    pub(super) name: &'static str,
    pub(super) clouds: &'static [InCloud],
}

/// What a resource is in one cloud.
pub(super) struct InCloud {
    pub(super) cloud: KnownCloud,
    pub(super) application: Option<ClientId>,
    /// Identifier URIs exactly as registered, slashes included.
    pub(super) registered: &'static [&'static str],
    /// Other spellings that Entra ID accepts and that tokens then carry.
    pub(super) seen: &'static [&'static str],
    pub(super) scope: &'static str,
    pub(super) confidence: Confidence,
    pub(super) source: &'static str,
}

/// How sure a row of the catalogue is.
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

impl Resource {
    /// What it is called, for people.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The scope that asks for everything granted in `cloud`, if it is documented there.
    ///
    /// A local Entra ID plays the public cloud; a custom cloud has no rows.
    #[must_use]
    pub fn default_scope(&self, cloud: &Cloud) -> Option<Scope> {
        let row = self.row(cloud.known()?)?;
        Scope::parse(row.scope).ok()
    }

    /// The application id, where it is known.
    ///
    /// It does not identify a resource: Foundry and Azure Machine Learning share one.
    #[must_use]
    pub fn application(&self, cloud: KnownCloud) -> Option<ClientId> {
        self.row(cloud)?.application
    }

    /// The identifier URIs as registered, slashes included.
    #[must_use]
    pub fn identifiers(&self, cloud: KnownCloud) -> &'static [&'static str] {
        self.row(cloud).map_or(&[], |row| row.registered)
    }

    /// Other spellings that tokens carry, since `aud` repeats what was asked for.
    #[must_use]
    pub fn other_spellings(&self, cloud: KnownCloud) -> &'static [&'static str] {
        self.row(cloud).map_or(&[], |row| row.seen)
    }

    /// The clouds it is documented in.
    pub fn clouds(&self) -> impl Iterator<Item = KnownCloud> {
        self.clouds.iter().map(|row| row.cloud)
    }

    /// How sure its row for `cloud` is.
    #[must_use]
    pub fn confidence(&self, cloud: KnownCloud) -> Option<Confidence> {
        self.row(cloud).map(|row| row.confidence)
    }

    /// Where its row for `cloud` was read.
    #[must_use]
    pub fn source(&self, cloud: KnownCloud) -> Option<&'static str> {
        self.row(cloud).map(|row| row.source)
    }

    fn row(&self, cloud: KnownCloud) -> Option<&'static InCloud> {
        self.clouds.iter().find(|row| row.cloud == cloud)
    }
}

/// Each row of the catalogue has its own name, and a test holds that.
impl PartialEq for Resource {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Resource {}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resource({})", self.name)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
