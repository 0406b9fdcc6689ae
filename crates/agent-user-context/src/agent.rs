//! Agent identity that acts for a user: client id and tenant.

use std::fmt;

use entra_claims::VerifiedToken;
use foundry_scopes::{ClientId, TenantId};

/// The agent that acts: the client id (`azp`, `appid`) of its own tokens, and its tenant.
///
/// ```
/// use agent_user_context::AgentId;
/// use foundry_scopes::{ClientId, TenantId};
///
/// let agent = AgentId::new(
///     ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?,
///     TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?,
/// );
/// assert!(agent.to_string().starts_with("11112222-"));
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgentId {
    client: ClientId,
    tenant: TenantId,
}

impl AgentId {
    /// An agent of this tenant.
    #[must_use]
    pub const fn new(client: ClientId, tenant: TenantId) -> Self {
        Self { client, tenant }
    }

    /// The client of a verified token.
    #[must_use]
    pub fn from_token(token: &VerifiedToken) -> Self {
        Self::new(token.principal().client(), token.principal().tenant())
    }

    /// The client id.
    #[must_use]
    pub const fn client(&self) -> ClientId {
        self.client
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.client, self.tenant)
    }
}

impl fmt::Debug for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgentId({self})")
    }
}
