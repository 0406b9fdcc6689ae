//! Signer whose private key is in this process.

use std::fmt;

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};

use super::{ContextSigner, SignError, SigningRequest};
use crate::key::{PublicKey, VerifyingKey};

/// A private key in the memory of this process. It is not printed.
///
/// ```
/// use agent_user_context::{Algorithm, ContextSigner, LocalSigner};
///
/// let signer = LocalSigner::generate()?; // in a service: from_pkcs8, out of a secret store
/// assert_eq!(signer.public_key().algorithm(), Algorithm::Es256);
/// # Ok::<(), agent_user_context::LocalSignerError>(())
/// ```
pub struct LocalSigner {
    key: Key,
    public: PublicKey,
}

enum Key {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// Bytes that are no private key for contexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocalSignerError {
    /// Not a PKCS #8 key on P-256, nor an RSA one of 2048 to 8192 bits with the exponent 65537.
    #[error("not a PKCS #8 private key on P-256, nor an RSA one of 2048 to 8192 bits")]
    NotAKey,
    /// The system gives no random bytes.
    #[error("no key can be made")]
    NoRandomness,
}

impl LocalSigner {
    /// A new key on P-256. It dies with this process: contexts that it signed are refused once its public half is no
    /// longer published. Several instances need one key.
    ///
    /// # Errors
    ///
    /// [`LocalSignerError::NoRandomness`].
    pub fn generate() -> Result<Self, LocalSignerError> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Self::of_p256(key.map_err(|_| LocalSignerError::NoRandomness)?)
    }

    /// A new RSA key of 2048 bits, for verifiers without P-256.
    ///
    /// # Errors
    ///
    /// [`LocalSignerError::NoRandomness`].
    pub fn generate_rsa() -> Result<Self, LocalSignerError> {
        let key = RsaKeyPair::generate(KeySize::Rsa2048);
        Self::of_rsa(key.map_err(|_| LocalSignerError::NoRandomness)?)
    }

    /// A private key as DER (PKCS #8), on P-256 or RSA: `openssl genpkey -algorithm EC -pkeyopt
    /// ec_paramgen_curve:P-256 -outform DER`.
    ///
    /// # Errors
    ///
    /// [`LocalSignerError::NotAKey`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, LocalSignerError> {
        if let Ok(key) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der) {
            return Self::of_p256(key);
        }
        Self::of_rsa(RsaKeyPair::from_pkcs8(der).map_err(|_| LocalSignerError::NotAKey)?)
    }

    fn of_p256(key: EcdsaKeyPair) -> Result<Self, LocalSignerError> {
        let public = PublicKey::from_point(key.public_key().as_ref());
        let public = public.map_err(|_| LocalSignerError::NotAKey)?;
        Ok(Self {
            key: Key::P256(key),
            public,
        })
    }

    fn of_rsa(key: RsaKeyPair) -> Result<Self, LocalSignerError> {
        let public = PublicKey::from_rsa_der(key.public_key().as_ref());
        let public = public.map_err(|_| LocalSignerError::NotAKey)?;
        VerifyingKey::new(&public).map_err(|_| LocalSignerError::NotAKey)?;
        Ok(Self {
            key: Key::Rsa(key),
            public,
        })
    }
}

#[async_trait]
impl ContextSigner for LocalSigner {
    fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    async fn sign(&self, request: SigningRequest<'_>) -> Result<Vec<u8>, SignError> {
        const FAILED: SignError = SignError::new("the cryptographic library failed");
        match &self.key {
            Key::P256(key) => {
                let signature = key.sign(&SystemRandom::new(), request.message);
                Ok(signature.map_err(|_| FAILED)?.as_ref().to_vec())
            }
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    request.message,
                    &mut signature,
                )
                .map_err(|_| FAILED)?;
                Ok(signature)
            }
        }
    }
}

impl fmt::Debug for LocalSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalSigner({:?}, <redacted>)", self.public)
    }
}
