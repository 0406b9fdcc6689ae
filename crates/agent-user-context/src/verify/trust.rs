//! Trusted issuers: whose contexts an API takes, of which agents, for users of which tenants.

use std::collections::HashSet;
use std::sync::Arc;

use foundry_scopes::TenantId;

use super::source::{ContextKeySource, ContextKeysOf};
use crate::agent::AgentId;

/// An issuer whose contexts an API takes.
///
/// All of it is named: an issuer may speak of its own agents only, and of users of these tenants only. Its keys come
/// from the configured source and never from what a context says.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    pub(super) url: Box<str>,
    pub(super) source: Arc<dyn ContextKeySource>,
    pub(super) agents: HashSet<AgentId>,
    pub(super) tenants: Vec<TenantId>,
}

impl TrustedIssuer {
    /// The issuer of this name (`iss`, byte for byte), with keys from this source.
    #[must_use]
    pub fn new(
        url: impl Into<String>,
        keys: impl ContextKeySource + 'static,
        agents: impl IntoIterator<Item = AgentId>,
        users_of: impl IntoIterator<Item = TenantId>,
    ) -> Self {
        Self {
            url: url.into().into(),
            source: Arc::new(keys),
            agents: agents.into_iter().collect(),
            tenants: users_of.into_iter().collect(),
        }
    }
}

/// An issuer with its keys.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) url: Box<str>,
    pub(super) keys: ContextKeysOf,
    pub(super) agents: HashSet<AgentId>,
    pub(super) tenants: Vec<TenantId>,
}
