//! Builder of authenticators: transport, key source, limits, tenant registry.

use std::sync::Arc;
use std::time::Duration;

use foundry_scopes::{ClientId, TenantId};

use super::authenticator::{Authenticator, Sources};
use super::authority_keys::AuthorityKeys;
use super::budget::FetchBudget;
use super::pace::{LONGEST_STALE, MAX_STALE};
use super::registry::{RegistryClient, TenantCacheLimits, TenantRegistry};
use super::transport::{HttpClient, HttpTransport};
use super::{HttpKeys, KeyAuthority, KeySource, TokenCacheLimits};
use crate::validate::{ConfigError, Validator};

/// So many tenants of an allow-list have keys of their own; a longer list uses the keys that
/// all tenants share, so that the memory for keys has a bound.
const MOST_OWN_KEYS: usize = 256;

/// Makes an [`Authenticator`] with parts and limits of your own.
#[derive(Debug)]
pub struct AuthenticatorBuilder {
    validator: Validator,
    transport: Option<Arc<dyn HttpTransport>>,
    source: Option<Arc<dyn KeySource>>,
    app: Option<ClientId>,
    max_stale: Duration,
    tokens: TokenCacheLimits,
    registry: Option<Arc<dyn TenantRegistry>>,
    answers: TenantCacheLimits,
}

impl Authenticator {
    /// An authenticator with the built-in HTTP client; plain http only for a cloud made by
    /// [`Cloud::loopback`](foundry_scopes::Cloud::loopback).
    ///
    /// # Errors
    ///
    /// An HTTP client that cannot be made.
    pub fn new(validator: Validator) -> Result<Self, ConfigError> {
        Self::builder(validator).build()
    }

    /// An authenticator with parts of your own.
    #[must_use]
    pub fn builder(validator: Validator) -> AuthenticatorBuilder {
        AuthenticatorBuilder::new(validator)
    }
}

impl AuthenticatorBuilder {
    fn new(validator: Validator) -> Self {
        Self {
            validator,
            transport: None,
            source: None,
            app: None,
            max_stale: MAX_STALE,
            tokens: TokenCacheLimits::default(),
            registry: None,
            answers: TenantCacheLimits::default(),
        }
    }

    /// Sends requests with `transport` instead of the built-in client.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn HttpTransport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Gets keys from `source` instead of the authority's own documents. A transport is of no
    /// use then.
    #[must_use]
    pub fn key_source(mut self, source: Arc<dyn KeySource>) -> Self {
        self.source = Some(source);
        self
    }

    /// Asks for the keys of this application: the API's own client id, where its tokens are
    /// signed with a key of its own. That is so for an application that also signs in with
    /// SAML or maps claims: the `kid` of its tokens is in no other key set.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use entra_claims::keys::{FetchReason, KeyAuthority, KeySource, KeySourceError};
    /// use entra_claims::{AcceptedAudiences, Authenticator, KeySet, TenantPolicy, Validator};
    /// use entra_claims::transport::BoxFuture;
    /// use foundry_scopes::{ClientId, Cloud, TenantId};
    ///
    /// /// Shows what would be asked.
    /// #[derive(Debug)]
    /// struct Asked;
    ///
    /// impl KeySource for Asked {
    ///     fn fetch<'a>(
    ///         &'a self,
    ///         authority: &'a KeyAuthority,
    ///         _: FetchReason,
    ///     ) -> BoxFuture<'a, Result<KeySet, KeySourceError>> {
    ///         let end = "?appid=11112222-bbbb-3333-cccc-4444dddd5555";
    ///         assert!(authority.discovery_url().ends_with(end));
    ///         Box::pin(async { Ok(KeySet::empty()) })
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let api = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
    /// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
    /// let validator = Validator::new(
    ///     Cloud::public(),
    ///     TenantPolicy::single(tenant),
    ///     AcceptedAudiences::for_client(api),
    /// );
    /// let authenticator = Authenticator::builder(validator)
    ///     .app_keys(api)
    ///     .key_source(Arc::new(Asked)) // only for this example
    ///     .build()?;
    /// authenticator.warm_up().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn app_keys(mut self, app: ClientId) -> Self {
        self.app = Some(app);
        self
    }

    /// Serves keys for so long while they cannot be refreshed. The default is 24 hours.
    ///
    /// ```
    /// use std::time::Duration;
    /// use entra_claims::{AcceptedAudiences, Authenticator, TenantPolicy, Validator};
    /// use foundry_scopes::{ClientId, Cloud, TenantId};
    ///
    /// let validator = Validator::new(
    ///     Cloud::public(),
    ///     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
    ///     AcceptedAudiences::for_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
    /// );
    /// let builder = Authenticator::builder(validator);
    /// let days = |days: u64| Duration::from_secs(days * 24 * 3600);
    /// assert!(builder.serve_stale_keys_for(days(3))?.serve_stale_keys_for(days(8)).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Less than 24 hours or more than 7 days.
    pub fn serve_stale_keys_for(mut self, time: Duration) -> Result<Self, ConfigError> {
        ConfigError::check_time("serve_stale_keys_for", time, &(MAX_STALE..=LONGEST_STALE))?;
        self.max_stale = time;
        Ok(self)
    }

    /// How many verified tokens are remembered.
    #[must_use]
    pub fn token_cache(mut self, limits: TokenCacheLimits) -> Self {
        self.tokens = limits;
        self
    }

    /// Asks `registry` whether a tenant is accepted, where the policy is
    /// [`TenantPolicy::registered`](crate::TenantPolicy::registered).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use entra_claims::registry::InMemoryTenants;
    /// use entra_claims::{AcceptedAudiences, Authenticator, ConfigError, TenantPolicy, Validator};
    /// use foundry_scopes::{ClientId, Cloud, TenantId};
    ///
    /// let validator = Validator::new(
    ///     Cloud::public(),
    ///     TenantPolicy::registered(),
    ///     AcceptedAudiences::for_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
    /// );
    /// // Forgetting the registry is no way to let anybody in.
    /// let error = Authenticator::new(validator.clone()).unwrap_err();
    /// assert_eq!(error, ConfigError::NoRegistry);
    ///
    /// // In production a type of your own that asks the database.
    /// let customers = InMemoryTenants::new([TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?]);
    /// let authenticator = Authenticator::builder(validator)
    ///     .tenant_registry(Arc::new(customers))
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn tenant_registry(mut self, registry: Arc<dyn TenantRegistry>) -> Self {
        self.registry = Some(registry);
        self
    }

    /// For how long answers of the registry are kept, and how long it may take.
    #[must_use]
    pub fn tenant_cache(mut self, limits: TenantCacheLimits) -> Self {
        self.answers = limits;
        self
    }

    /// Builds it.
    ///
    /// # Errors
    ///
    /// A built-in HTTP client that cannot be made; External ID without named tenants; a policy that asks a registry without one,
    /// or a registry that the policy does not ask; a limit that cannot work.
    pub fn build(mut self) -> Result<Authenticator, ConfigError> {
        self.answers.check()?;
        let registry = self.registry.take().map(|registry| {
            RegistryClient::new(registry, Arc::clone(self.validator.clock()), self.answers)
        });
        match (self.validator.tenants().is_registered(), &registry) {
            (true, None) => return Err(ConfigError::NoRegistry),
            (false, Some(_)) => return Err(ConfigError::UnusedRegistry),
            _ => {}
        }
        let source = match (&self.source, &self.transport) {
            (Some(source), _) => Arc::clone(source),
            (None, Some(transport)) => Arc::new(HttpKeys::new(Arc::clone(transport))),
            (None, None) => Arc::new(HttpKeys::new(default_transport(&self.validator)?)),
        };
        let sources = self.sources(&source)?;
        Ok(Authenticator::from_parts(
            self.validator,
            sources,
            self.tokens,
            registry,
        ))
    }

    /// From the configuration alone: no token adds one.
    fn sources(&self, source: &Arc<dyn KeySource>) -> Result<Sources, ConfigError> {
        let budget = FetchBudget::new(Arc::clone(self.validator.clock()));
        let keys = |authority| {
            AuthorityKeys::new(
                authority,
                Arc::clone(source),
                Arc::clone(self.validator.clock()),
                self.max_stale,
                Arc::clone(&budget),
            )
        };
        let cloud = self.validator.cloud();
        let policy = self.validator.tenants();
        let listed = policy.listed().filter(|own| own.len() <= MOST_OWN_KEYS);
        let Some(tenants) = listed else {
            if cloud.is_external_id() {
                return Err(ConfigError::UnnamedTenants);
            }
            let alias = policy.alias();
            let authority = KeyAuthority::shared(cloud, alias, self.app);
            return Ok(Sources::Shared(keys(authority)));
        };
        let own = |tenant: &TenantId| {
            let authority = KeyAuthority::tenant_of(cloud, *tenant, self.app);
            (*tenant, keys(authority))
        };
        Ok(Sources::PerTenant(tenants.iter().map(own).collect()))
    }
}

fn default_transport(validator: &Validator) -> Result<Arc<dyn HttpTransport>, ConfigError> {
    let client = if validator.cloud().is_loopback() {
        HttpClient::allowing_loopback()
    } else {
        HttpClient::new()
    };
    Ok(Arc::new(client.map_err(|_| ConfigError::Transport)?))
}
