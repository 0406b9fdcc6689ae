//! A PEM text with a certificate, its chain and its key.

use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::CredentialError;

/// What a PEM text gives.
pub(super) struct Loaded {
    /// Leaf first.
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) key: KeyPair,
    pub(super) not_before: OffsetDateTime,
    pub(super) not_after: OffsetDateTime,
}

pub(super) fn refuse(reason: impl Into<String>) -> CredentialError {
    CredentialError::new("client certificate", reason)
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
