//! The validator, with keys that come by themselves.

use std::sync::Arc;

use foundry_scopes::TenantId;

use super::authority_keys::{AuthorityKeys, Need, Snapshot};
use super::registry::{Desk, Hand};
use super::token_cache::TokenCache;
use super::{AuthenticatorBuilder, KeyHealth, TokenCacheLimits, meter};
use crate::claims::Claims;
use crate::decode::UnverifiedToken;
use crate::key::KeySet;
use crate::principal::VerifiedToken;
use crate::reject::{Reason, Rejection};
use crate::validate::{ConfigError, ExpectedSignIn, SignedIn, Validator};

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
///     AcceptedAudiences::of_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
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
    registry: Option<Desk>,
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
    fn of(&self, tenant: TenantId) -> Option<&AuthorityKeys> {
        match self {
            Self::PerTenant(own) => {
                let place = own.binary_search_by_key(&tenant, |(tenant, _)| *tenant);
                own.get(place.ok()?).map(|(_, keys)| keys)
            }
            Self::Shared(keys) => Some(keys),
        }
    }

    /// Where there is but one, the token need not be asked.
    fn only(&self) -> Option<&AuthorityKeys> {
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

    pub(super) fn from_parts(
        validator: Validator,
        sources: Sources,
        tokens: TokenCacheLimits,
        registry: Option<Desk>,
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

    /// Fetches the keys that are not at hand, so that the first request need not wait.
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
    /// The first authority whose keys cannot be had. Keys at hand are kept.
    pub async fn refresh_keys(&self) -> Result<(), Rejection> {
        let mut outcome = Ok(());
        for keys in self.0.sources.all() {
            outcome = outcome.and(keys.refresh().await);
        }
        outcome
    }

    /// Whether the keys of every authority are at hand. For a readiness probe, after
    /// [`warm_up`](Self::warm_up): without it no keys come before the first token.
    #[must_use]
    pub fn ready(&self) -> bool {
        let keys = self.0.sources.all();
        keys.iter().all(|keys| keys.health().is_ready())
    }

    /// The keys at hand for tokens of `tenant`, read in place: no lock, and no reader slows
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
    /// expired, its tenant's keys are at hand and the same, and what a registry said about its
    /// tenant still counts.
    ///
    /// This is a look into a memory and not a validation.
    #[must_use]
    pub fn cached(&self, token: &str) -> Option<VerifiedToken> {
        let found = self.remembered(token);
        meter::remembered(found.is_some());
        found
    }

    fn remembered(&self, token: &str) -> Option<VerifiedToken> {
        let (verified, generation) = self.0.cache.get(token)?;
        let tenant = verified.principal().tenant();
        let source = self.0.sources.of(tenant)?;
        let current = source.current(|snapshot| snapshot.generation)?;
        let registered = self.0.registry.as_ref().map(|desk| desk.at_hand(tenant));
        let denied = registered == Some(Hand::Unknown);
        if denied || current != generation || !self.0.validator.is_current(&verified) {
            self.0.cache.remove(token);
            return None;
        }
        // Whether its tenant still is in the registry may have to be asked first.
        matches!(registered, None | Some(Hand::Known { .. })).then_some(verified)
    }

    /// Verifies a token, with keys that are fetched if need be.
    ///
    /// The tenant that the token claims only picks one of the configured authorities.
    ///
    /// # Errors
    ///
    /// As [`Validator::verify`]; and if the keys cannot be had or the registry cannot be
    /// asked, a rejection of the class [`Unavailable`](crate::RejectionClass::Unavailable).
    pub async fn authenticate(&self, token: &str) -> Result<VerifiedToken, Rejection> {
        if let Some(verified) = self.cached(token) {
            return Ok(verified);
        }
        let outcome = self.decide(token).await;
        meter::decided(outcome_name(&outcome));
        outcome
    }

    /// Verifies an ID token that the authority's token endpoint just gave this server for a
    /// sign-in on a page of its own: who it was. It opens nothing and is not remembered.
    ///
    /// # Errors
    ///
    /// As [`Validator::verify_id_token`], and as [`authenticate`](Self::authenticate) where
    /// keys cannot be had or the registry cannot be asked.
    pub async fn authenticate_id_token(
        &self,
        token: &str,
        expected: ExpectedSignIn<'_>,
    ) -> Result<SignedIn, Rejection> {
        let (source, _) = self.route(token)?;
        let verify = |snapshot: &Snapshot| {
            let validator = &self.0.validator;
            validator.signed_in(token, &snapshot.keys, expected)
        };
        let began = source.begin();
        let need = match source.current(verify) {
            None => Need::Keys,
            Some(Err(rejection)) if rejection.reason() == Reason::UnknownKey => Need::NewerKeys,
            Some(decided) => return self.admitted(decided?).await,
        };
        let snapshot = source.fetched(need, began).await?;
        self.admitted(verify(&snapshot)?).await
    }

    async fn admitted(&self, who: SignedIn) -> Result<SignedIn, Rejection> {
        if let Some(registry) = &self.0.registry {
            registry.admit(who.key().tenant).await?;
        }
        Ok(who)
    }

    /// What the keys at hand say of a token that is not remembered ([`cached`](Self::cached)),
    /// without waiting. `None` where keys have to be fetched or a registry has to be asked:
    /// then it is [`authenticate`](Self::authenticate) that decides.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use entra_claims::{AcceptedAudiences, Authenticator, KeySet, ManualClock, Reason, TenantPolicy, Validator};
    /// # use entra_claims::keys::StaticKeys;
    /// # use foundry_scopes::{ClientId, Cloud, TenantId};
    /// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
    /// # let keys = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json"));
    /// # let validator = Validator::new(
    /// #     Cloud::public(),
    /// #     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
    /// #     AcceptedAudiences::of_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
    /// # )
    /// # .with_clock(Arc::new(ManualClock::at(1_700_000_000)));
    /// let cold = Authenticator::new(validator.clone())?;
    /// assert!(cold.authenticate_now(token).is_none()); // no keys yet
    ///
    /// let keys = StaticKeys::new(KeySet::from_json(keys.as_bytes())?);
    /// let warm = Authenticator::builder(validator).key_source(Arc::new(keys)).build()?;
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(warm.warm_up())?;
    /// assert!(warm.authenticate_now(token).is_some_and(|decided| decided.is_ok()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn authenticate_now(&self, token: &str) -> Option<Result<VerifiedToken, Rejection>> {
        // A registry may have to be asked after the signature, which is not checked twice.
        if self.0.registry.is_some() {
            return None;
        }
        let outcome = self.decide_now(token)?;
        meter::decided(outcome_name(&outcome));
        Some(outcome)
    }

    fn decide_now(&self, token: &str) -> Option<Result<VerifiedToken, Rejection>> {
        let (source, claims) = match self.route(token) {
            Ok(route) => route,
            Err(rejection) => return Some(Err(rejection)),
        };
        match source.current(|snapshot| self.verify(token, snapshot, claims))? {
            Ok((verified, generation)) => {
                self.0.cache.insert(verified.clone(), generation);
                Some(Ok(verified))
            }
            Err(rejection) if rejection.reason() == Reason::UnknownKey => None,
            Err(rejection) => Some(Err(rejection)),
        }
    }

    async fn decide(&self, token: &str) -> Result<VerifiedToken, Rejection> {
        let (verified, generation) = self.verified(token).await?;
        if let Some(registry) = &self.0.registry {
            registry.admit(verified.principal().tenant()).await?;
        }
        self.0.cache.insert(verified.clone(), generation);
        Ok(verified)
    }

    /// The token with the generation of the keys it was verified with. A registry was not
    /// asked.
    async fn verified(&self, token: &str) -> Result<(VerifiedToken, u64), Rejection> {
        let (source, claims) = self.route(token)?;
        let began = source.begin();
        let need = match source.current(|snapshot| self.verify(token, snapshot, claims)) {
            None => Need::Keys,
            Some(Err(rejection)) if rejection.reason() == Reason::UnknownKey => Need::NewerKeys,
            Some(decided) => return decided,
        };
        if need == Need::NewerKeys {
            meter::unknown_key();
            // `Debug` escapes what an attacker may have written.
            tracing::debug!(kid = ?named_key(token), "a token names an unknown signing key");
            if source.is_settled(began) {
                return Err(Rejection::bare(Reason::UnknownKey));
            }
        }
        // Before a fetch is made or waited for: what is refused anyway causes none.
        self.0.validator.precheck(token)?;
        let snapshot = source.fetched(need, began).await?;
        self.verify(token, &snapshot, None)
    }

    fn verify(
        &self,
        token: &str,
        snapshot: &Snapshot,
        claims: Option<Claims>,
    ) -> Result<(VerifiedToken, u64), Rejection> {
        let keys = &snapshot.keys;
        let verified = self.0.validator.verify_with(token, keys, claims)?;
        Ok((verified, snapshot.generation))
    }

    /// The keys of the tenant that the token claims, and the claims if they were read.
    fn route(&self, token: &str) -> Result<(&AuthorityKeys, Option<Claims>), Rejection> {
        if let Some(only) = self.0.sources.only() {
            return Ok((only, None));
        }
        // What is wrong with the header is reported first.
        self.0.validator.check_header(token)?;
        let claims = self.0.validator.peek(token)?;
        let tenant = claims.tid().and_then(TenantId::from_token);
        match tenant.and_then(|tenant| self.0.sources.of(tenant)) {
            Some(keys) => Ok((keys, Some(claims))),
            None => {
                self.0.validator.precheck(token)?;
                Err(Rejection::bare(Reason::TenantNotAllowed))
            }
        }
    }
}

/// What the figures call it.
fn outcome_name(outcome: &Result<VerifiedToken, Rejection>) -> &'static str {
    match outcome {
        Ok(_) => "accepted",
        Err(rejection) => rejection.code(),
    }
}

/// The `kid` of a token that was read before.
fn named_key(token: &str) -> Option<String> {
    let token = UnverifiedToken::decode(token).ok()?;
    token.header().kid().map(ToOwned::to_owned)
}
