//! Builder of the exchange client.

use std::sync::Arc;

use entra_claims::Clock;
use entra_claims::transport::{HttpClient, HttpTransport};
use foundry_scopes::{ClientId, TenantAuthority};

use super::ExchangeClient;
use super::prepared::Core;
use crate::cache::CacheLimits;
use crate::credential::{ClientCredential, Credentials};
use crate::engine::Engine;
use crate::error::ExchangeError;
use crate::overrides::Surroundings;
use crate::store::{SharedCache, SharedTier};
use crate::throttle::ThrottleScope;

/// Sets up an [`ExchangeClient`].
///
/// ```
/// use entra_obo::{CacheLimits, ClientCredential, ClientSecret, ExchangeClient};
/// # use foundry_scopes::{ClientId, Cloud, TenantAuthority, TenantId};
/// # let authority = TenantAuthority::new(Cloud::public(), TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?);
/// # let client_id = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
/// # let credential = ClientCredential::secret(ClientSecret::new("s"));
///
/// let client = ExchangeClient::builder(authority, client_id, credential)
///     .client_capabilities(["cp1"]) // the API's claims challenges are handled
///     .cache_limits(CacheLimits::default().with_entries(100_000))
///     .build()?;
/// assert_eq!(client.stats().entries, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct ExchangeClientBuilder {
    authority: TenantAuthority,
    client: ClientId,
    credentials: Vec<ClientCredential>,
    capabilities: Vec<String>,
    limits: CacheLimits,
    throttle: ThrottleScope,
    surroundings: Surroundings,
    shared: Option<SharedTier>,
}

impl ExchangeClientBuilder {
    pub(super) fn new(
        authority: TenantAuthority,
        client: ClientId,
        credential: ClientCredential,
    ) -> Self {
        Self {
            authority,
            client,
            credentials: vec![credential],
            capabilities: Vec::new(),
            limits: CacheLimits::default(),
            throttle: ThrottleScope::default(),
            surroundings: Surroundings::default(),
            shared: None,
        }
    }

    /// One more credential, for when Entra ID refuses those before it. While a secret or a
    /// certificate is rotated, give the new one and the old one: the client goes on with
    /// whichever works, and stays with it.
    pub fn or_credential(mut self, credential: ClientCredential) -> Self {
        self.credentials.push(credential);
        self
    }

    /// Whom a `Retry-After` holds back; the one user that it was said to by default.
    pub fn throttle(mut self, scope: ThrottleScope) -> Self {
        self.throttle = scope;
        self
    }

    /// Sends requests through this transport instead of the built-in client. It must not
    /// follow redirects.
    pub fn transport(mut self, transport: Arc<dyn HttpTransport>) -> Self {
        self.surroundings.transport = Some(transport);
        self
    }

    pub(crate) fn surroundings(mut self, surroundings: Surroundings) -> Self {
        self.surroundings = surroundings;
        self
    }

    /// Takes the time from this clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.surroundings.clock = Some(clock);
        self
    }

    /// What this client can handle, for example `cp1`: it passes claims challenges of the
    /// downstream API on (Entra doc "Claims challenges, claims requests, and client
    /// capabilities"). Sent with every request.
    pub fn client_capabilities<S: Into<String>>(
        mut self,
        capabilities: impl IntoIterator<Item = S>,
    ) -> Self {
        self.capabilities = capabilities.into_iter().map(Into::into).collect();
        self.capabilities.sort();
        self.capabilities.dedup();
        self
    }

    /// How many tokens are kept, and how much life they need to be handed out.
    pub fn cache_limits(mut self, limits: CacheLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Shares tokens with other processes through a store; see [`SharedStore`] for what it has
    /// to do and what it never gets to know.
    ///
    /// [`SharedStore`]: crate::store::SharedStore
    ///
    /// Memory is asked first, then the store, then Entra ID. What comes from Entra ID is put
    /// into the store sealed, for the life that it has left, by a background task.
    /// Processes share what they ask for alike: the same cloud, tenant, client, kind of
    /// credential, scopes, capabilities and user's token.
    ///
    /// The tokens between the legs of an agent identity stay in their process.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use entra_claims::{ManualClock, dangerous};
    /// use entra_obo::testing::MemoryStore;
    /// use entra_obo::store::{SealingKeys, SealingSecret, SharedTier};
    /// use entra_obo::{ClientCredential, ClientSecret, ExchangeClient, UserAssertion};
    /// use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
    /// # use entra_emulator::{Directory, Emulator, demo};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start(Directory::demo()).await?;
    /// # let authority = TenantAuthority::new(Cloud::loopback(emulator.base_url())?, TenantId::parse(demo::TENANT)?);
    /// # let bearer = emulator.forge()
    /// #     .user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER, &[demo::MCP_READ])?
    /// #     .sign()?;
    /// # let user = UserAssertion::try_from(&dangerous::assume_verified(&bearer)?)?;
    /// let store = Arc::new(MemoryStore::default()); // in production, Redis
    /// let process = || {
    ///     let secret = SealingSecret::from_base64("8tSLVZVNZ6cT2Xkka9gMsnU9SfkVHN84W3SkRm0ZVnE=")?;
    ///     let id = ClientId::parse(demo::MCP_SERVER)?;
    ///     let credential = ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET));
    ///     let client = ExchangeClient::builder(authority.clone(), id, credential)
    ///         .shared(SharedTier::new(store.clone(), SealingKeys::new(secret)))
    ///         .build()?;
    ///     Ok::<_, Box<dyn std::error::Error>>(client)
    /// };
    /// let (one, two) = (process()?, process()?);
    /// let scopes = ScopeSet::parse(demo::ORDERS_READ_SCOPE)?;
    ///
    /// one.downstream(scopes.clone())?.token_on_behalf_of(&user).await?;
    /// # while store.names().len() < 2 { tokio::task::yield_now().await; }
    /// two.downstream(scopes)?.token_on_behalf_of(&user).await?;
    /// assert_eq!(two.stats().requests, 0);
    /// assert_eq!(two.stats().remote_hits, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn shared(mut self, tier: SharedTier) -> Self {
        self.shared = Some(tier);
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): a secret that is empty or has blanks around it, or an
    /// HTTP client that cannot be made.
    pub fn build(self) -> Result<ExchangeClient, ExchangeError> {
        let credentials = Credentials::new(self.credentials);
        if let Some(reason) = credentials.problem() {
            return Err(ExchangeError::configuration(reason));
        }
        let cloud = self.authority.cloud();
        let transport = self.surroundings.transport(|| match cloud.is_loopback() {
            // Plain http only to a local Entra ID.
            true => HttpClient::allowing_loopback(),
            false => HttpClient::new(),
        })?;
        let clock = self.surroundings.clock();
        let shared = match self.shared {
            Some(tier) => {
                let shared = SharedCache::new(&tier);
                Some(shared.map_err(|_| {
                    ExchangeError::configuration("no keys can be derived from the sealing secrets")
                })?)
            }
            None => None,
        };
        let core = Core {
            client: self.client,
            credentials,
            capabilities: self.capabilities,
            transport,
            engine: Arc::new(Engine::new(self.limits, self.throttle, clock, shared)),
        };
        Ok(ExchangeClient {
            core: Arc::new(core),
            authority: self.authority,
        })
    }
}
