//! X.509 certificates of clients: names, validity, key, signature (RFC 5280).

use aws_lc_rs::{digest, signature};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Header, Reader as _, SliceReader};
use x509_cert::ext::pkix::name::{DirectoryString, GeneralName};
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};

/// RFC 5280, appendix A.1.
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// A certificate taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
    /// The subject's public key: an `RSAPublicKey`, or a point on a curve.
    key: Vec<u8>,
    /// Common name and DNS names of the subject.
    names: Vec<String>,
    is_authority: bool,
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
}

impl Certificate {
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        let parsed = x509_cert::Certificate::from_der(der).ok()?;
        let signed = parsed.tbs_certificate();
        let common = signed.subject().iter().filter(|it| it.oid == COMMON_NAME);
        let mut names: Vec<String> = common
            .filter_map(|it| DirectoryString::try_from(&it.value).ok())
            .map(|name| name.value().into_owned())
            .collect();
        if let Ok(Some((_, SubjectAltName(alternative)))) = signed.get_extension() {
            names.extend(alternative.iter().filter_map(|name| match name {
                GeneralName::DnsName(name) => Some(name.to_string()),
                _ => None,
            }));
        }
        let constraints = signed.get_extension::<BasicConstraints>();
        let info = signed.subject_public_key_info();
        Some(Self {
            key: info.subject_public_key.as_bytes()?.to_vec(),
            names,
            is_authority: constraints.is_ok_and(|found| found.is_some_and(|(_, it)| it.ca)),
            not_before: seconds(signed.validity().not_before)?,
            not_after: seconds(signed.validity().not_after)?,
            der: der.to_vec(),
        })
    }

    /// All certificates of a PEM text, in order.
    pub(crate) fn chain_from_pem(pem: &[u8]) -> Vec<Self> {
        CertificateDer::pem_slice_iter(pem)
            .filter_map(Result::ok)
            .filter_map(|der| Self::from_der(&der))
            .collect()
    }

    /// `x5t`: base64url of the SHA-1 of the DER bytes.
    pub(crate) fn sha1(&self) -> String {
        self.thumbprint(&digest::SHA1_FOR_LEGACY_USE_ONLY)
    }

    /// `x5t#S256`.
    pub(crate) fn sha256(&self) -> String {
        self.thumbprint(&digest::SHA256)
    }

    fn thumbprint(&self, algorithm: &'static digest::Algorithm) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(digest::digest(algorithm, &self.der))
    }

    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|n| n.eq_ignore_ascii_case(name))
    }

    /// Whether it may sign other certificates (RFC 5280, section 4.2.1.9).
    pub(crate) fn is_authority(&self) -> bool {
        self.is_authority
    }

    pub(crate) fn is_valid_at(&self, now: i64) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// Whether its key made a JWS signature with RS256 or PS256.
    pub(crate) fn verifies(&self, algorithm: JwsAlgorithm, message: &[u8], sig: &[u8]) -> bool {
        algorithm.verifies(&self.key, message, sig)
    }

    /// Whether its key signed the other certificate, with RSA and SHA-256, 384 or 512.
    pub(crate) fn signed(&self, other: &Self) -> bool {
        let Ok(parsed) = x509_cert::Certificate::from_der(&other.der) else {
            return false;
        };
        let algorithm: &signature::RsaParameters =
            match parsed.signature_algorithm().oid.to_string().as_str() {
                "1.2.840.113549.1.1.11" => &signature::RSA_PKCS1_2048_8192_SHA256,
                "1.2.840.113549.1.1.12" => &signature::RSA_PKCS1_2048_8192_SHA384,
                "1.2.840.113549.1.1.13" => &signature::RSA_PKCS1_2048_8192_SHA512,
                _ => return false,
            };
        let (Some(message), Some(sig)) = (signed_bytes(&other.der), parsed.signature().as_bytes())
        else {
            return false;
        };
        signature::UnparsedPublicKey::new(algorithm, &self.key)
            .verify(message, sig)
            .is_ok()
    }
}

fn seconds(at: x509_cert::time::Time) -> Option<i64> {
    i64::try_from(at.to_unix_duration().as_secs()).ok()
}

/// The TBSCertificate as it was written: what the signature is over.
fn signed_bytes(der: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(der).ok()?;
    Header::decode(&mut reader).ok()?;
    reader.tlv_bytes().ok()
}

/// The signatures that Entra takes from clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JwsAlgorithm {
    Rs256,
    Ps256,
}

impl JwsAlgorithm {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            _ => None,
        }
    }

    /// `key` is an `RSAPublicKey` (RFC 8017, appendix A.1.1).
    fn verifies(self, key: &[u8], message: &[u8], sig: &[u8]) -> bool {
        signature::UnparsedPublicKey::new(self.parameters(), key)
            .verify(message, sig)
            .is_ok()
    }

    pub(crate) fn parameters(self) -> &'static signature::RsaParameters {
        match self {
            Self::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[u8] = include_bytes!("../keys/test-only-1.cert.der");
    const TWO: &[u8] = include_bytes!("../keys/test-only-2.cert.der");

    #[test]
    fn a_certificate_is_read() {
        let one = Certificate::from_der(ONE).unwrap();
        assert_eq!((one.sha1().len(), one.sha256().len()), (27, 43));
        assert!(one.not_before < one.not_after);
        assert!(one.is_valid_at(one.not_after) && !one.is_valid_at(one.not_after + 1));
        assert!(!one.is_valid_at(one.not_before - 1));
        assert!(Certificate::from_der(&ONE[1..]).is_none());
        let long = [ONE, &[0]].concat();
        assert!(Certificate::from_der(&long).is_none());
    }

    /// A certificate of an authority and one that it signed, each with both kinds of names.
    fn issued() -> (Certificate, Certificate) {
        let params = |name: &str| {
            let mut params =
                rcgen::CertificateParams::new(vec![format!("{name}.example")]).unwrap();
            params.distinguished_name = rcgen::DistinguishedName::new();
            params
                .distinguished_name
                .push(rcgen::DnType::CommonName, name);
            params
        };
        let key = || rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let (authority_key, leaf_key) = (key(), key());
        let mut authority = params("authority");
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let root = authority.self_signed(&authority_key).unwrap();
        let issuer = rcgen::Issuer::new(authority, authority_key);
        let leaf = params("leaf").signed_by(&leaf_key, &issuer).unwrap();
        let chain = [leaf.pem(), root.pem()].concat();
        let mut chain = Certificate::chain_from_pem(chain.as_bytes()).into_iter();
        (chain.next().unwrap(), chain.next().unwrap())
    }

    #[test]
    fn names_authority_and_signature_of_an_issued_certificate() {
        let (leaf, root) = issued();
        for name in ["leaf", "LEAF.example"] {
            assert!(leaf.has_name(name) && !root.has_name(name), "{name}");
        }
        assert!(root.is_authority() && !leaf.is_authority());
        assert!(root.signed(&leaf) && !leaf.signed(&root));
    }

    #[test]
    fn only_its_own_key_signed_it() {
        let one = Certificate::from_der(ONE).unwrap();
        let two = Certificate::from_der(TWO).unwrap();
        assert!(one.signed(&one) && two.signed(&two));
        assert!(!one.signed(&two) && !two.signed(&one));
    }
}
