//! Tenants that a database admits: the trait that users implement, and what is kept of its
//! answers.
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
mod desk;
mod limits;
mod memory;

use std::borrow::Cow;
use std::fmt::Debug;

use async_trait::async_trait;
use foundry_scopes::TenantId;

pub(super) use answers::Hand;
pub(super) use desk::Desk;
pub use limits::TenantCacheLimits;
pub use memory::InMemoryTenants;

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
///         // `?` would not do: what is told here is for the log and says nothing secret.
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
    /// The registry cannot tell at the moment. That denies nobody.
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
