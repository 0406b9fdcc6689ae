//! A cloud and a tenant: the only thing tokens are asked of.

use crate::{Cloud, TenantId};

/// The authority of one tenant in one cloud.
///
/// Exchanges take this type, so `/common` and `/organizations` cannot be written where a
/// flow forbids them (for a guest they would pick the home tenant).
///
/// ```
/// use foundry_scopes::{Cloud, TenantAuthority, TenantId};
///
/// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// let authority = TenantAuthority::new(Cloud::public(), tenant);
/// assert_eq!(
///     authority.token_endpoint(),
///     "https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/oauth2/v2.0/token"
/// );
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantAuthority {
    cloud: Cloud,
    tenant: TenantId,
}

impl TenantAuthority {
    /// The tenant's authority in `cloud`.
    #[must_use]
    pub fn new(cloud: Cloud, tenant: TenantId) -> Self {
        Self { cloud, tenant }
    }

    /// The cloud.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The same cloud, another tenant.
    #[must_use]
    pub fn for_tenant(&self, tenant: TenantId) -> Self {
        Self::new(self.cloud.clone(), tenant)
    }

    /// Issuer of this tenant's v1 tokens.
    #[must_use]
    pub fn issuer_v1(&self) -> String {
        self.cloud.issuer_v1().render(self.tenant)
    }

    /// Issuer of this tenant's v2 tokens, and what metadata lists as authorization server.
    #[must_use]
    pub fn issuer_v2(&self) -> String {
        self.cloud.issuer_v2().render(self.tenant)
    }

    /// The v2 discovery document (OpenID Connect Discovery 1.0, section 4).
    #[must_use]
    pub fn discovery_url(&self) -> String {
        self.url("v2.0/.well-known/openid-configuration")
    }

    /// The v2 authorization endpoint.
    #[must_use]
    pub fn authorize_endpoint(&self) -> String {
        self.url("oauth2/v2.0/authorize")
    }

    /// The v2 token endpoint.
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        self.url("oauth2/v2.0/token")
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.cloud.authority(), self.tenant)
    }
}
