//! What an app proves itself with, besides a secret: certificates and federated
//! identity credentials.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DirectoryError, Tenant, id};
use crate::x509::Certificate;

/// A certificate registered on an app (Entra doc "Certificate credentials").
///
/// It holds the public part only; the private key stays with the client.
///
/// ```
/// use entra_emulator::AppCertificate;
///
/// assert!(AppCertificate::from_pem("not a certificate").is_err());
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppCertificate {
    pub(crate) parsed: Certificate,
}

impl AppCertificate {
    /// Reads the first certificate of a PEM text.
    ///
    /// # Errors
    ///
    /// The text holds no certificate that can be read.
    pub fn from_pem(pem: &str) -> Result<Self, DirectoryError> {
        let parsed = Certificate::chain_from_pem(pem.as_bytes())
            .into_iter()
            .next();
        parsed
            .map(|parsed| Self { parsed })
            .ok_or_else(|| unreadable("PEM"))
    }

    /// Reads a DER certificate.
    ///
    /// # Errors
    ///
    /// The bytes are no certificate that can be read.
    pub fn from_der(der: &[u8]) -> Result<Self, DirectoryError> {
        Certificate::from_der(der)
            .map(|parsed| Self { parsed })
            .ok_or_else(|| unreadable("DER"))
    }

    /// The DER bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.parsed.der
    }
}

/// As PEM.
impl TryFrom<String> for AppCertificate {
    type Error = DirectoryError;

    fn try_from(pem: String) -> Result<Self, DirectoryError> {
        Self::from_pem(&pem)
    }
}

/// As PEM (RFC 7468).
impl From<AppCertificate> for String {
    fn from(certificate: AppCertificate) -> Self {
        let text = BASE64_STANDARD.encode(certificate.der());
        let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
        for (at, character) in text.chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem + "\n-----END CERTIFICATE-----\n"
    }
}

fn exchange() -> String {
    EXCHANGE_URI.to_owned()
}

fn unreadable(form: &str) -> DirectoryError {
    DirectoryError::Invalid {
        what: "certificate in",
        value: form.to_owned(),
        reason: "no certificate can be read from it",
    }
}

/// A subject name and the authority that may certify it: every certificate of that name
/// is the app's, whatever its thumbprint (subject name and issuer authentication).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustedSubject {
    pub(crate) name: String,
    pub(crate) authority: AppCertificate,
}

/// A federated identity credential: tokens of a foreign issuer that stand for the app
/// (Entra doc "Workload identity federation").
///
/// The issuer's keys are fetched from its discovery document if it is a plain http
/// loopback address; for any other issuer give the key set with
/// [`key_set`](Self::key_set). Nothing leaves the machine.
///
/// ```
/// use entra_emulator::FederatedCredential;
///
/// let credential = FederatedCredential::new(
///     "https://cluster.example/",
///     "system:serviceaccount:default:worker",
/// )
/// .key_set(serde_json::json!({ "keys": [] }));
/// assert_eq!(credential.audience(), "api://AzureADTokenExchange");
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FederatedCredential {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) issuer: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) subject: String,
    /// A managed identity of the same tenant, by client id, in the place of issuer and
    /// subject.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "id::lower_maybe"
    )]
    pub(crate) managed_identity: Option<String>,
    #[serde(default = "exchange")]
    pub(crate) audience: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key_set: Option<Value>,
}

impl fmt::Debug for FederatedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FederatedCredential")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("managed_identity", &self.managed_identity)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// The emulator's base URL in the issuer of a declared credential, whose port nobody knows
/// beforehand.
const EMULATOR: &str = "{emulator}";

/// The audience of federated identity credentials, unless one says another.
pub(crate) const EXCHANGE_URI: &str = "api://AzureADTokenExchange";

impl FederatedCredential {
    /// Tokens with this `iss` and this `sub`, both compared literally, and the audience
    /// `api://AzureADTokenExchange`. `{emulator}` in the issuer stands for the base URL of the
    /// emulator: `{emulator}/<tenant id>/v2.0` is one of its own tenants.
    pub fn new(issuer: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            subject: subject.into(),
            managed_identity: None,
            audience: EXCHANGE_URI.to_owned(),
            key_set: None,
        }
    }

    /// Tokens of a managed identity of the same tenant, by its client id, as the metadata
    /// endpoints give them.
    ///
    /// ```
    /// use entra_emulator::FederatedCredential;
    ///
    /// let credential =
    ///     FederatedCredential::of_managed_identity("0a1b2c3d-0000-4000-8000-0000000000e1");
    /// assert_eq!(credential.audience(), "api://AzureADTokenExchange");
    /// ```
    pub fn of_managed_identity(client_id: impl AsRef<str>) -> Self {
        Self {
            managed_identity: Some(client_id.as_ref().to_ascii_lowercase()),
            ..Self::new("", "")
        }
    }

    /// The `iss` that its tokens have: [`EMULATOR`] in an issuer stands for the emulator's
    /// base URL.
    pub(crate) fn issuer_at(&self, base_url: &str, tenant: &Tenant) -> String {
        match self.managed_identity {
            Some(_) => tenant.issuer_v2(base_url),
            None => self.issuer.replace(EMULATOR, base_url),
        }
    }

    /// The `sub` that its tokens have.
    pub(crate) fn subject_in(&self, tenant: &Tenant) -> String {
        let identity = self.managed_identity.as_deref();
        match identity.and_then(|id| tenant.find_app(id)) {
            Some(app) => app.object_id(&tenant.id),
            None => self.subject.clone(),
        }
    }

    /// Sets another audience.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// Gives the issuer's key set (RFC 7517): nothing is fetched then.
    #[must_use]
    pub fn key_set(mut self, key_set: Value) -> Self {
        self.key_set = Some(key_set);
        self
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The audience.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }
}
