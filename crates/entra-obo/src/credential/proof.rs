//! Client authentication in a token request: secret or client assertion, and its error.

use std::fmt;
use std::sync::Arc;

use foundry_scopes::{ClientId, Cloud, TenantAuthority};

use crate::secret::{ClientSecret, Secret};

/// RFC 7523, section 2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a federated credential of this cloud lists as audience unless it was changed (Entra doc
/// "Workload identity federation", and MSAL for the national clouds).
pub(crate) fn federated_audience(cloud: &Cloud) -> &'static str {
    match cloud
        .authority()
        .strip_prefix("https://")
        .unwrap_or_default()
    {
        "login.microsoftonline.us" => "api://AzureADTokenExchangeUSGov",
        "login.partner.microsoftonline.cn" | "login.chinacloudapi.cn" => {
            "api://AzureADTokenExchangeChina"
        }
        "login.sovcloud-identity.fr" => "api://AzureADTokenExchangeFrance",
        "login.sovcloud-identity.de" => "api://AzureADTokenExchangeGermany",
        _ => "api://AzureADTokenExchange",
    }
}

/// Which request a client assertion is for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AssertionRequest<'a> {
    /// The client that authenticates: issuer and subject of a signed assertion.
    pub client: ClientId,
    /// Cloud and tenant that are asked.
    pub authority: &'a TenantAuthority,
    /// The token endpoint: the audience of a signed assertion (Entra doc "Microsoft
    /// identity platform application authentication certificate credentials").
    pub endpoint: &'a str,
    /// The audience that a federated credential trusts, `api://AzureADTokenExchange` in the public
    /// cloud: what the other issuer is asked for. It is not the endpoint.
    pub federated_audience: &'a str,
    /// Now, in Unix seconds.
    pub now: i64,
    /// Whether Entra ID has just refused what was given: nothing cached will do.
    pub renew: bool,
}

/// One proof, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    Secret(ClientSecret),
    Assertion(Arc<Secret>),
}

impl Proof {
    /// The parameters that go into the token request.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let (kind, value) = match self {
            Self::Secret(secret) => (None, ("client_secret", secret.expose())),
            Self::Assertion(text) => (
                Some(("client_assertion_type", JWT_BEARER)),
                ("client_assertion", text.expose()),
            ),
        };
        kind.into_iter().chain(std::iter::once(value))
    }
}

/// Why a credential gives no proof, without the credential in it.
///
/// ```
/// use entra_obo::credential::ClientCertificate;
///
/// let error = ClientCertificate::from_pem("").unwrap_err();
/// assert_eq!(error.to_string(), "the client certificate cannot be used: the PEM text holds no certificate");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialError {
    what: &'static str,
    reason: String,
}

impl CredentialError {
    pub(crate) fn new(what: &'static str, reason: impl Into<String>) -> Self {
        Self {
            what,
            reason: reason.into(),
        }
    }

    /// For an [`AssertionSigner`](crate::credential::AssertionSigner) or a
    /// [`FederatedAssertion`](crate::credential::FederatedAssertion) of your own. The reason is printed:
    /// no secret in it.
    #[must_use]
    pub fn other(reason: impl Into<String>) -> Self {
        Self::new("client credential", reason)
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} cannot be used: {}", self.what, self.reason)
    }
}

impl std::error::Error for CredentialError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_has_its_audience() {
        for (cloud, audience) in [
            (Cloud::public(), "api://AzureADTokenExchange"),
            (Cloud::us_government(), "api://AzureADTokenExchangeUSGov"),
            (Cloud::china(), "api://AzureADTokenExchangeChina"),
            (
                Cloud::loopback("http://127.0.0.1:1").unwrap(),
                "api://AzureADTokenExchange",
            ),
        ] {
            assert_eq!(federated_audience(&cloud), audience);
        }
    }
}
