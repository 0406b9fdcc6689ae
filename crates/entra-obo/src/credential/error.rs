//! A credential that cannot be used.

use std::fmt;

/// Why a credential gives no proof, without the credential in it.
///
/// ```
/// use entra_obo::ClientCertificate;
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

    /// For an [`AssertionSigner`](crate::AssertionSigner) or a
    /// [`FederatedAssertion`](crate::FederatedAssertion) of your own. The reason is printed:
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
