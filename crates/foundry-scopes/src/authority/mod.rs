//! Authorities: a cloud and the tenants that may sign in.

use std::fmt;

use crate::cloud;
use crate::cloud::{Cloud, KnownCloud};
use crate::error::ParseError;
use crate::id::TenantId;
use crate::tenant_authority::TenantAuthority;
use crate::text::parsed_value;

/// An authority as configuration and documents write it: a cloud and a tenant in the path.
///
/// Interactive sign-in may leave the tenant open (`/common`). Everything that must know the
/// tenant takes a [`TenantAuthority`], which [`Authority::tenant_authority`] gives only for
/// one.
///
/// ```
/// use foundry_scopes::{Authority, AuthorityTenant, Cloud};
///
/// // An alias of the public cloud, and a path that documents show.
/// let authority = Authority::parse("https://login.windows.net/common/oauth2/v2.0/token")?;
/// assert_eq!(authority.cloud(), &Cloud::public());
/// assert_eq!(authority.tenant(), &AuthorityTenant::Common);
/// assert_eq!(authority.to_string(), "https://login.microsoftonline.com/common");
///
/// let error = authority.tenant_authority().unwrap_err();
/// assert!(error.to_string().contains("directory (tenant) id"));
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Authority {
    cloud: Cloud,
    tenant: AuthorityTenant,
}

/// What stands in the path of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthorityTenant {
    /// `common`: any account, work, school or personal.
    Common,
    /// `organizations`: any work or school account.
    Organizations,
    /// `consumers`: any personal account.
    Consumers,
    /// One tenant, by id.
    Id(TenantId),
    /// One tenant, by one of its domains.
    Domain(Box<str>),
}

impl AuthorityTenant {
    /// Reads a tenant id, a domain, `common`, `organizations` or `consumers`.
    ///
    /// # Errors
    ///
    /// Anything else.
    ///
    /// ```
    /// use foundry_scopes::AuthorityTenant;
    ///
    /// assert!(matches!(AuthorityTenant::parse("contoso.onmicrosoft.com")?, AuthorityTenant::Domain(_)));
    /// assert!(AuthorityTenant::parse("contoso").is_err());
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let lower = text.to_ascii_lowercase();
        Ok(match lower.as_str() {
            "common" => Self::Common,
            "organizations" => Self::Organizations,
            "consumers" => Self::Consumers,
            _ if is_domain(&lower) => Self::Domain(lower.into()),
            _ => match TenantId::parse(text) {
                Ok(TenantId::PERSONAL) => Self::Consumers,
                Ok(id) => Self::Id(id),
                Err(_) => {
                    return Err(ParseError::new(
                        "tenant",
                        text,
                        "it is no tenant id, domain, common, organizations or consumers",
                    ));
                }
            },
        })
    }
}

impl fmt::Display for AuthorityTenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Common => f.write_str("common"),
            Self::Organizations => f.write_str("organizations"),
            Self::Consumers => f.write_str("consumers"),
            Self::Id(id) => id.fmt(f),
            Self::Domain(domain) => f.write_str(domain),
        }
    }
}

impl Authority {
    /// The authority of `tenant` in `cloud`.
    #[must_use]
    pub fn new(cloud: Cloud, tenant: AuthorityTenant) -> Self {
        Self { cloud, tenant }
    }

    /// Reads an authority of a known cloud, by any of its hosts. What documents append is
    /// left out: `/v2.0`, `/oauth2/v2.0/token`, `/v2.0/.well-known/openid-configuration`.
    ///
    /// # Errors
    ///
    /// Another scheme or host, a cloud whose issuers are not known, no tenant in the path,
    /// a path that no document shows, a query.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = |reason| ParseError::new("authority", text, reason);
        let rest = text.strip_prefix("https://").ok_or_else(|| {
            refuse("it must start with https://")
                .hint("a local Entra ID is read with Authority::parse_in")
        })?;
        let (host, _) = rest.split_once('/').unwrap_or((rest, ""));
        let path = rest.get(host.len()..).unwrap_or_default();
        if let Some(cloud) = cloud::external_id_of_host(host) {
            return Self::with_path(text, cloud, path);
        }
        let Some(known) = KnownCloud::from_host(host) else {
            let error = refuse("the host is not a sign-in host of a known cloud");
            return Err(if host.ends_with(".b2clogin.com") {
                error.hint("Azure AD B2C is another service with other claims")
            } else {
                error.hint("describe the cloud with Cloud::custom, or External ID on a custom domain with Cloud::external_id, and use Authority::parse_in")
            });
        };
        let cloud = Cloud::from_known(known).ok_or_else(|| {
            refuse("the issuers of this cloud are not documented")
                .hint("describe it with Cloud::custom and use Authority::parse_in")
        })?;
        Self::with_path(text, cloud, path)
    }

    /// Reads an authority of this cloud: the way for custom and local ones.
    ///
    /// # Errors
    ///
    /// As [`Authority::parse`]; the beginning must be the cloud's own authority.
    ///
    /// ```
    /// use foundry_scopes::{Authority, Cloud};
    ///
    /// let local = Cloud::loopback("http://127.0.0.1:8080")?;
    /// let authority = Authority::parse_in("http://127.0.0.1:8080/organizations", &local)?;
    /// assert_eq!(authority.token_endpoint(), "http://127.0.0.1:8080/organizations/oauth2/v2.0/token");
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    pub fn parse_in(text: &str, cloud: &Cloud) -> Result<Self, ParseError> {
        match text.strip_prefix(cloud.authority()) {
            Some(path) if path.is_empty() || path.starts_with('/') => {
                Self::with_path(text, cloud.clone(), path)
            }
            _ => Err(ParseError::new(
                "authority",
                text,
                "it is not the authority of this cloud",
            )),
        }
    }

    fn with_path(text: &str, cloud: Cloud, path: &str) -> Result<Self, ParseError> {
        let refuse = |reason| ParseError::new("authority", text, reason);
        let path = path.strip_prefix('/').unwrap_or(path);
        let (tenant, tail) = path.split_once('/').unwrap_or((path, ""));
        match tenant {
            "" => {
                return Err(refuse("there is no tenant in the path")
                    .hint("append /<tenant id>, or /organizations to let any tenant sign in"));
            }
            "adfs" => return Err(refuse("this is AD FS, not Entra ID")),
            _ => {}
        }
        let cut = tail.strip_suffix('/').filter(|cut| !cut.is_empty());
        if !TAILS.contains(&cut.unwrap_or(tail)) {
            return Err(refuse(
                "the path behind the tenant is not one of Entra ID's",
            ));
        }
        let tenant = AuthorityTenant::parse(tenant).map_err(|error| refuse(error.reason()))?;
        Ok(Self { cloud, tenant })
    }

    /// The cloud.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// What stands in the path.
    #[must_use]
    pub fn tenant(&self) -> &AuthorityTenant {
        &self.tenant
    }

    /// The authority for flows that need one tenant: on-behalf-of, client credentials,
    /// agents, validation.
    ///
    /// # Errors
    ///
    /// `/common` and its like: Entra ID would pick the tenant, for a guest the wrong one.
    /// A domain, too: whose it is only the directory knows, and it can be moved.
    pub fn tenant_authority(&self) -> Result<TenantAuthority, ParseError> {
        match self.tenant {
            AuthorityTenant::Id(id) => Ok(TenantAuthority::new(self.cloud.clone(), id)),
            AuthorityTenant::Domain(_) => Err(ParseError::new(
                "authority of one tenant",
                &self.to_string(),
                "the domain of a tenant can change",
            )
            .hint("use the directory (tenant) id from the overview page of the tenant")),
            _ => Err(ParseError::new(
                "authority of one tenant",
                &self.to_string(),
                "it names no tenant",
            )
            .hint("use the directory (tenant) id of one tenant")),
        }
    }

    /// The v2 authorization endpoint.
    #[must_use]
    pub fn authorize_endpoint(&self) -> String {
        format!("{self}/oauth2/v2.0/authorize")
    }

    /// The v2 token endpoint.
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        format!("{self}/oauth2/v2.0/token")
    }

    /// The v2 discovery document. Only for one tenant does its issuer name one.
    #[must_use]
    pub fn discovery_url(&self) -> String {
        format!("{self}/v2.0/.well-known/openid-configuration")
    }
}

impl From<TenantAuthority> for Authority {
    fn from(one: TenantAuthority) -> Self {
        Self::new(one.cloud().clone(), AuthorityTenant::Id(one.tenant()))
    }
}

/// The address, without what clients append.
impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cloud.authority(), self.tenant)
    }
}

parsed_value!(Authority);

/// What stands behind the tenant in documents and settings.
const TAILS: &[&str] = &[
    "",
    "v2.0",
    "oauth2/token",
    "oauth2/authorize",
    "oauth2/v2.0",
    "oauth2/v2.0/token",
    "oauth2/v2.0/authorize",
    ".well-known/openid-configuration",
    "v2.0/.well-known/openid-configuration",
];

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let clean = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let edge = label.starts_with('-') || label.ends_with('-');
        (1..=63).contains(&label.len()) && !edge && label.bytes().all(clean)
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

#[cfg(test)]
mod tests;
