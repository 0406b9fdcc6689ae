//! Authority whose signing keys are fetched.

use std::fmt;

use foundry_scopes::{Authority, AuthorityTenant, ClientId, Cloud, IssuerTemplate, TenantId};

use crate::validate::ConfigError;

/// One authority of one cloud, as it was configured: a tenant's own, or the one that many
/// tenants share.
///
/// Made from the configuration and never from a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAuthority {
    cloud: Cloud,
    serves: Serves,
    app: Option<ClientId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Serves {
    Tenant(TenantId),
    /// `common` or `organizations`.
    Many(&'static str),
}

impl KeyAuthority {
    pub(super) fn tenant_of(cloud: &Cloud, tenant: TenantId, app: Option<ClientId>) -> Self {
        Self {
            cloud: cloud.clone(),
            serves: Serves::Tenant(tenant),
            app,
        }
    }

    pub(super) fn shared(cloud: &Cloud, alias: &'static str, app: Option<ClientId>) -> Self {
        Self {
            cloud: cloud.clone(),
            serves: Serves::Many(alias),
            app,
        }
    }

    /// The authority that this text of a configuration names, for asking a
    /// [`KeySource`](super::KeySource) without an `Authenticator`.
    ///
    /// ```
    /// use entra_claims::keys::KeyAuthority;
    /// use foundry_scopes::Authority;
    ///
    /// let authority = Authority::parse("https://login.microsoftonline.com/organizations")?;
    /// let authority = KeyAuthority::from_authority(&authority)?;
    /// assert_eq!(authority.issuer(), "https://login.microsoftonline.com/{tenantid}/v2.0");
    ///
    /// let domain = Authority::parse("https://login.microsoftonline.com/contoso.com")?;
    /// assert!(KeyAuthority::from_authority(&domain).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A domain in place of the tenant's id: which issuer is right is unknown. One that
    /// many tenants share where there is none, in External ID.
    pub fn from_authority(authority: &Authority) -> Result<Self, ConfigError> {
        let cloud = authority.cloud();
        let shared = |alias| match cloud.is_external_id() {
            true => Err(ConfigError::UnnamedTenants),
            false => Ok(Self::shared(cloud, alias, None)),
        };
        match authority.tenant() {
            AuthorityTenant::Id(tenant) => Ok(Self::tenant_of(cloud, *tenant, None)),
            AuthorityTenant::Common => shared("common"),
            AuthorityTenant::Organizations => shared("organizations"),
            AuthorityTenant::Consumers => Ok(Self::tenant_of(cloud, TenantId::PERSONAL, None)),
            _ => Err(ConfigError::DomainAuthority),
        }
    }

    /// The cloud.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The tenant, if the authority is one tenant's own.
    #[must_use]
    pub fn tenant(&self) -> Option<TenantId> {
        match self.serves {
            Serves::Tenant(tenant) => Some(tenant),
            Serves::Many(_) => None,
        }
    }

    /// The application whose own keys are asked for, if any: one that signs in with SAML or
    /// has a custom signing key (Entra doc "Access tokens", validating the signature).
    #[must_use]
    pub fn app(&self) -> Option<ClientId> {
        self.app
    }

    /// The v2 discovery document (OpenID Connect Discovery 1.0, section 4).
    #[must_use]
    pub fn discovery_url(&self) -> String {
        let app = match self.app {
            Some(app) => format!("?appid={app}"),
            None => String::new(),
        };
        format!(
            "{}/{self}/v2.0/.well-known/openid-configuration{app}",
            self.cloud.authority()
        )
    }

    /// What the document's `issuer` must be: the tenant's, or with `{tenantid}` in it. For
    /// External ID it may be the one of another of the authority's own hosts, see
    /// [`may_name`](Self::may_name).
    #[must_use]
    pub fn issuer(&self) -> String {
        self.issuer_of(self.cloud.issuer_v2())
    }

    /// Whether the document may say that this is the authority's issuer.
    #[must_use]
    pub fn may_name(&self, issuer: &str) -> bool {
        let mut issuers = self.cloud.issuers_v2();
        issuers.any(|own| self.issuer_of(own) == issuer)
    }

    /// Whether the document may name this address: on the authority's own hosts, in plain
    /// printable characters.
    #[must_use]
    pub fn may_send_to(&self, url: &str) -> bool {
        let plain = |b: u8| b.is_ascii_graphic() && !b"\\\"<>^`{|}#".contains(&b);
        self.cloud.pins(self.tenant(), url) && url.bytes().all(plain)
    }

    fn issuer_of(&self, template: &IssuerTemplate) -> String {
        match self.serves {
            Serves::Tenant(tenant) => template.render(tenant),
            Serves::Many(_) => template.as_str().to_owned(),
        }
    }
}

/// The path of the authority: the tenant's id, `common` or `organizations`.
impl fmt::Display for KeyAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.serves {
            Serves::Tenant(tenant) => tenant.fmt(f),
            Serves::Many(alias) => f.write_str(alias),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_of_the_cloud_and_the_configuration() {
        let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490").unwrap();
        let app = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555").unwrap();
        let own = KeyAuthority::tenant_of(&Cloud::public(), tenant, Some(app));
        assert_eq!(
            own.discovery_url(),
            format!(
                "https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration?appid={app}"
            )
        );
        assert_eq!(
            own.issuer(),
            format!("https://login.microsoftonline.com/{tenant}/v2.0")
        );
        let shared = KeyAuthority::shared(&Cloud::us_government(), "organizations", None);
        assert_eq!(
            shared.discovery_url(),
            "https://login.microsoftonline.us/organizations/v2.0/.well-known/openid-configuration"
        );
        assert_eq!(
            shared.issuer(),
            "https://login.microsoftonline.us/{tenantid}/v2.0"
        );
        assert_eq!((own.tenant(), shared.tenant()), (Some(tenant), None));
    }
}
