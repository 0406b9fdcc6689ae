//! Authority of one tenant: its issuers and endpoints.

use crate::cloud::Cloud;
use crate::id::TenantId;

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

    /// Issuer of this tenant's v1 tokens, where there are such.
    #[must_use]
    pub fn issuer_v1(&self) -> Option<String> {
        let template = self.cloud.issuer_v1()?;
        Some(template.render(self.tenant))
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

    /// The page on which an administrator consents for the whole tenant (Entra doc "Grant
    /// tenant-wide admin consent to an application"). It takes `client_id`.
    ///
    /// ```
    /// use foundry_scopes::{Cloud, TenantAuthority, TenantId};
    ///
    /// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
    /// let authority = TenantAuthority::new(Cloud::us_government(), tenant);
    /// assert_eq!(
    ///     authority.admin_consent_endpoint(),
    ///     "https://login.microsoftonline.us/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/adminconsent"
    /// );
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    #[must_use]
    pub fn admin_consent_endpoint(&self) -> String {
        self.url("adminconsent")
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.cloud.authority(), self.tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_of_the_cloud_and_the_tenant() {
        let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490").unwrap();
        for cloud in [
            Cloud::public(),
            Cloud::us_government(),
            Cloud::china(),
            Cloud::loopback("http://127.0.0.1:8080").unwrap(),
        ] {
            let authority = TenantAuthority::new(cloud.clone(), tenant);
            let base = format!("{}/{tenant}", cloud.authority());
            assert_eq!(
                authority.discovery_url(),
                format!("{base}/v2.0/.well-known/openid-configuration")
            );
            assert_eq!(
                authority.authorize_endpoint(),
                format!("{base}/oauth2/v2.0/authorize")
            );
            assert_eq!(
                authority.token_endpoint(),
                format!("{base}/oauth2/v2.0/token")
            );
            assert_eq!(authority.issuer_v2(), format!("{base}/v2.0"));
            let issuer_v1 = authority.issuer_v1().unwrap();
            assert_eq!(
                cloud.issuer_v1().unwrap().tenant_in(&issuer_v1),
                Some(tenant)
            );
            assert_eq!((authority.cloud(), authority.tenant()), (&cloud, tenant));
        }
    }

    #[test]
    fn another_tenant_stays_in_the_cloud() {
        let one = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490").unwrap();
        let authority = TenantAuthority::new(Cloud::china(), one);
        let other = authority.for_tenant(TenantId::PERSONAL);
        assert_eq!(other.tenant(), TenantId::PERSONAL);
        assert_eq!(other.cloud(), authority.cloud());
        assert_ne!(other, authority);
    }
}
