//! Settings of an app registration: from environment variables, or a section of a file.

use entra_claims::Policy;
use serde::Deserialize;

/// The settings of an [`EntraApp`](crate::EntraApp) as a section of a configuration file, in any format
/// that serde reads. A secret is named by the file or the variable that holds it, and is never in here.
///
/// ```
/// use mcp_auth::{EntraApp, EntraSettings};
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     entra: EntraSettings,
/// }
///
/// let config: Config = serde_json::from_str(r#"{ "entra": {
///     "tenant": "8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
///     "client_id": "11112222-bbbb-3333-cccc-4444dddd5555",
///     "identifier_uri": "api://contoso-orders",
///     "credential": { "certificate": "/etc/orders/client.pem" }
/// } }"#)?;
/// let entra = EntraApp::from_settings(config.entra)?;
/// assert_eq!(entra.identifier_uri().as_str(), "api://contoso-orders");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "the table of an app registration: tenant, client_id, cloud, identifier_uri, credential, callers"
)]
#[non_exhaustive]
pub struct EntraSettings {
    /// The tenant's id, a GUID.
    pub tenant: Option<String>,
    /// The application (client) id of the API's app registration.
    pub client_id: Option<String>,
    /// `public` (the default), `usgov`, `china`, or the address of an authority: a known host of Entra ID, of
    /// External ID (`https://contoso.ciamlogin.com`), or a local Entra ID on loopback.
    pub cloud: Option<String>,
    /// An identifier URI of the registration; `api://<client id>` by default.
    pub identifier_uri: Option<String>,
    /// What the app proves its identity with. A guard alone needs none.
    pub credential: Option<CredentialSettings>,
    /// Whose tokens are accepted; by default those of `tenant`, with the client id, `api://<client id>` or
    /// `identifier_uri` as audience.
    pub callers: Option<Policy>,
    /// The proxy for requests to Entra ID; none by default, and never one of the environment.
    pub https_proxy: Option<String>,
}

/// The credential of an app registration: exactly one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "a table with one of certificate, federated_token_file, managed_identity, secret_file, secret_variable"
)]
#[non_exhaustive]
pub struct CredentialSettings {
    /// A PEM file with the certificate and its private key.
    pub certificate: Option<String>,
    /// A file with a token of another issuer that the registration trusts.
    pub federated_token_file: Option<String>,
    /// `system`, or the client id of a user-assigned identity, that the registration trusts.
    pub managed_identity: Option<String>,
    /// A file that holds the client secret.
    pub secret_file: Option<String>,
    /// The environment variable that holds the client secret.
    pub secret_variable: Option<String>,
}

/// The environment variables that are read.
pub(super) mod variable {
    pub(crate) const TENANT: &str = "AZURE_TENANT_ID";
    pub(crate) const CLIENT: &str = "AZURE_CLIENT_ID";
    pub(crate) const OWN_CLIENT: &str = "ENTRA_CLIENT_ID";
    pub(crate) const AUTHORITY: &str = "AZURE_AUTHORITY_HOST";
    pub(crate) const IDENTIFIER_URI: &str = "ENTRA_IDENTIFIER_URI";
    pub(crate) const PROXY: &str = "ENTRA_HTTPS_PROXY";
}

/// Looks a variable up. An empty one counts as absent: that is how deployment templates leave one out.
pub(super) struct Variables<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }
}
