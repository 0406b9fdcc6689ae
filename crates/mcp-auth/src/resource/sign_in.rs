//! Where clients are sent to sign in, and whose accounts may.

use std::fmt;

use foundry_scopes::{Authority, AuthorityTenant, TenantAuthority};

use super::url::PublicUrl;

/// How clients of a [`ProtectedResource`](crate::ProtectedResource) sign in, told at the
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
