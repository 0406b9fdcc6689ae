//! What a resource is in one cloud, and how the tables write it down.

use super::{Confidence, Resource};
use crate::{ClientId, KnownCloud};

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
