//! Authenticator: a validator with its key sources, token cache and tenant registry.

use std::sync::Arc;

use foundry_scopes::TenantId;

use super::authority_keys::AuthorityKeys;
use super::budget::Need;
use super::registry::{CachedAnswer, RegistryClient};
use super::token_cache::TokenCache;
use super::{KeyHealth, TokenCacheLimits, meter};
use crate::key::KeySet;
use crate::principal::VerifiedToken;
use crate::reject::Rejection;
use crate::validate::Validator;

/// Authenticates tokens: fetches and keeps the keys of each configured tenant, and
/// remembers tokens that it verified.
///
/// A handle: cloning it copies a pointer, and the clones share everything.
///
/// - Keys are fetched on the first token, refreshed every 12 hours in the background, and
///   served for 24 hours while refreshing fails. A token that names an unknown key causes
///   one fetch a minute at most. All of it runs in tasks of the current tokio runtime.
/// - A token is found in the memory by its whole text, until it expires or a key of its
///   authority is withdrawn. **A token that was revoked is accepted until then**, as it is by any check
///   of signature and times.
/// - Where the policy leaves tenants to a [registry](crate::registry), it is asked about the
///   tenants of tokens whose signature held, and its answer is kept for some minutes.
/// - What cannot be decided is [`Unavailable`](crate::RejectionClass::Unavailable), never
///   "invalid".
///
/// ```
/// use entra_claims::{AcceptedAudiences, Authenticator, TenantPolicy, Validator};
/// use foundry_scopes::{ClientId, Cloud, TenantId};
///
/// let authenticator = Authenticator::new(Validator::new(
///     Cloud::public(),
///     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
///     AcceptedAudiences::for_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
/// ))?;
/// assert!(authenticator.cached("no token").is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Authenticator(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    validator: Validator,
    sources: Sources,
    cache: TokenCache,
    /// Where the policy leaves tenants to a registry.
    registry: Option<RegistryClient>,
}

/// Whose keys there are: made from the configuration and never from a token.
#[derive(Debug)]
pub(super) enum Sources {
    /// One per tenant, sorted.
    PerTenant(Vec<(TenantId, AuthorityKeys)>),
    /// One for all tenants.
    Shared(AuthorityKeys),
}

impl Sources {
    pub(super) fn of(&self, tenant: TenantId) -> Option<&AuthorityKeys> {
        match self {
            Self::PerTenant(own) => {
                let place = own.binary_search_by_key(&tenant, |(tenant, _)| *tenant);
                own.get(place.ok()?).map(|(_, keys)| keys)
            }
            Self::Shared(keys) => Some(keys),
        }
    }

    /// Where there is but one, the token need not be asked.
    pub(super) fn only(&self) -> Option<&AuthorityKeys> {
        match self {
            Self::PerTenant(own) => match own.as_slice() {
                [(_, only)] => Some(only),
                _ => None,
            },
            Self::Shared(keys) => Some(keys),
        }
    }

    fn all(&self) -> Vec<&AuthorityKeys> {
        match self {
            Self::PerTenant(own) => own.iter().map(|(_, keys)| keys).collect(),
            Self::Shared(keys) => vec![keys],
        }
    }
}

impl Authenticator {
    pub(super) fn from_parts(
        validator: Validator,
        sources: Sources,
        tokens: TokenCacheLimits,
        registry: Option<RegistryClient>,
    ) -> Self {
        Self(Arc::new(Inner {
            validator,
            sources,
            cache: TokenCache::new(tokens),
            registry,
        }))
    }

    /// The validator.
    #[must_use]
    pub fn validator(&self) -> &Validator {
        &self.0.validator
    }

    /// Fetches the keys that are missing, so that the first request need not wait.
    ///
    /// A failure is not final: the first token tries again.
    ///
    /// # Errors
    ///
    /// The first authority whose keys cannot be had. The others are asked all the same.
    pub async fn warm_up(&self) -> Result<(), Rejection> {
        let mut outcome = Ok(());
        for keys in self.0.sources.all() {
            let began = keys.begin();
            if keys.current(|_| ()).is_none() {
                outcome = outcome.and(keys.fetched(Need::Keys, began).await.map(drop));
            }
        }
        outcome
    }

    /// Fetches all keys now, for example because a key was withdrawn in an emergency. Only a
    /// pause after a failure is kept.
    ///
    /// # Errors
    ///
    /// The first authority whose keys cannot be fetched. Keys fetched earlier are kept.
    pub async fn refresh_keys(&self) -> Result<(), Rejection> {
        let mut outcome = Ok(());
        for keys in self.0.sources.all() {
            outcome = outcome.and(keys.refresh().await);
        }
        outcome
    }

    /// Whether the keys of every authority have been fetched. For a readiness probe, after
    /// [`warm_up`](Self::warm_up): without it no keys come before the first token.
    #[must_use]
    pub fn ready(&self) -> bool {
        let keys = self.0.sources.all();
        keys.iter().all(|keys| keys.health().is_ready())
    }

    /// The fetched keys for tokens of `tenant`, read in place: no lock, and no reader slows
    /// another down. `None` if there are none, they are too old, or the tenant is not
    /// accepted. Starts a refresh when one is due, and never waits for it.
    ///
    /// For a [`Validator`] of your own beside this one.
    pub fn with_keys<T>(&self, tenant: TenantId, look: impl FnOnce(&KeySet) -> T) -> Option<T> {
        if !self.0.validator.tenants().may_allow(tenant) {
            return None;
        }
        let keys = self.0.sources.of(tenant)?;
        keys.current(|snapshot| look(&snapshot.keys))
    }

    /// How the keys of each authority are: their number and age, and for how long fetching
    /// has failed.
    #[must_use]
    pub fn key_health(&self) -> Vec<KeyHealth> {
        let keys = self.0.sources.all();
        keys.iter().map(|keys| keys.health()).collect()
    }

    /// Forgets what the tenant registry said about `tenant`, which is asked again with the
    /// next token: for a tenant that was just removed or added. Without a registry this does
    /// nothing.
    pub fn forget_tenant(&self, tenant: TenantId) {
        if let Some(registry) = &self.0.registry {
            registry.forget(tenant);
        }
    }

    /// The token, if it was verified before and nothing has changed since: it has not
    /// expired, its tenant's keys are present and the same, and what a registry said about its
    /// tenant still counts.
    ///
    /// This is a look into a memory and not a validation.
    #[must_use]
    pub fn cached(&self, token: impl AsRef<[u8]>) -> Option<VerifiedToken> {
        let found = self.remembered(token.as_ref());
        meter::remembered(found.is_some());
        found
    }

    fn remembered(&self, token: &[u8]) -> Option<VerifiedToken> {
        let (verified, generation) = self.0.cache.get(token)?;
        let tenant = verified.principal().tenant();
        let source = self.0.sources.of(tenant)?;
        let (wall, now) = source.times();
        let current = source.current_at(now, |snapshot| snapshot.generation)?;
        let registered = self
            .0
            .registry
            .as_ref()
            .map(|registry| registry.cached(tenant));
        let denied = registered == Some(CachedAnswer::Unknown);
        if denied || current != generation || !self.0.validator.is_current(&verified, wall) {
            self.0.cache.remove(token);
            return None;
        }
        // Whether its tenant still is in the registry may have to be asked first.
        matches!(registered, None | Some(CachedAnswer::Known { .. })).then_some(verified)
    }

    /// Keeps a verified token, with the generation of the keys it was verified with.
    pub(super) fn remember(&self, verified: VerifiedToken, generation: u64) -> VerifiedToken {
        self.0.cache.insert(verified.clone(), generation);
        verified
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.0.sources
    }

    /// Where the policy leaves tenants to a registry.
    pub(super) fn registry(&self) -> Option<&RegistryClient> {
        self.0.registry.as_ref()
    }
}
