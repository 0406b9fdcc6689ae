//! Whose tokens are accepted.

use foundry_scopes::TenantId;

use super::ConfigError;

/// The tenants whose tokens are accepted. There is no default.
///
/// ```
/// use entra_claims::TenantPolicy;
/// use foundry_scopes::TenantId;
///
/// let contoso = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// assert!(TenantPolicy::single(contoso).allows(contoso));
/// assert!(TenantPolicy::allow_list([]).is_err());
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantPolicy(Vec<TenantId>);

impl TenantPolicy {
    /// One tenant.
    #[must_use]
    pub fn single(tenant: TenantId) -> Self {
        Self(vec![tenant])
    }

    /// Several tenants.
    ///
    /// # Errors
    ///
    /// An empty list: it would refuse everybody, and somebody would read it as anybody.
    pub fn allow_list(tenants: impl IntoIterator<Item = TenantId>) -> Result<Self, ConfigError> {
        let mut list: Vec<_> = tenants.into_iter().collect();
        list.sort_unstable();
        list.dedup();
        if list.is_empty() {
            return Err(ConfigError::NoTenants);
        }
        Ok(Self(list))
    }

    /// Whether tokens of `tenant` are accepted.
    #[must_use]
    pub fn allows(&self, tenant: TenantId) -> bool {
        self.0.binary_search(&tenant).is_ok()
    }

    /// The accepted tenants, sorted.
    #[must_use]
    pub fn tenants(&self) -> impl ExactSizeIterator<Item = TenantId> {
        self.0.iter().copied()
    }

    /// The tenant, where there is but one.
    pub(super) fn only(&self) -> Option<TenantId> {
        match self.0.as_slice() {
            [tenant] => Some(*tenant),
            _ => None,
        }
    }

    /// The first few tenants, for a message.
    pub(super) fn named(&self) -> String {
        const SHOWN: usize = 3;
        let shown: Vec<_> = self.0.iter().take(SHOWN).map(TenantId::to_string).collect();
        let list = format!("tenant {}", shown.join(" or "));
        match self.0.len().saturating_sub(SHOWN) {
            0 => list,
            more => format!("{list} or one of {more} more"),
        }
    }
}
