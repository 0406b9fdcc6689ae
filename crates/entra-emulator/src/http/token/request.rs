//! A token request with its client, tenant and grant type.

use crate::call::Call;
use crate::directory::{App, Tenant};
use crate::errors::{AadError, table};
use crate::state::Shared;
use crate::tokens::access::Credential;

/// A token request whose client is known and authenticated.
pub(super) struct Request<'a> {
    pub(super) shared: &'a Shared,
    pub(super) call: &'a Call,
    pub(super) tenant: &'a Tenant,
    pub(super) client: &'a App,
    pub(super) credential: Credential,
    /// Whether the request went to an alias instead of a tenant.
    pub(super) by_alias: bool,
    pub(super) grant: GrantType,
}

impl<'a> Request<'a> {
    /// A parameter that must be there.
    pub(super) fn need(&self, name: &str) -> Result<&'a str, AadError> {
        need(self.call, name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GrantType {
    Code,
    Refresh,
    ClientCredentials,
    OnBehalfOf,
    DeviceCode,
    Password,
    /// An agent's user account (`user_fic`).
    AgentUser,
    /// RFC 8693, which Entra does not have; agents get their own number.
    TokenExchange,
}

pub(super) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

impl GrantType {
    /// Whether a client without a credential may use it.
    pub(super) fn is_for_public_clients(self) -> bool {
        matches!(
            self,
            Self::Code | Self::Refresh | Self::DeviceCode | Self::Password
        )
    }

    pub(super) fn parse(name: &str) -> Result<Self, AadError> {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known
            .map(|(_, grant)| *grant)
            .ok_or_else(|| AadError::new(table::UNSUPPORTED_GRANT).arg(name))
    }
}

/// The grant types by their names. MSAL.js sends the short one of the device code.
const NAMES: [(&str, GrantType); 9] = [
    ("authorization_code", GrantType::Code),
    ("refresh_token", GrantType::Refresh),
    ("client_credentials", GrantType::ClientCredentials),
    (
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        GrantType::OnBehalfOf,
    ),
    (
        "urn:ietf:params:oauth:grant-type:device_code",
        GrantType::DeviceCode,
    ),
    ("device_code", GrantType::DeviceCode),
    ("password", GrantType::Password),
    ("user_fic", GrantType::AgentUser),
    (TOKEN_EXCHANGE, GrantType::TokenExchange),
];

/// The names of the grant types that are known, one of them to be refused.
pub(in crate::http) fn grant_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// A parameter of the form that must be there.
pub(super) fn need<'a>(call: &'a Call, name: &str) -> Result<&'a str, AadError> {
    call.form
        .get(name)
        .ok_or_else(|| AadError::new(table::MISSING_PARAMETER).arg(name))
}
