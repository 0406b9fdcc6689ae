//! The validator, with keys that come by themselves.

use std::sync::Arc;

use foundry_scopes::{TenantAuthority, TenantId};

use super::cache::TokenCache;
use super::client::HttpClient;
use super::source::{KeySource, Need, Snapshot};
use super::transport::HttpTransport;
use crate::decode::peek_claims;
use crate::{Claims, ConfigError, Reason, Rejection, UnverifiedToken, Validator, VerifiedToken};

/// Authenticates tokens: fetches and keeps the keys of each configured tenant, and
/// remembers tokens that it verified.
///
/// A handle: cloning it copies a pointer, and the clones share everything.
///
/// - Keys are fetched on the first token, refreshed every 12 hours in the background, and
///   served for 24 hours while refreshing fails. A token that names an unknown key causes
///   one fetch a minute at most. All of it runs in tasks of the current tokio runtime.
/// - A token is found in the memory by its whole text, until it expires or the keys
///   change. **A token that was revoked is accepted until then**, as it is by any check
///   of signature and times.
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
    /// One per tenant, sorted: made from the configuration and never from a token.
    sources: Vec<(TenantId, KeySource)>,
    cache: TokenCache,
}

/// Makes an [`Authenticator`] with another transport.
#[derive(Debug)]
pub struct AuthenticatorBuilder {
    validator: Validator,
    transport: Option<Arc<dyn HttpTransport>>,
}

impl AuthenticatorBuilder {
    /// Sends requests with `transport` instead of the built-in client.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn HttpTransport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Builds it.
    ///
    /// # Errors
    ///
    /// A built-in HTTP client that cannot be made.
    pub fn build(self) -> Result<Authenticator, ConfigError> {
        let validator = self.validator;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(&validator)?,
        };
        let source = |tenant| {
            let authority = TenantAuthority::new(validator.cloud().clone(), tenant);
            let clock = Arc::clone(validator.clock());
            (
                tenant,
                KeySource::new(authority, Arc::clone(&transport), clock),
            )
        };
        let sources = validator.tenants().tenants().map(source).collect();
        Ok(Authenticator(Arc::new(Inner {
            validator,
            sources,
            cache: TokenCache::new(),
        })))
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
        AuthenticatorBuilder {
            validator,
            transport: None,
        }
    }

    /// The validator.
    #[must_use]
    pub fn validator(&self) -> &Validator {
        &self.0.validator
    }

    /// The token, if it was verified before and nothing has changed since: it has not
    /// expired, and its tenant's keys are at hand and the same.
    ///
    /// This is a look into a memory and not a validation.
    #[must_use]
    pub fn cached(&self, token: &str) -> Option<VerifiedToken> {
        let (verified, generation) = self.0.cache.get(token)?;
        let source = self.source(verified.principal().tenant())?;
        let current = source.current(|snapshot| snapshot.generation)?;
        if current == generation && self.0.validator.is_current(&verified) {
            return Some(verified);
        }
        self.0.cache.remove(token);
        None
    }

    /// Verifies a token, with keys that are fetched if need be.
    ///
    /// The tenant that the token claims only picks one of the configured authorities.
    ///
    /// # Errors
    ///
    /// As [`Validator::verify`]; and if the keys cannot be had, a rejection of the class
    /// [`Unavailable`](crate::RejectionClass::Unavailable).
    pub async fn authenticate(&self, token: &str) -> Result<VerifiedToken, Rejection> {
        if let Some(verified) = self.cached(token) {
            return Ok(verified);
        }
        let (source, claims) = self.route(token)?;
        let began = source.begin();
        let need = match source.current(|snapshot| self.verify(token, snapshot, claims)) {
            None => Need::Keys,
            Some(Err(rejection)) if rejection.reason() == Reason::UnknownKey => Need::NewerKeys,
            Some(decided) => return decided,
        };
        // Before a fetch is made or waited for: what is refused anyway causes none.
        self.0.validator.precheck(token)?;
        if need == Need::NewerKeys {
            // `Debug` escapes what an attacker may have written.
            tracing::debug!(kid = ?named_key(token), "a token names an unknown signing key");
        }
        let snapshot = source.fetched(need, began).await?;
        self.verify(token, &snapshot, None)
    }

    fn verify(
        &self,
        token: &str,
        snapshot: &Snapshot,
        claims: Option<Claims>,
    ) -> Result<VerifiedToken, Rejection> {
        let verified = self
            .0
            .validator
            .verify_with(token, &snapshot.keys, claims)?;
        self.0.cache.insert(verified.clone(), snapshot.generation);
        Ok(verified)
    }

    /// The source of the tenant that the token claims, and the claims if they were read.
    fn route(&self, token: &str) -> Result<(&KeySource, Option<Claims>), Rejection> {
        if let [(_, only)] = &*self.0.sources {
            return Ok((only, None));
        }
        // What is wrong with the header is reported first.
        self.0.validator.check_header(token)?;
        let claims = peek_claims(token).map_err(Rejection::from_decode)?;
        let tenant = claims.tid().and_then(TenantId::from_token);
        match tenant.and_then(|tenant| self.source(tenant)) {
            Some(source) => Ok((source, Some(claims))),
            None => {
                self.0.validator.precheck(token)?;
                Err(Rejection::bare(Reason::TenantNotAllowed))
            }
        }
    }

    fn source(&self, tenant: TenantId) -> Option<&KeySource> {
        let place = self.0.sources.binary_search_by_key(&tenant, |(t, _)| *t);
        self.0.sources.get(place.ok()?).map(|(_, source)| source)
    }
}

/// The `kid` of a token that was read before.
fn named_key(token: &str) -> Option<String> {
    let token = UnverifiedToken::decode(token).ok()?;
    token.header().kid().map(ToOwned::to_owned)
}
