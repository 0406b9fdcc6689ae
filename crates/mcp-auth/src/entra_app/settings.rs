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
    pub(crate) const CREDENTIAL: &str = "ENTRA_CREDENTIAL";
    pub(crate) const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
    pub(crate) const CERTIFICATE_PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
    pub(crate) const FEDERATED: &str = "AZURE_FEDERATED_TOKEN_FILE";
    pub(crate) const MANAGED_IDENTITY: &str = "ENTRA_MANAGED_IDENTITY_CLIENT_ID";
    pub(crate) const SECRET: &str = "AZURE_CLIENT_SECRET";
    pub(crate) const SECRET_FILE: &str = "ENTRA_CLIENT_SECRET_FILE";

    /// All of them: none is a misspelling of another.
    pub(crate) const READ: [&str; 13] = [
        TENANT,
        CLIENT,
        OWN_CLIENT,
        AUTHORITY,
        IDENTIFIER_URI,
        PROXY,
        CREDENTIAL,
        CERTIFICATE,
        CERTIFICATE_PASSWORD,
        FEDERATED,
        MANAGED_IDENTITY,
        SECRET,
        SECRET_FILE,
    ];
}

/// Environment variables, or a list that stands in for them. An empty one counts as absent: that is how deployment
/// templates leave one out.
pub(super) struct Variables<'a> {
    pub(super) look: &'a dyn Fn(&str) -> Option<String>,
    /// The names of all that are set.
    pub(super) names: &'a dyn Fn() -> Vec<String>,
}

impl Variables<'_> {
    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.look)(name).filter(|value| !value.trim().is_empty())
    }

    /// For the error about a variable that is absent: one that is set, and that may be meant.
    pub(super) fn hint(&self, wanted: &str) -> Option<String> {
        if (self.look)(wanted).is_some() {
            return Some(format!("{wanted} is set, and empty"));
        }
        let wanted = spelling::essence(wanted);
        let names = (self.names)();
        let meant = names.iter().find(|name| {
            !variable::READ.contains(&name.as_str())
                && spelling::is_close(&spelling::essence(name), &wanted)
                && self.get(name).is_some()
        });
        meant.map(|name| format!("{} is set: is it misspelt?", name.escape_debug()))
    }
}

/// The names of this process's variables.
pub(super) fn names_of_process() -> Vec<String> {
    let all = std::env::vars_os();
    all.filter_map(|(name, _)| name.into_string().ok())
        .collect()
}

mod spelling {
    /// The letters that people tell such names apart by: without prefix, underscores and case.
    pub(super) fn essence(name: &str) -> Vec<u8> {
        let upper = name.to_ascii_uppercase();
        let prefixes = ["AZURE_", "ENTRA_", "AAD_", "ARM_", "MSAL_"];
        let rest = prefixes.iter().find_map(|it| upper.strip_prefix(it));
        let rest = rest.unwrap_or(&upper).bytes();
        rest.filter(|byte| *byte != b'_').collect()
    }

    /// Whether at most two letters were left out, added or exchanged (Levenshtein).
    pub(super) fn is_close(one: &[u8], other: &[u8]) -> bool {
        let mut row: Vec<usize> = (0..=other.len()).collect();
        for (i, a) in one.iter().enumerate() {
            let mut diagonal = i;
            let mut left = i + 1;
            if let Some(first) = row.first_mut() {
                *first = left;
            }
            for (b, above) in other.iter().zip(row.iter_mut().skip(1)) {
                let replaced = diagonal + usize::from(a != b);
                diagonal = *above;
                left = replaced.min(left + 1).min(*above + 1);
                *above = left;
            }
        }
        row.last().is_some_and(|distance| *distance <= 2)
    }
}
