//! A registry in memory.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;
use foundry_scopes::TenantId;

use super::{TenantRegistry, TenantRegistryError};

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
    /// lasts for [`TenantCacheLimits::known_for`](super::TenantCacheLimits::known_for), or until
    /// [`Authenticator::forget_tenant`](crate::Authenticator::forget_tenant).
    pub fn remove(&self, tenant: TenantId) -> bool {
        self.change(|tenants| tenants.remove(&tenant))
    }

    fn change<T>(&self, change: impl FnOnce(&mut BTreeSet<TenantId>) -> T) -> T {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl TenantRegistry for InMemoryTenants {
    async fn contains(&self, tenant: TenantId) -> Result<bool, TenantRegistryError> {
        let tenants = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(tenants.contains(&tenant))
    }
}
