//! A certificate and its private key, in memory or in a file that is rotated.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use time::OffsetDateTime;

use super::pem::{Loaded, refuse};
use super::{CredentialError, SigningAlgorithm};
use crate::cache::lock;

/// A chain of certificates and a key take a few kilobytes.
const FILE_LIMIT: u64 = 256 * 1024;

/// A client certificate with its private key, from PEM (PKCS#8 or PKCS#1, RSA, 2048 bits or
/// more: Entra ID takes no other keys for this).
///
/// One that came from a file is read again with every new assertion, so a rotated file is
/// seen within minutes and at once when Entra ID refuses the old one. A file that cannot be
/// read meanwhile changes nothing.
///
/// Keep a clone to watch its end: [`not_after`](Self::not_after).
///
/// ```
/// use entra_obo::{ClientCertificate, ClientCredential};
/// # let pem = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/client.pem"));
///
/// let certificate = ClientCertificate::from_pem(pem)?;
/// let credential = ClientCredential::certificate(certificate.clone());
/// let days = (certificate.not_after() - time::OffsetDateTime::UNIX_EPOCH).whole_days();
/// assert!(days > 20_000);
/// assert!(!format!("{credential:?}").contains("PRIVATE"));
/// # Ok::<(), entra_obo::CredentialError>(())
/// ```
#[derive(Clone)]
pub struct ClientCertificate(Arc<Inner>);

struct Inner {
    file: Option<PathBuf>,
    loaded: Mutex<Arc<Loaded>>,
    algorithm: SigningAlgorithm,
    sends_chain: bool,
}

impl ClientCertificate {
    /// Takes the certificate, its chain and its key from one PEM text, in any order.
    ///
    /// # Errors
    ///
    /// No certificate, no private key, one that is encrypted or not RSA, or a key that
    /// belongs to none of the certificates.
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, CredentialError> {
        Ok(Self::new(None, Loaded::parse(pem.as_ref())?))
    }

    /// The same from a file, which is read again when it is needed.
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem), or a file that cannot be read or is larger than
    /// 256 KiB.
    pub fn from_pem_file(path: impl Into<PathBuf>) -> Result<Self, CredentialError> {
        let path = path.into();
        let loaded = read(&path)?;
        Ok(Self::new(Some(path), loaded))
    }

    /// Signs with RS256 and the SHA-1 thumbprint instead of PS256, for authorities without
    /// PSS.
    #[must_use]
    pub fn with_rs256(self) -> Self {
        self.with(|inner| inner.algorithm = SigningAlgorithm::Rs256)
    }

    /// Sends the chain along (`x5c`), as registrations want it that trust a subject name
    /// and issuer: a renewed certificate then needs no change of the registration.
    #[must_use]
    pub fn with_chain(self) -> Self {
        self.with(|inner| inner.sends_chain = true)
    }

    /// When it ends: after this time Entra ID refuses it (AADSTS7000222 and 700027). Watch
    /// it, and put the next one in place before.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        lock(&self.0.loaded).not_after
    }

    /// When it begins.
    #[must_use]
    pub fn not_before(&self) -> OffsetDateTime {
        lock(&self.0.loaded).not_before
    }

    /// Whole days from `now` to its end, negative after it: a gauge for monitoring.
    #[must_use]
    pub fn days_left(&self, now: OffsetDateTime) -> i64 {
        (self.not_after() - now).whole_days()
    }

    fn new(file: Option<PathBuf>, loaded: Loaded) -> Self {
        Self(Arc::new(Inner {
            file,
            loaded: Mutex::new(Arc::new(loaded)),
            algorithm: SigningAlgorithm::Ps256,
            sends_chain: false,
        }))
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = match Arc::try_unwrap(self.0) {
            Ok(inner) => inner,
            Err(shared) => Inner {
                file: shared.file.clone(),
                loaded: Mutex::new(Arc::clone(&lock(&shared.loaded))),
                algorithm: shared.algorithm,
                sends_chain: shared.sends_chain,
            },
        };
        change(&mut inner);
        Self(Arc::new(inner))
    }

    pub(super) fn algorithm(&self) -> SigningAlgorithm {
        self.0.algorithm
    }

    pub(super) fn sends_chain(&self) -> bool {
        self.0.sends_chain
    }

    pub(super) fn chain(&self) -> Vec<Vec<u8>> {
        lock(&self.0.loaded).chain.clone()
    }

    /// Looks whether the file has changed. Small and rare, so it is read where it is needed.
    pub(super) fn reload(&self) {
        let Some(path) = &self.0.file else { return };
        match read(path) {
            Ok(loaded) => *lock(&self.0.loaded) = Arc::new(loaded),
            Err(error) => {
                tracing::warn!(%error, "the client certificate's file cannot be read; the one at hand is used");
            }
        }
    }

    pub(super) fn sign(
        &self,
        random: &SystemRandom,
        algorithm: SigningAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, CredentialError> {
        let loaded = Arc::clone(&lock(&self.0.loaded));
        let mut signature = vec![0; loaded.key.public_modulus_len()];
        let signed = match algorithm {
            SigningAlgorithm::Ps256 => {
                loaded
                    .key
                    .sign(&RSA_PSS_SHA256, random, message, &mut signature)
            }
            SigningAlgorithm::Rs256 => {
                loaded
                    .key
                    .sign(&RSA_PKCS1_SHA256, random, message, &mut signature)
            }
        };
        signed.map_err(|_| refuse("the private key does not sign"))?;
        Ok(signature)
    }
}

fn read(path: &Path) -> Result<Loaded, CredentialError> {
    let pem = super::token_file::read_small(path, FILE_LIMIT).map_err(refuse)?;
    Loaded::parse(&pem)
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("file", &self.0.file)
            .field("not_after", &self.not_after())
            .field("algorithm", &self.0.algorithm)
            .field("key", &format_args!("<redacted>"))
            .finish_non_exhaustive()
    }
}
