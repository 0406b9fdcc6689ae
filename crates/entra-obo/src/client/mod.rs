//! The exchange client.

mod agent;
mod builder;
mod code;
mod downstream;
mod exchange;
mod grant;
mod prepared;

pub use agent::AgentIdentity;
pub use builder::ExchangeClientBuilder;
pub use code::{AuthorizationCode, IdToken};
pub use downstream::{AppDownstream, Downstream};
#[cfg(any(feature = "tower", feature = "reqwest"))]
pub(crate) use exchange::Exchange;
pub use grant::AgentUser;

use std::sync::Arc;

use entra_claims::PrincipalKey;
use foundry_scopes::{ClientId, ScopeSet, TenantAuthority, TenantId};

use self::grant::Grant;
use self::prepared::{Core, Prepared, Prover};
use crate::cache::key::{Flow, NO_ASSERTION};
use crate::credential::ClientCredential;
use crate::error::ExchangeError;
use crate::meter::Stats;
use crate::store::StoreError;

/// A confidential client of one tenant that acts on behalf of users, as itself, and for its
/// agent identities.
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
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): a secret that is empty or has blanks around it, or an
    /// HTTP client that cannot be made.
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
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for OpenID Connect scopes: an exchange gives an
    /// access token only, and this client neither wants nor keeps the ID and refresh
    /// tokens that those ask for.
    pub fn downstream(&self, scopes: ScopeSet) -> Result<Downstream, ExchangeError> {
        let request = self.prepare(Flow::OnBehalfOf, scopes)?;
        Ok(Downstream::new(request))
    }

    /// Prepares requests of the application itself for one downstream resource, with its
    /// roles and without any user (Entra doc "OAuth 2.0 client credentials flow"); keep the
    /// result.
    ///
    /// ```
    /// # use entra_obo::{ClientCredential, ClientSecret, ExchangeClient};
    /// # use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
    /// # let client = ExchangeClient::new(
    /// #     TenantAuthority::new(Cloud::public(), TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
    /// #     ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?,
    /// #     ClientCredential::secret(ClientSecret::new("s")),
    /// # )?;
    /// let graph = client.for_app(ScopeSet::parse("https://graph.microsoft.com/.default")?)?;
    /// assert_eq!(graph.scopes().resource(), "https://graph.microsoft.com");
    /// // An application has roles and no named scopes.
    /// assert!(client.for_app(ScopeSet::parse("https://graph.microsoft.com/User.Read")?).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): scopes other than `<resource>/.default`.
    pub fn for_app(&self, scopes: ScopeSet) -> Result<AppDownstream, ExchangeError> {
        let request = self.prepare(Flow::ClientCredentials, scopes)?;
        let key = request.prefix.key(&NO_ASSERTION);
        Ok(AppDownstream::new(request, Grant::ClientCredentials, key))
    }

    /// An agent identity of this client, which is its blueprint, in this client's tenant.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): a cloud whose audience for token exchanges is not
    /// known.
    pub fn agent(&self, agent: ClientId) -> Result<AgentIdentity, ExchangeError> {
        AgentIdentity::new(Arc::clone(&self.core), self.authority.clone(), agent)
    }

    fn prepare(&self, flow: Flow, scopes: ScopeSet) -> Result<Prepared, ExchangeError> {
        let authority = self.authority.clone();
        Prepared::new(&self.core, authority, Prover::Client, flow, scopes)
    }

    /// The tenant's authority.
    #[must_use]
    pub fn authority(&self) -> &TenantAuthority {
        &self.authority
    }

    /// Forgets what is held for a user, in every tenant's view of this client: at sign-out,
    /// or after AADSTS50173. Requests under way still answer those who wait for them, and
    /// are not kept. A `Retry-After` that concerns the user stays in force.
    ///
    /// With a [shared store](ExchangeClientBuilder::shared) nothing that is in it for
    /// the user is a hit any more, in any process. What other processes hold in memory stays
    /// there until its end.
    ///
    /// Begins when the future is first polled; the store is updated by a task of its own, which
    /// goes on if the future is dropped.
    ///
    /// This process remembers the user for 28 hours (100,000 users at most) and takes nothing from the
    /// store that was requested before, also if the store was rolled back meanwhile: a failover to
    /// a replica that lags, a restored snapshot. Other processes rely on the store: on reads from its
    /// primary, and on writes that it does not lose.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the store could not be updated. This process has forgotten the user in
    /// any case, and takes nothing from the store for the user until it could; the others
    /// know nothing of it. Call again. Without a store there is no error.
    pub async fn forget(&self, user: PrincipalKey) -> Result<(), StoreError> {
        self.core.engine.forget(user).await
    }

    /// Forgets everything that this process holds. What is in a shared store stays there
    /// until its end: to drop that, give all processes new [`SealingKeys`](crate::store::SealingKeys).
    pub fn clear(&self) {
        self.core.engine.clear();
    }

    /// What the client did so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.core.engine.stats()
    }
}
