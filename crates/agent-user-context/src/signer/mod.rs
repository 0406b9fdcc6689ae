//! Signer of contexts: a private key in memory, or in a vault.

mod local;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};

use crate::key::{Algorithm, PublicKey};

pub use local::{LocalSigner, LocalSignerError};

/// What is to be signed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SigningRequest<'a> {
    /// The algorithm of the signer's own key.
    pub algorithm: Algorithm,
    /// The signing input of the JWS, for keys that hash themselves.
    pub message: &'a [u8],
}

impl<'a> SigningRequest<'a> {
    /// For signers of your own, and their tests.
    #[must_use]
    pub const fn new(algorithm: Algorithm, message: &'a [u8]) -> Self {
        Self { algorithm, message }
    }

    /// The SHA-256 of the message, for keys that sign a digest.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let digest = digest(&SHA256, self.message);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        bytes
    }
}

/// A private key of an issuer.
///
/// For Azure Key Vault: `POST {key id}/sign` with `alg` = [`Algorithm::as_str`] and `value` = base64url of the digest
/// (Azure doc "Sign - REST API (Azure Key Vault)"); the answer's `value` is the signature as it is returned here. Each
/// context is one signature, so a vault's latency and throttling are those of every turn and call: a key in memory that
/// a vault delivers at the start is the alternative.
///
/// ```
/// use agent_user_context::{ContextSigner, PublicKey, SignError, SigningRequest};
/// use async_trait::async_trait;
///
/// #[derive(Debug)]
/// struct Vault {
///     public: PublicKey,
/// }
///
/// #[async_trait]
/// impl ContextSigner for Vault {
///     fn public_key(&self) -> PublicKey {
///         self.public.clone()
///     }
///
///     async fn sign(&self, request: SigningRequest<'_>) -> Result<Vec<u8>, SignError> {
///         assert_eq!(request.digest().len(), 32); // send it to the vault
///         Err(SignError::new("the vault did not answer"))
///     }
/// }
/// # fn main() {}
/// ```
#[async_trait]
pub trait ContextSigner: Debug + Send + Sync {
    /// The public half, which is published.
    fn public_key(&self) -> PublicKey;

    /// Signs. ES256: 64 bytes, r and s, not DER.
    ///
    /// # Errors
    ///
    /// The key cannot be reached or used.
    async fn sign(&self, request: SigningRequest<'_>) -> Result<Vec<u8>, SignError>;
}

#[async_trait]
impl<S: ContextSigner + ?Sized> ContextSigner for Arc<S> {
    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    async fn sign(&self, request: SigningRequest<'_>) -> Result<Vec<u8>, SignError> {
        (**self).sign(request).await
    }
}

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SignError {
    reason: &'static str,
}

impl SignError {
    /// For a signer of your own. The reason is logged: no secret may stand in it.
    #[must_use]
    pub const fn new(reason: &'static str) -> Self {
        Self { reason }
    }
}
