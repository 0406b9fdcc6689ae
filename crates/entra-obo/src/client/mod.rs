//! The exchange client.

mod builder;
mod core;
mod downstream;
mod exchange;
mod prepared;

use std::sync::Arc;

use entra_claims::PrincipalKey;
use foundry_scopes::{ClientId, ScopeSet, TenantAuthority, TenantId};

pub use builder::ExchangeClientBuilder;
pub use downstream::Downstream;

use self::core::Core;
use crate::{ClientCredential, ExchangeError, Stats};

/// A confidential client of one tenant that acts on behalf of users.
///
/// Make one at start and keep it: it holds the cache. Cloning copies a pointer.
///
/// Users of several tenants are served by [`for_tenant`](Self::for_tenant): an exchange
/// asks the tenant that issued the user's token, and refuses a token of another one
/// (Entra doc "On-Behalf-Of flow": for a guest, `/common` would pick the home tenant).
///
/// ```
/// use entra_obo::{ClientCredential, ClientSecret, ExchangeClient};
/// use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
///
/// let client = ExchangeClient::new(
///     TenantAuthority::new(Cloud::public(), TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
///     ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?,
///     ClientCredential::secret(ClientSecret::new("from your configuration")),
/// )?;
/// let graph = client.downstream(ScopeSet::parse("https://graph.microsoft.com/User.Read")?)?;
/// assert_eq!(graph.scopes().resource(), "https://graph.microsoft.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExchangeClient {
    core: Arc<Core>,
    authority: TenantAuthority,
}

impl ExchangeClient {
    /// A client with the built-in transport, the system's clock and the default limits.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::Configuration`]: an empty secret, or an HTTP client that cannot be
    /// made.
    pub fn new(
        authority: TenantAuthority,
        client: ClientId,
        credential: ClientCredential,
    ) -> Result<Self, ExchangeError> {
        Self::builder(authority, client, credential).build()
    }

    /// A client with choices.
    pub fn builder(
        authority: TenantAuthority,
        client: ClientId,
        credential: ClientCredential,
    ) -> ExchangeClientBuilder {
        ExchangeClientBuilder::new(authority, client, credential)
    }

    /// The same application in another tenant of the same cloud, with the same cache,
    /// transport and limits. Entries of different tenants never meet.
    #[must_use]
    pub fn for_tenant(&self, tenant: TenantId) -> Self {
        Self {
            core: Arc::clone(&self.core),
            authority: self.authority.for_tenant(tenant),
        }
    }

    /// Prepares requests for one downstream resource; keep the result.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::Configuration`] for OpenID Connect scopes: an exchange gives an
    /// access token only, and this client neither wants nor keeps the ID and refresh
    /// tokens that those ask for.
    pub fn downstream(&self, scopes: ScopeSet) -> Result<Downstream, ExchangeError> {
        Downstream::prepare(Arc::clone(&self.core), self.authority.clone(), scopes)
    }

    /// The tenant's authority.
    #[must_use]
    pub fn authority(&self) -> &TenantAuthority {
        &self.authority
    }

    /// Forgets what is held for a user, in every tenant's view of this client: at sign-out,
    /// or after AADSTS50173. Requests under way still answer those who wait for them, and
    /// are not kept. A `Retry-After` that concerns the user stays in force.
    pub fn forget(&self, user: PrincipalKey) {
        self.core.forget(user);
    }

    /// Forgets everything that is held.
    pub fn clear(&self) {
        self.core.clear();
    }

    /// What the client did so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.core.stats()
    }
}
