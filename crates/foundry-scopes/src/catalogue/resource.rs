//! A resource application: its identifiers, scopes and hosts per cloud.

use std::fmt;

use super::role::{Confidence, Role};
use crate::cloud::{Cloud, KnownCloud};
use crate::id::ClientId;
use crate::scope::Scope;

/// A resource application of Microsoft's: what it is called in each cloud.
///
/// ```
/// use foundry_scopes::{KnownCloud, catalogue::{self, Confidence, IssuedTokenVersion}};
///
/// let arm = &catalogue::ARM;
/// // The US Government cloud has another application, not another host only.
/// assert_ne!(
///     arm.application(KnownCloud::Public),
///     arm.application(KnownCloud::UsGovernment)
/// );
/// assert_eq!(arm.confidence(KnownCloud::Public), Some(Confidence::High));
/// assert_eq!(arm.token_version(), IssuedTokenVersion::V1);
/// ```
pub struct Resource {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// Display names in pickers and older names.
    pub(super) also: &'static [&'static str],
    pub(super) clouds: &'static [InCloud],
    pub(super) tokens: IssuedTokenVersion,
    /// Delegated permissions, short.
    pub(super) permissions: &'static [&'static str],
    pub(super) roles: &'static [&'static Role],
    pub(super) insufficient: &'static [&'static Role],
    /// How access is granted where it is not by the roles, or not by them alone.
    pub(super) access: &'static str,
    pub(super) quirks: &'static [&'static str],
}

/// The form of access tokens that a resource gets: its registration decides, never the
/// endpoint that was asked (Entra doc "Access tokens": token formats).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum IssuedTokenVersion {
    /// `ver` is 1.0, and `aud` is the identifier that was asked for, byte for byte.
    V1,
    /// `ver` is 2.0, and `aud` is the application id.
    V2,
    /// It is the customer's registration, so either.
    Registration,
    /// Not documented.
    Unknown,
}

impl IssuedTokenVersion {
    /// The word for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::Registration => "registration",
            Self::Unknown => "unknown",
        }
    }
}

impl Resource {
    /// What the tables start from.
    pub(super) const NEW: Self = Self {
        code: "",
        name: "",
        also: &[],
        clouds: &[],
        tokens: IssuedTokenVersion::V1,
        permissions: &[],
        roles: &[],
        insufficient: &[],
        access: "",
        quirks: &[],
    };

    /// The stable code, for machines and command lines: `azure_ai`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// What it is called, for people.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Display names that pickers and older documents show.
    ///
    /// ```
    /// use foundry_scopes::catalogue;
    ///
    /// assert!(catalogue::SEARCH.other_names().contains(&"Azure Cognitive Search"));
    /// ```
    #[must_use]
    pub const fn other_names(&self) -> &'static [&'static str] {
        self.also
    }

    /// The scope that asks for everything granted in `cloud`, if it is documented there.
    /// Where another resource's token is used in its place, that one's.
    ///
    /// A local Entra ID plays the public cloud; a custom cloud has the rows of the one
    /// that its configuration names, if any.
    #[must_use]
    pub fn default_scope(&self, cloud: &Cloud) -> Option<Scope> {
        self.scope_in(cloud.known()?)
    }

    /// As [`Resource::default_scope`], for a cloud by name.
    #[must_use]
    pub fn scope_in(&self, cloud: KnownCloud) -> Option<Scope> {
        let row = self.row(cloud)?;
        match row.instead {
            Some(other) => other.scope_in(cloud),
            None => Some(Scope::of_table(row.scopes.first()?)),
        }
    }

    /// All scopes for everything granted, as text: the resource's own, the usual first.
    #[must_use]
    pub fn scopes(&self, cloud: KnownCloud) -> &'static [&'static str] {
        self.row(cloud).map_or(&[], |row| row.scopes)
    }

    /// The resource whose token is used in its place in `cloud`.
    #[must_use]
    pub fn instead(&self, cloud: KnownCloud) -> Option<&'static Self> {
        self.row(cloud)?.instead
    }

    /// The application id, where it is known.
    ///
    /// It does not identify a resource: Foundry and Azure Machine Learning share one.
    #[must_use]
    pub fn application(&self, cloud: KnownCloud) -> Option<ClientId> {
        self.row(cloud)?.application
    }

    /// The identifier URIs as registered, slashes included. A `*` stands for one label.
    #[must_use]
    pub fn identifiers(&self, cloud: KnownCloud) -> &'static [&'static str] {
        self.row(cloud).map_or(&[], |row| row.registered)
    }

    /// Other spellings that tokens carry, since `aud` repeats what was asked for.
    #[must_use]
    pub fn other_spellings(&self, cloud: KnownCloud) -> &'static [&'static str] {
        self.row(cloud).map_or(&[], |row| row.seen)
    }

    /// The hosts its tokens are sent to, as patterns: `*.openai.azure.com`. They inform;
    /// where a token may go is decided by `Endpoint`.
    #[must_use]
    pub fn hosts(&self, cloud: KnownCloud) -> &'static [&'static str] {
        self.row(cloud).map_or(&[], |row| row.hosts)
    }

    /// The form of access tokens it gets.
    #[must_use]
    pub const fn token_version(&self) -> IssuedTokenVersion {
        self.tokens
    }

    /// Its delegated permissions, short, as far as they are documented.
    #[must_use]
    pub const fn permissions(&self) -> &'static [&'static str] {
        self.permissions
    }

    /// Roles that let a caller in, the narrowest usual one first.
    #[must_use]
    pub const fn roles(&self) -> &'static [&'static Role] {
        self.roles
    }

    /// Roles that people expect to be enough and that are not.
    #[must_use]
    pub const fn insufficient_roles(&self) -> &'static [&'static Role] {
        self.insufficient
    }

    /// How access is granted where roles do not do it, or not alone.
    #[must_use]
    pub fn access(&self) -> Option<&'static str> {
        (!self.access.is_empty()).then_some(self.access)
    }

    /// What surprises people, one sentence each.
    #[must_use]
    pub const fn quirks(&self) -> &'static [&'static str] {
        self.quirks
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
    pub fn sources(&self, cloud: KnownCloud) -> &'static [&'static str] {
        self.row(cloud).map_or(&[], |row| row.sources)
    }

    fn row(&self, cloud: KnownCloud) -> Option<&'static InCloud> {
        self.clouds.iter().find(|row| row.cloud == cloud)
    }
}

/// Each row of the catalogue has its own code, and a test holds that.
impl PartialEq for Resource {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Resource {}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resource({})", self.code)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What a resource is in one cloud.
pub(super) struct InCloud {
    pub(super) cloud: KnownCloud,
    pub(super) application: Option<ClientId>,
    /// Identifier URIs exactly as registered, slashes included; one with `*` stands for
    /// any single label in its place.
    pub(super) registered: &'static [&'static str],
    /// Other spellings that Entra ID accepts and that tokens then carry.
    pub(super) seen: &'static [&'static str],
    /// The scopes for everything granted, the usual one first; none where the audience is
    /// the customer's own.
    pub(super) scopes: &'static [&'static str],
    /// Whose token is used in its place.
    pub(super) instead: Option<&'static Resource>,
    pub(super) hosts: &'static [&'static str],
    pub(super) confidence: Confidence,
    pub(super) sources: &'static [&'static str],
}

/// A row with nothing but its cloud and where it was read.
pub(super) const fn row(
    cloud: KnownCloud,
    confidence: Confidence,
    sources: &'static [&'static str],
) -> InCloud {
    InCloud {
        cloud,
        application: None,
        registered: &[],
        seen: &[],
        scopes: &[],
        instead: None,
        hosts: &[],
        confidence,
        sources,
    }
}

impl InCloud {
    pub(super) const fn app(mut self, id: u128) -> Self {
        self.application = Some(ClientId::from_u128(id));
        self
    }

    pub(super) const fn registered(mut self, uris: &'static [&'static str]) -> Self {
        self.registered = uris;
        self
    }

    pub(super) const fn seen(mut self, uris: &'static [&'static str]) -> Self {
        self.seen = uris;
        self
    }

    pub(super) const fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    pub(super) const fn instead(mut self, resource: &'static Resource) -> Self {
        self.instead = Some(resource);
        self
    }

    pub(super) const fn hosts(mut self, hosts: &'static [&'static str]) -> Self {
        self.hosts = hosts;
        self
    }
}
