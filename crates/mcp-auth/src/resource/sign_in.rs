//! Sign-in settings of a resource: issuer, accounts, the facade's rate.

use std::fmt;

use foundry_scopes::{Authority, AuthorityTenant, TenantAuthority};

use super::error::ResourceError;
use super::url::PublicUrl;

/// How clients of a [`ProtectedResource`](crate::ProtectedResource) sign in, logged at the
/// start as an event under `mcp_auth::metadata`.
///
/// ```
/// use mcp_auth::SignInMode;
///
/// assert_eq!(SignInMode::Facade.as_str(), "facade");
/// assert!(SignInMode::Plain.why().contains("identifier URI"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignInMode {
    /// At Entra ID itself.
    Plain,
    /// Through this server's metadata facade.
    Facade,
}

impl SignInMode {
    /// `plain` or `facade`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Facade => "facade",
        }
    }

    /// Why it is this one, for an operator.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Plain => {
                "clients sign in at Entra ID, which knows the resource's URL as an identifier URI"
            }
            Self::Facade => {
                "clients sign in through the facade: Entra ID does not know the resource's URL as an \
                 identifier URI and would refuse it as `resource` (AADSTS9010010)"
            }
        }
    }
}

impl fmt::Display for SignInMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many token requests the [facade](crate::ProtectedResourceBuilder::facade) forwards:
/// so many each second on the average, and so many at once.
///
/// The route is open to everyone, and what passes it is a request to Entra ID from this
/// server's address, where Entra ID throttles it. The default is 20 each second and 200 at
/// once: a client needs one when it signs in and one an hour later.
///
/// The limit is for all clients together, and one client's address gets a quarter of it at most:
/// the address of the connection, or behind a proxy what it says in the
/// [header that you name](crate::ProtectedResourceBuilder::client_address_header). Behind a proxy
/// that is not named only the limit for all counts.
///
/// ```
/// use mcp_auth::FacadeLimits;
///
/// let limits = FacadeLimits::default().with_requests_per_second(5);
/// assert_eq!(limits.requests_per_second(), 5);
/// assert_eq!(limits.burst(), 200);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FacadeLimits {
    requests_per_second: u32,
    burst: u32,
}

impl FacadeLimits {
    /// This many each second, on the average.
    #[must_use]
    pub const fn with_requests_per_second(mut self, requests: u32) -> Self {
        self.requests_per_second = requests;
        self
    }

    /// This many at once.
    #[must_use]
    pub const fn with_burst(mut self, requests: u32) -> Self {
        self.burst = requests;
        self
    }

    /// How many each second, on the average.
    #[must_use]
    pub const fn requests_per_second(self) -> u32 {
        self.requests_per_second
    }

    /// How many at once.
    #[must_use]
    pub const fn burst(self) -> u32 {
        self.burst
    }

    pub(super) fn check(self) -> Result<Self, ResourceError> {
        for (limit, value) in [
            ("facade requests per second", self.requests_per_second),
            ("facade burst", self.burst),
        ] {
            if value == 0 {
                return Err(ResourceError::Limit {
                    limit,
                    value: u64::from(value),
                    allowed: "1 or more",
                });
            }
        }
        Ok(self)
    }
}

impl Default for FacadeLimits {
    fn default() -> Self {
        Self {
            requests_per_second: 20,
            burst: 200,
        }
    }
}

/// Whom the metadata names as authorization server.
#[derive(Debug)]
pub(super) enum Issuer {
    Entra,
    Facade(PublicUrl),
}

/// Whose accounts sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accounts {
    OfTheTenant,
    OfAnyOrganization,
    Any,
}

impl Accounts {
    /// Where Entra ID signs these accounts in.
    pub(super) fn authority(self, tenant: &TenantAuthority) -> Authority {
        let open = match self {
            Self::OfTheTenant => return tenant.clone().into(),
            Self::OfAnyOrganization => AuthorityTenant::Organizations,
            Self::Any => AuthorityTenant::Common,
        };
        Authority::new(tenant.cloud().clone(), open)
    }

    /// What Entra ID's own document there gives as its issuer.
    pub(super) fn documented_issuer(self, tenant: &TenantAuthority) -> String {
        match self {
            Self::OfTheTenant => tenant.issuer_v2(),
            Self::OfAnyOrganization | Self::Any => tenant.cloud().issuer_v2().as_str().to_owned(),
        }
    }
}

/// Whether the operator knows what clients make of an issuer without a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OpenIssuer {
    Refused,
    Accepted,
}
