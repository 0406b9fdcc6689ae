//! How the keys are, for health endpoints.

use std::time::Duration;

use foundry_scopes::TenantId;

/// How the keys of one authority are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyHealth {
    /// The tenant, if the authority is one tenant's own.
    pub tenant: Option<TenantId>,
    /// How many usable keys there are; 0 if there are none, or only ones that are too old.
    pub keys: usize,
    /// How long ago the keys at hand were fetched.
    pub age: Option<Duration>,
    /// For how long fetching has failed. Keys at hand are served meanwhile.
    pub degraded_for: Option<Duration>,
}

impl KeyHealth {
    /// Whether tokens of this authority can be decided.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.keys > 0
    }
}
