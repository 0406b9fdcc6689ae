//! Client certificate and private key, from PEM text or from a file that is rotated.

use std::collections::VecDeque;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use entra_parts::lock::lock;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::file::{FILES, read_small};
use super::proof::CredentialError;
use super::signer::{AssertionSigner, SigningAlgorithm, SigningRequest};

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
/// use entra_obo::credential::ClientCertificate;
/// use entra_obo::ClientCredential;
/// # let pem = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/data/client.pem"));
///
/// let certificate = ClientCertificate::from_pem(pem)?;
/// let credential = ClientCredential::certificate(certificate.clone());
/// let days = (certificate.not_after() - time::OffsetDateTime::UNIX_EPOCH).whole_days();
/// assert!(days > 20_000);
/// assert!(!format!("{credential:?}").contains("PRIVATE"));
/// # Ok::<(), entra_obo::credential::CredentialError>(())
/// ```
#[derive(Clone)]
pub struct ClientCertificate(Arc<Inner>);

struct Inner {
    file: Option<PathBuf>,
    loaded: Mutex<Rotated>,
    algorithm: SigningAlgorithm,
    sends_chain: bool,
}

/// The file as it was read last, and before: an assertion whose header names a certificate is
/// signed with the key of that one, whatever was read meanwhile.
struct Rotated {
    current: Arc<Loaded>,
    before: VecDeque<Arc<Loaded>>,
}

/// An assertion is made within milliseconds, and files are rotated in hours.
const BEFORE: usize = 4;

impl Rotated {
    fn new(current: Arc<Loaded>) -> Self {
        Self {
            current,
            before: VecDeque::new(),
        }
    }

    fn replace(&mut self, loaded: Loaded) {
        if loaded.chain == self.current.chain {
            return;
        }
        let old = std::mem::replace(&mut self.current, Arc::new(loaded));
        self.before.push_front(old);
        self.before.truncate(BEFORE);
    }

    fn of(&self, leaf: &[u8]) -> Option<Arc<Loaded>> {
        std::iter::once(&self.current)
            .chain(&self.before)
            .find(|loaded| loaded.chain.first().is_some_and(|it| it == leaf))
            .map(Arc::clone)
    }
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

    /// When it ends: after this time Entra ID refuses what it signs (AADSTS700027). Watch
    /// it, and put the next one in place before.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        lock(&self.0.loaded).current.not_after
    }

    /// When it begins.
    #[must_use]
    pub fn not_before(&self) -> OffsetDateTime {
        lock(&self.0.loaded).current.not_before
    }

    /// Whole days from `now` to its end, negative after it: a gauge for monitoring.
    #[must_use]
    pub fn days_left(&self, now: OffsetDateTime) -> i64 {
        (self.not_after() - now).whole_days()
    }

    fn new(file: Option<PathBuf>, loaded: Loaded) -> Self {
        Self(Arc::new(Inner {
            file,
            loaded: Mutex::new(Rotated::new(Arc::new(loaded))),
            algorithm: SigningAlgorithm::Ps256,
            sends_chain: false,
        }))
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = match Arc::try_unwrap(self.0) {
            Ok(inner) => inner,
            Err(shared) => Inner {
                file: shared.file.clone(),
                loaded: Mutex::new(Rotated::new(Arc::clone(&lock(&shared.loaded).current))),
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
        lock(&self.0.loaded).current.chain.clone()
    }

    /// Looks whether the file has changed.
    pub(super) async fn reload(&self) {
        let Some(path) = self.0.file.clone() else {
            return;
        };
        match FILES.read(WHAT, move || read(&path)).await {
            Ok(loaded) => lock(&self.0.loaded).replace(loaded),
            Err(error) => {
                tracing::warn!(%error, "the client certificate's file cannot be read; the one at hand is used");
            }
        }
    }

    pub(super) fn sign(
        &self,
        random: &SystemRandom,
        request: &SigningRequest<'_>,
    ) -> Result<Vec<u8>, CredentialError> {
        let loaded = lock(&self.0.loaded)
            .of(request.certificate)
            .ok_or_else(|| {
                refuse("the file was replaced several times while an assertion was signed")
            })?;
        let message = request.message;
        let mut signature = vec![0; loaded.key.public_modulus_len()];
        let signed = match request.algorithm {
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
    let pem = read_small(path, FILE_LIMIT).map_err(refuse)?;
    Loaded::parse(&pem)
}

/// The signer whose key is in this process.
#[derive(Debug)]
pub(crate) struct ByCertificate {
    certificate: ClientCertificate,
    random: SystemRandom,
}

impl ByCertificate {
    pub(crate) fn new(certificate: ClientCertificate) -> Self {
        Self {
            certificate,
            random: SystemRandom::new(),
        }
    }
}

#[async_trait]
impl AssertionSigner for ByCertificate {
    fn algorithm(&self) -> SigningAlgorithm {
        self.certificate.algorithm()
    }

    async fn certificate_chain(&self) -> Result<Vec<Vec<u8>>, CredentialError> {
        self.certificate.reload().await;
        Ok(self.certificate.chain())
    }

    fn sends_chain(&self) -> bool {
        self.certificate.sends_chain()
    }

    async fn sign(&self, request: SigningRequest<'_>) -> Result<Vec<u8>, CredentialError> {
        self.certificate.sign(&self.random, &request)
    }
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

/// What a PEM text gives.
pub(super) struct Loaded {
    /// Leaf first.
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) key: KeyPair,
    pub(super) not_before: OffsetDateTime,
    pub(super) not_after: OffsetDateTime,
}

const WHAT: &str = "client certificate";

pub(super) fn refuse(reason: impl Into<String>) -> CredentialError {
    CredentialError::new(WHAT, reason)
}

impl Loaded {
    /// Reads certificates and one private key, in any order. The certificate that belongs
    /// to the key is the leaf; the others follow in the order of the text.
    pub(super) fn parse(pem: &[u8]) -> Result<Self, CredentialError> {
        let mut chain = CertificateDer::pem_slice_iter(pem)
            .map(|certificate| certificate.map(|der| der.to_vec()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| refuse("the PEM text is damaged"))?;
        if chain.is_empty() {
            return Err(refuse("the PEM text holds no certificate"));
        }
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
            let text = String::from_utf8_lossy(pem);
            if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
            {
                refuse("the private key is encrypted; decrypt it first, for example with `openssl pkey`")
            } else {
                refuse("the PEM text holds no private key")
            }
        })?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
            _ => {
                return Err(refuse(
                    "the private key is not RSA, and Entra ID takes RSA only",
                ));
            }
        }
        .map_err(|_| refuse("the private key is not an RSA key of 2048 to 8192 bits"))?;
        let public = key.public_key().as_ref();
        let mut leaf = None;
        for (index, der) in chain.iter().enumerate() {
            let certificate = parse(der)?;
            if public_key(&certificate) == Some(public) {
                leaf = Some((index, certificate));
                break;
            }
        }
        let Some((index, certificate)) = leaf else {
            return Err(refuse(
                "no certificate of the PEM text belongs to its private key",
            ));
        };
        let first = chain.remove(index);
        chain.insert(0, first);
        let validity = certificate.tbs_certificate().validity();
        Ok(Self {
            chain,
            key,
            not_before: time(&validity.not_before)?,
            not_after: time(&validity.not_after)?,
        })
    }
}

fn parse(der: &[u8]) -> Result<Certificate, CredentialError> {
    Certificate::from_der(der).map_err(|_| refuse("a certificate of the PEM text cannot be read"))
}

/// The RSAPublicKey (RFC 8017, appendix A.1.1) inside the certificate.
fn public_key(certificate: &Certificate) -> Option<&[u8]> {
    let info = certificate.tbs_certificate().subject_public_key_info();
    // rsaEncryption (RFC 8017, appendix A.1).
    let rsa = "1.2.840.113549.1.1.1";
    if info.algorithm.oid.to_string() != rsa {
        return None;
    }
    info.subject_public_key.as_bytes()
}

fn time(at: &x509_cert::time::Time) -> Result<OffsetDateTime, CredentialError> {
    let seconds = i64::try_from(at.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_err(|_| refuse("the certificate's validity is not a time"))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    const FIRST: &str = include_str!("../../tests/it/data/client.pem");
    const SECOND: &str = include_str!("../../tests/it/data/other.pem");

    #[tokio::test]
    async fn an_assertion_is_signed_with_the_key_of_the_certificate_that_its_header_names() {
        let name = format!("entra-obo-snapshot-{}.pem", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, FIRST).unwrap();
        let certificate = ClientCertificate::from_pem_file(&path).unwrap();
        let signer = ByCertificate::new(certificate);
        let named = signer.certificate_chain().await.unwrap().remove(0);
        // Another request reads the rotated file, before this one signs.
        std::fs::write(&path, SECOND).unwrap();
        let other = signer.certificate_chain().await.unwrap().remove(0);
        assert_ne!(named, other, "the second certificate was read");
        for (leaf, pem) in [(&named, FIRST), (&other, SECOND)] {
            let request = SigningRequest {
                algorithm: SigningAlgorithm::Ps256,
                message: b"header.claims",
                digest: &[0; 32],
                certificate: leaf,
            };
            let signature = signer.sign(request).await.unwrap();
            let loaded = Loaded::parse(pem.as_bytes()).unwrap();
            let key = loaded.key.public_key().as_ref().to_vec();
            UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key)
                .verify(b"header.claims", &signature)
                .unwrap();
        }
        std::fs::remove_file(&path).unwrap();
    }
}
