//! Signer of client assertions whose key is elsewhere: a vault, an HSM.

use std::fmt::Debug;

use async_trait::async_trait;

use super::proof::CredentialError;

/// How an assertion is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// RSASSA-PSS with SHA-256 (RFC 7518, section 3.5): what Entra ID asks for.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3): for keys and authorities
    /// without PSS (AADSTS5002730).
    Rs256,
}

impl SigningAlgorithm {
    /// The name in the header and in the sign operation of Azure Key Vault.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }
}

/// What is to be signed, in both forms that vaults and HSMs want it in.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SigningRequest<'a> {
    /// The algorithm: the signer's own, or RS256 after a fall-back.
    pub algorithm: SigningAlgorithm,
    /// The signing input of the JWS, for keys that hash themselves. No secret.
    pub message: &'a [u8],
    /// Its SHA-256, for keys that sign a digest.
    pub digest: &'a [u8; 32],
    /// The leaf that the header names, as [`certificate_chain`](AssertionSigner::certificate_chain)
    /// gave it for this assertion. A signer whose key was rotated since signs with the key of
    /// this certificate, or gives an error.
    pub certificate: &'a [u8],
}

/// A private key that stays outside this process: in a vault, an HSM, an agent.
///
/// One signature serves a client for minutes, so this is called rarely, and a remote call
/// is fine. For Azure Key Vault: `POST {key id}/sign` with `alg` =
/// [`SigningAlgorithm::as_str`] and `value` = base64url of the digest (Azure doc "Sign -
/// REST API (Azure Key Vault)"). The certificate is the key's public half and is what the
/// application's registration shows.
///
/// ```
/// use async_trait::async_trait;
/// use entra_obo::credential::{AssertionSigner, ClientCertificate, CredentialError, SigningAlgorithm, SigningRequest};
///
/// #[derive(Debug)]
/// struct Vault {
///     /// Leaf first, DER.
///     chain: Vec<Vec<u8>>,
/// }
///
/// #[async_trait]
/// impl AssertionSigner for Vault {
///     fn algorithm(&self) -> SigningAlgorithm {
///         SigningAlgorithm::Ps256
///     }
///
///     async fn certificate_chain(&self) -> Result<Vec<Vec<u8>>, CredentialError> {
///         Ok(self.chain.clone())
///     }
///
///     async fn sign(&self, request: SigningRequest<'_>) -> Result<Vec<u8>, CredentialError> {
///         assert_eq!(request.digest.len(), 32); // send it to the vault
///         Err(CredentialError::other("the vault did not answer"))
///     }
/// }
/// # fn main() {}
/// ```
#[async_trait]
pub trait AssertionSigner: Debug + Send + Sync {
    /// How it signs.
    fn algorithm(&self) -> SigningAlgorithm;

    /// The certificate whose key signs, and what issued it, leaf first, as DER. The leaf's
    /// thumbprint goes into the header. Requested for every assertion, so a rotated
    /// certificate is seen.
    ///
    /// # Errors
    ///
    /// No certificate can be had.
    async fn certificate_chain(&self) -> Result<Vec<Vec<u8>>, CredentialError>;

    /// Whether the chain is sent along (`x5c`), as registrations want it that trust a
    /// subject name and issuer instead of one certificate.
    fn sends_chain(&self) -> bool {
        false
    }

    /// Signs with the leaf's key.
    ///
    /// # Errors
    ///
    /// The key cannot be reached or used.
    async fn sign(&self, request: SigningRequest<'_>) -> Result<Vec<u8>, CredentialError>;
}
