//! Tenant registry: the trait that users implement, and the cache of its answers.
//!
//! A service that is sold to many tenants keeps the list of them somewhere: in a table, in
//! another service. [`TenantPolicy::registered`](crate::TenantPolicy::registered) says that
//! this list decides, and
//! [`AuthenticatorBuilder::tenant_registry`](crate::AuthenticatorBuilder::tenant_registry)
//! brings it along.
//!
//! 1. **Only a token whose signature held is asked about.** The keys are the ones that all
//!    tenants of the cloud share, so no tenant costs a fetch of its own, and a flood of
//!    made-up tenants reaches neither the registry nor any memory.
//! 2. Unknown is denied. What cannot be asked is neither admitted nor denied but
//!    [`Unavailable`](crate::RejectionClass::Unavailable).
//! 3. Answers are kept for a time that is the registry's to choose, see
//!    [`TenantCacheLimits`]; a token that was verified before is let in again only while its
//!    tenant's answer is.
//! 4. One lookup per tenant is under way at a time, in a task of its own: a request that goes
//!    away neither ends nor poisons it.

mod answers;
mod client;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::RwLock;
use std::time::Duration;

use async_trait::async_trait;
use entra_parts::lock;
use foundry_scopes::TenantId;

use crate::validate::ConfigError;
pub(super) use answers::CachedAnswer;
pub(super) use client::RegistryClient;

/// Which tenants are customers of this service: asked by an
/// [`Authenticator`](crate::Authenticator), answered by yours.
///
/// A registry only answers. How long an answer is kept, one lookup at a time, the deadline
/// and the pause after a failure: the authenticator does all of that above any registry. A
/// lookup that is not over at the deadline is dropped, so it should hold nothing that must be
/// given back by running on.
///
/// ```
/// use async_trait::async_trait;
/// use entra_claims::registry::{TenantRegistry, TenantRegistryError};
/// use foundry_scopes::TenantId;
///
/// /// Customers in a table.
/// #[derive(Debug)]
/// struct Customers(Database);
/// # #[derive(Debug)]
/// # struct Database;
/// # impl Database {
/// #     async fn exists(&self, _: &str, _: &str) -> Result<bool, std::io::Error> { Ok(true) }
/// # }
///
/// #[async_trait]
/// impl TenantRegistry for Customers {
///     async fn contains(&self, tenant: TenantId) -> Result<bool, TenantRegistryError> {
///         // `?` would not do: this text is for the log and holds nothing secret.
///         self.0
///             .exists("select 1 from customer where tenant = $1 and active", &tenant.to_string())
///             .await
///             .map_err(|_| TenantRegistryError::new("the customer table does not answer"))
///     }
/// }
/// ```
#[async_trait]
pub trait TenantRegistry: Debug + Send + Sync {
    /// Whether tokens of `tenant` are accepted. Unknown is `false`.
    ///
    /// # Errors
    ///
    /// The registry cannot be asked at the moment. No tenant is denied for that.
    async fn contains(&self, tenant: TenantId) -> Result<bool, TenantRegistryError>;
}

/// Why a registry cannot tell. Holds what the registry says, for the log.
///
/// ```
/// use entra_claims::registry::TenantRegistryError;
///
/// let error = TenantRegistryError::new("the customer table does not answer");
/// assert_eq!(error.to_string(), "the customer table does not answer");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TenantRegistryError(Cow<'static, str>);

impl TenantRegistryError {
    /// A failure, in words for the log: no secret may stand in them.
    #[must_use]
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }
}

/// How long a registry may take, and for how long its answers are kept.
///
/// | what | default | at most |
/// | --- | --- | --- |
/// | [`with_known_for`](Self::with_known_for): a tenant that is known | 5 min | 24 h |
/// | [`with_unknown_for`](Self::with_unknown_for): one that is not | 30 s | 1 h |
/// | [`with_stale_for`](Self::with_stale_for): a known one beyond that, while the registry fails | 1 h | 24 h |
/// | [`with_deadline`](Self::with_deadline) of one lookup | 3 s | 30 s |
/// | [`with_tenants`](Self::with_tenants) that are kept, of the known and of the unknown each | 16,384 | 1,048,576 |
///
/// A tenant that is removed from the registry is denied after `known_for` at the latest,
/// whatever is remembered of its tokens; and after `known_for` and `stale_for` if the registry
/// cannot be asked meanwhile. At most 64 lookups of tenants that are not known are under way
/// at a time; beyond that the answer is "cannot decide" at once. An authenticator is not built
/// with a limit beyond its range.
///
/// ```
/// use std::time::Duration;
/// use entra_claims::registry::TenantCacheLimits;
///
/// let minute = TenantCacheLimits::default().with_known_for(Duration::from_secs(60));
/// assert_ne!(minute, TenantCacheLimits::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantCacheLimits {
    known_for: Duration,
    unknown_for: Duration,
    stale_for: Duration,
    deadline: Duration,
    tenants: usize,
}

/// Lookups of tenants that are not known, at a time.
const MOST_LOOKUPS: usize = 64;
const MOST_TENANTS: usize = 1024 * 1024;
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Default for TenantCacheLimits {
    fn default() -> Self {
        Self {
            known_for: Duration::from_secs(300),
            unknown_for: Duration::from_secs(30),
            stale_for: HOUR,
            deadline: Duration::from_secs(3),
            tenants: 16 * 1024,
        }
    }
}

impl TenantCacheLimits {
    /// A tenant that is known is asked about again after this time; a fifth before its end in
    /// the background, if there are requests.
    #[must_use]
    pub const fn with_known_for(mut self, time: Duration) -> Self {
        self.known_for = time;
        self
    }

    /// A tenant that is not known is denied without a question for this time. A customer who
    /// just signed up waits for it.
    #[must_use]
    pub const fn with_unknown_for(mut self, time: Duration) -> Self {
        self.unknown_for = time;
        self
    }

    /// A known tenant is served for this time longer while the registry fails. Unknown ones
    /// never are: then it cannot be decided.
    #[must_use]
    pub const fn with_stale_for(mut self, time: Duration) -> Self {
        self.stale_for = time;
        self
    }

    /// A lookup that takes longer has failed.
    #[must_use]
    pub const fn with_deadline(mut self, time: Duration) -> Self {
        self.deadline = time;
        self
    }

    /// So many known tenants are kept, and so many unknown ones; what was not used for the
    /// longest time is asked about again.
    #[must_use]
    pub const fn with_tenants(mut self, most: usize) -> Self {
        self.tenants = most;
        self
    }

    /// Whether an authenticator can work with these.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let (millisecond, second) = (Duration::from_millis(1), Duration::from_secs(1));
        for (limit, time, least, most) in [
            ("known_for", self.known_for, second, DAY),
            ("unknown_for", self.unknown_for, Duration::ZERO, HOUR),
            ("stale_for", self.stale_for, Duration::ZERO, DAY),
            ("deadline", self.deadline, millisecond, second * 30),
        ] {
            ConfigError::check_time(limit, time, &(least..=most))?;
        }
        ConfigError::check_number("tenants", self.tenants, &(1..=MOST_TENANTS))
    }
}

/// Tenants in memory, for tests and for services that load their list themselves.
///
/// ```
/// use entra_claims::registry::{InMemoryTenants, TenantRegistry};
/// use foundry_scopes::TenantId;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let contoso = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// let tenants = InMemoryTenants::new([contoso]);
/// assert!(tenants.contains(contoso).await?);
/// tenants.remove(contoso);
/// assert!(!tenants.contains(contoso).await?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct InMemoryTenants(RwLock<BTreeSet<TenantId>>);

impl InMemoryTenants {
    /// These tenants. None is a list, too: everybody is denied until one is added.
    #[must_use]
    pub fn new(tenants: impl IntoIterator<Item = TenantId>) -> Self {
        Self(RwLock::new(tenants.into_iter().collect()))
    }

    /// Adds a tenant; `false` if it was there.
    pub fn insert(&self, tenant: TenantId) -> bool {
        self.change(|tenants| tenants.insert(tenant))
    }

    /// Removes a tenant; `false` if it was not there. What an authenticator remembers of it
    /// lasts for [`TenantCacheLimits::with_known_for`](TenantCacheLimits::with_known_for), or until
    /// [`Authenticator::forget_tenant`](crate::Authenticator::forget_tenant).
    pub fn remove(&self, tenant: TenantId) -> bool {
        self.change(|tenants| tenants.remove(&tenant))
    }

    fn change<T>(&self, change: impl FnOnce(&mut BTreeSet<TenantId>) -> T) -> T {
        change(&mut lock::write(&self.0))
    }
}

#[async_trait]
impl TenantRegistry for InMemoryTenants {
    async fn contains(&self, tenant: TenantId) -> Result<bool, TenantRegistryError> {
        let tenants = lock::read(&self.0);
        Ok(tenants.contains(&tenant))
    }
}
