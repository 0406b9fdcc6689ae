//! Tenant policy: whose tokens are accepted.

use foundry_scopes::TenantId;

use super::ConfigError;

/// The tenants whose tokens are accepted. There is no default: each choice has a
/// constructor of its own.
///
/// ```
/// use entra_claims::TenantPolicy;
/// use foundry_scopes::TenantId;
///
/// let contoso = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// assert!(TenantPolicy::single(contoso).allows(contoso));
/// assert!(TenantPolicy::allow_list([]).is_err());
///
/// // Anybody with an account at any organization: then your own rules decide who may.
/// let anybody = TenantPolicy::any_work_or_school_tenant();
/// assert!(anybody.allows(contoso) && !anybody.allows(TenantId::PERSONAL));
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantPolicy(Rule);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    /// Sorted, each once, never empty.
    Listed(Vec<TenantId>),
    WorkOrSchool,
    Any,
    Registered,
}

impl TenantPolicy {
    /// One tenant.
    #[must_use]
    pub fn single(tenant: TenantId) -> Self {
        Self(Rule::Listed(vec![tenant]))
    }

    /// Several tenants.
    ///
    /// # Errors
    ///
    /// An empty list: it would refuse every tenant, and a reader may take it for "any tenant".
    pub fn allow_list(tenants: impl IntoIterator<Item = TenantId>) -> Result<Self, ConfigError> {
        let mut list: Vec<_> = tenants.into_iter().collect();
        list.sort_unstable();
        list.dedup();
        if list.is_empty() {
            return Err(ConfigError::NoTenants);
        }
        Ok(Self(Rule::Listed(list)))
    }

    /// **Any organization's tenant**, without personal Microsoft accounts: what the
    /// authority `organizations` signs in.
    ///
    /// The creator of a tenant is its administrator, so claims that administrators set
    /// (names, e-mail addresses, mapped claims) say nothing here. Who may do what is a
    /// [`Requirement`](crate::Requirement)'s, or a tenant registry's.
    #[must_use]
    pub fn any_work_or_school_tenant() -> Self {
        Self(Rule::WorkOrSchool)
    }

    /// **Any account**: any organization's tenant and personal Microsoft accounts, what
    /// the authority `common` signs in.
    #[must_use]
    pub fn any_tenant_including_personal_accounts() -> Self {
        Self(Rule::Any)
    }

    /// The tenants that a registry knows, for example customers in a database: see
    /// `entra_claims::registry`, with the feature `http`.
    ///
    /// Personal Microsoft accounts are one tenant, [`TenantId::PERSONAL`]: a registry that has it
    /// lets in everybody who has such an account.
    ///
    /// Only an `Authenticator` asks, and it cannot be built without the registry. A
    /// [`Validator`](crate::Validator) on its own refuses every token:
    /// [`Reason::RegistryNotAsked`](crate::Reason::RegistryNotAsked).
    #[must_use]
    pub fn registered() -> Self {
        Self(Rule::Registered)
    }

    /// Whether tokens of `tenant` are accepted, as far as the policy itself can tell. Of
    /// tenants in a registry it cannot, and accepts none.
    #[must_use]
    pub fn allows(&self, tenant: TenantId) -> bool {
        self.may_allow(tenant) && !self.is_registered()
    }

    /// Whether `tenant` is one that the policy, or the registry it leaves that to, may accept.
    pub(crate) fn may_allow(&self, tenant: TenantId) -> bool {
        match &self.0 {
            Rule::Listed(tenants) => tenants.binary_search(&tenant).is_ok(),
            Rule::WorkOrSchool => tenant != TenantId::PERSONAL,
            Rule::Any | Rule::Registered => true,
        }
    }

    /// Whether a registry decides.
    pub(crate) fn is_registered(&self) -> bool {
        self.0 == Rule::Registered
    }

    /// The accepted tenants, sorted; `None` where they are not listed and many are.
    #[must_use]
    pub fn listed(&self) -> Option<&[TenantId]> {
        match &self.0 {
            Rule::Listed(tenants) => Some(tenants),
            Rule::WorkOrSchool | Rule::Any | Rule::Registered => None,
        }
    }

    /// The tenant, where there is but one.
    pub(crate) fn only(&self) -> Option<TenantId> {
        match self.listed() {
            Some([tenant]) => Some(*tenant),
            _ => None,
        }
    }

    /// What the authority calls these tenants where they are not listed.
    #[cfg(feature = "http")]
    pub(crate) fn alias(&self) -> &'static str {
        match &self.0 {
            Rule::Listed(_) | Rule::Any | Rule::Registered => "common",
            Rule::WorkOrSchool => "organizations",
        }
    }

    /// The first few tenants, for a message.
    pub(super) fn named(&self) -> String {
        const SHOWN: usize = 3;
        let tenants = match &self.0 {
            Rule::Listed(tenants) => tenants,
            Rule::WorkOrSchool => {
                return "the tenant of an organization, not a personal account".to_owned();
            }
            Rule::Any => return "any tenant".to_owned(),
            Rule::Registered => return "a tenant that the registry knows".to_owned(),
        };
        let shown: Vec<_> = tenants
            .iter()
            .take(SHOWN)
            .map(TenantId::to_string)
            .collect();
        let list = format!("tenant {}", shown.join(" or "));
        match tenants.len().saturating_sub(SHOWN) {
            0 => list,
            more => format!("{list} or one of {more} more"),
        }
    }
}
