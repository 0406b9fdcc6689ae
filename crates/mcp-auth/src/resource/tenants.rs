//! One resource per tenant.

use std::collections::BTreeSet;

use foundry_scopes::TenantId;

use super::ProtectedResource;
use super::builder::ProtectedResourceBuilder;
use super::error::ResourceError;
use super::sign_in::Accounts;

/// What stands for the tenant's id in the URL of a server for several tenants.
pub(super) const PLACEHOLDER: &str = "{tenant}";

impl ProtectedResourceBuilder {
    /// One resource per tenant, for a server of several: each has a URL, a metadata document
    /// and, with the facade, a sign-in of its own, so that every client finds an issuer that
    /// names its tenant.
    ///
    /// The URL says with `{tenant}` where the tenant's id goes. Give each resource a guard of
    /// its own; they may share one authenticator. **Such a guard takes tokens of its
    /// resource's tenant only**, whatever the validator accepts besides.
    ///
    /// ```
    /// use foundry_scopes::{AppIdUri, Cloud, TenantAuthority, TenantId};
    /// use mcp_auth::ProtectedResource;
    ///
    /// let contoso = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
    /// let fabrikam = TenantId::parse("11111111-2222-3333-4444-555555555555")?;
    /// let resources = ProtectedResource::builder("https://mcp.example/{tenant}/mcp")
    ///     .authority(&TenantAuthority::new(Cloud::public(), contoso))
    ///     .identifier_uri(AppIdUri::parse("api://11112222-bbbb-3333-cccc-4444dddd5555")?)
    ///     .facade()
    ///     .build_per_tenant([contoso, fabrikam])?;
    /// assert_eq!(resources[0].url(), "https://mcp.example/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/mcp");
    /// assert_eq!(resources[1].authority().tenant(), fabrikam);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As of [`build`](Self::build); and no tenant, a URL without `{tenant}`, accounts of any
    /// organization.
    pub fn build_per_tenant(
        self,
        tenants: impl IntoIterator<Item = TenantId>,
    ) -> Result<Vec<ProtectedResource>, ResourceError> {
        let refuse = |reason| Err(ResourceError::Contradiction { reason });
        if !self.url.contains(PLACEHOLDER) {
            return refuse("the URL of a resource per tenant needs {tenant} in its path");
        }
        if self.accounts != Accounts::OfTheTenant {
            return refuse("a resource per tenant signs in the accounts of that tenant only");
        }
        let Some(authority) = self.authority.clone() else {
            return Err(ResourceError::Missing {
                setting: "authority",
            });
        };
        let mut seen = BTreeSet::new();
        let resources: Vec<_> = tenants
            .into_iter()
            .filter(|tenant| seen.insert(*tenant))
            .map(|tenant| {
                let one = self.clone().authority(&authority.for_tenant(tenant));
                one.of_tenant(tenant).build()
            })
            .collect::<Result<_, _>>()?;
        if resources.is_empty() {
            return refuse("no tenant is named");
        }
        Ok(resources)
    }
}
