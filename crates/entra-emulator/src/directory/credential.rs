//! What an app proves itself with, besides a secret: certificates and federated
//! identity credentials.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::DirectoryError;
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
    pub(crate) issuer: String,
    pub(crate) subject: String,
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
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// The audience of federated identity credentials, unless one says another.
pub(crate) const EXCHANGE_URI: &str = "api://AzureADTokenExchange";

impl FederatedCredential {
    /// Tokens with this `iss` and this `sub`, both compared literally, and the audience
    /// `api://AzureADTokenExchange`.
    pub fn new(issuer: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            subject: subject.into(),
            audience: EXCHANGE_URI.to_owned(),
            key_set: None,
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
