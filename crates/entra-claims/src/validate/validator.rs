//! Validator: its configuration, and the two versions of access tokens.

use std::sync::Arc;
use std::time::Duration;

use entra_parts::clock::{Clock, SystemClock};
use foundry_scopes::Cloud;

use super::{AcceptedAudiences, ConfigError, TenantPolicy, TokenVersion};
use crate::decode::MAX_TOKEN;
use crate::key::Algorithm;
use crate::principal::VerifiedToken;

/// The most clock skew that may be configured, in seconds.
pub(crate) const MAX_LEEWAY: u64 = 600;
/// Microsoft's own libraries allow as much.
const DEFAULT_LEEWAY: i64 = 300;
/// Zero would be read as no limit.
pub(crate) const LEAST_MAX_TOKEN: usize = 1;
/// About what Microsoft's own library reads.
pub(crate) const MOST_MAX_TOKEN: usize = 256 * 1024;

/// Decides whether a token is accepted. No I/O, no global state.
///
/// Cloud, tenants and audiences have no defaults: a validator without them cannot be
/// written. See [`Reason`](crate::Reason) for the checks and their order.
///
/// ```
/// use std::sync::Arc;
/// use entra_claims::{AcceptedAudiences, KeySet, ManualClock, Reason, TenantPolicy, Validator};
/// use foundry_scopes::{ClientId, Cloud, TenantId};
/// # let keys = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json"));
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let clock = Arc::new(ManualClock::at(1_700_000_000));
/// let validator = Validator::new(
///     Cloud::public(),
///     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
///     AcceptedAudiences::for_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
/// )
/// .with_clock(clock.clone());
/// let keys = KeySet::from_json(keys.as_bytes())?;
///
/// let verified = validator.verify(token, &keys)?;
/// assert_eq!(verified.claims().name(), Some("Alice"));
///
/// clock.set_wall(1_700_010_000);
/// assert_eq!(validator.verify(token, &keys).unwrap_err().reason(), Reason::Expired);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Validator {
    pub(super) cloud: Cloud,
    pub(super) tenants: TenantPolicy,
    pub(super) audiences: AcceptedAudiences,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) leeway: i64,
    pub(super) versions: Vec<TokenVersion>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) max_token: usize,
    pub(super) bound: BoundTokens,
}

/// What happens to a token that is bound to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoundTokens {
    Refused,
    TakenAsBearer,
}

impl Validator {
    /// A validator for tokens of these tenants, in this cloud, for these audiences.
    #[must_use]
    pub fn new(cloud: Cloud, tenants: TenantPolicy, audiences: AcceptedAudiences) -> Self {
        Self {
            cloud,
            tenants,
            audiences,
            clock: Arc::new(SystemClock::new()),
            leeway: DEFAULT_LEEWAY,
            versions: vec![TokenVersion::V1, TokenVersion::V2],
            algorithms: vec![Algorithm::Rs256],
            max_token: MAX_TOKEN,
            bound: BoundTokens::Refused,
        }
    }

    /// The same validator on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The same validator with another allowance for clocks that differ. The default is
    /// 300 s, as in Microsoft's own libraries; 60 s is enough where clocks are kept.
    ///
    /// # Errors
    ///
    /// More than 600 s.
    pub fn with_leeway(mut self, leeway: Duration) -> Result<Self, ConfigError> {
        let most = Duration::from_secs(MAX_LEEWAY);
        ConfigError::check_time("leeway", leeway, &(Duration::ZERO..=most))?;
        self.leeway = i64::try_from(leeway.as_secs()).unwrap_or(DEFAULT_LEEWAY);
        Ok(self)
    }

    /// The same validator for tokens of these versions. The default is both: which one an
    /// API gets is a setting of its registration, and v1 is what a new one gets.
    ///
    /// # Errors
    ///
    /// An empty list.
    pub fn with_versions(
        mut self,
        versions: impl IntoIterator<Item = TokenVersion>,
    ) -> Result<Self, ConfigError> {
        self.versions = versions.into_iter().collect();
        if self.versions.is_empty() {
            return Err(ConfigError::NoVersions);
        }
        Ok(self)
    }

    /// The same validator for tokens signed with these algorithms. The default is RS256, the
    /// one that Entra ID uses; PS256 is for authorities that say so.
    ///
    /// # Errors
    ///
    /// An empty list.
    pub fn with_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> Result<Self, ConfigError> {
        self.algorithms = algorithms.into_iter().collect();
        if self.algorithms.is_empty() {
            return Err(ConfigError::NoAlgorithms);
        }
        Ok(self)
    }

    /// The same validator with another limit for the size of a token, in bytes. The default
    /// is 32 KiB: a token with 200 groups, the most that Entra ID writes into one, has about
    /// 12 kB, more with groups by name.
    ///
    /// Servers have a limit of their own, which such a token meets first: hyper takes 16 KiB
    /// of header fields in all by default over HTTP/2 (`max_header_list_size`; 408 KiB over
    /// HTTP/1), nginx 8 KiB in one field (`large_client_header_buffers`). Raise those as well,
    /// or let the API's registration ask for fewer groups.
    ///
    /// # Errors
    ///
    /// Zero, or more than 256 KiB.
    pub fn with_max_token_size(mut self, bytes: usize) -> Result<Self, ConfigError> {
        let allowed = LEAST_MAX_TOKEN..=MOST_MAX_TOKEN;
        ConfigError::check_number("max_token_size", bytes, &allowed)?;
        self.max_token = bytes;
        Ok(self)
    }

    pub(crate) fn with_bound_tokens(mut self, bound: BoundTokens) -> Self {
        self.bound = bound;
        self
    }

    /// The cloud.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The accepted tenants.
    #[must_use]
    pub fn tenants(&self) -> &TenantPolicy {
        &self.tenants
    }

    /// The accepted audiences.
    #[must_use]
    pub fn audiences(&self) -> &AcceptedAudiences {
        &self.audiences
    }

    /// For how long a verified token is accepted from now on: until it expires, and then
    /// for the allowance for clocks that differ. Zero if it is not accepted any more.
    ///
    /// For what lasts longer than a request, such as an event stream.
    #[must_use]
    pub fn time_left(&self, token: &VerifiedToken) -> Duration {
        // `exp` at `now - leeway` is still accepted, and a second later it is not.
        let end = token.expires_at_unix().saturating_add(self.leeway + 1);
        let left = end.saturating_sub(self.clock.wall());
        Duration::from_secs(u64::try_from(left).unwrap_or(0))
    }

    #[cfg(feature = "http")]
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }
}
