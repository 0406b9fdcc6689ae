//! Certificates, as far as client assertions need them (RFC 5280).

use aws_lc_rs::{digest, signature};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use x509_parser::prelude::{FromDer as _, GeneralName, Pem, X509Certificate};

/// A certificate taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
    /// The subject's public key: an `RSAPublicKey`, or a point on a curve.
    key: Vec<u8>,
    /// Common name and DNS names of the subject.
    names: Vec<String>,
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
}

impl Certificate {
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        let (rest, parsed) = X509Certificate::from_der(der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let common = parsed.subject().iter_common_name();
        let mut names: Vec<String> = common
            .filter_map(|n| n.as_str().ok())
            .map(str::to_owned)
            .collect();
        if let Ok(Some(alternative)) = parsed.subject_alternative_name() {
            let all = alternative.value.general_names.iter();
            names.extend(all.filter_map(|n| match n {
                GeneralName::DNSName(name) => Some((*name).to_owned()),
                _ => None,
            }));
        }
        Some(Self {
            key: parsed.public_key().subject_public_key.data.to_vec(),
            names,
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            der: der.to_vec(),
        })
    }

    /// All certificates of a PEM text, in order.
    pub(crate) fn chain_from_pem(pem: &[u8]) -> Vec<Self> {
        Pem::iter_from_buffer(pem)
            .filter_map(Result::ok)
            .filter(|block| block.label == "CERTIFICATE")
            .filter_map(|block| Self::from_der(&block.contents))
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
        X509Certificate::from_der(&self.der).is_ok_and(|(_, parsed)| parsed.is_ca())
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
        let Ok((_, parsed)) = X509Certificate::from_der(&other.der) else {
            return false;
        };
        let algorithm: &signature::RsaParameters =
            match parsed.signature_algorithm.algorithm.to_id_string().as_str() {
                "1.2.840.113549.1.1.11" => &signature::RSA_PKCS1_2048_8192_SHA256,
                "1.2.840.113549.1.1.12" => &signature::RSA_PKCS1_2048_8192_SHA384,
                "1.2.840.113549.1.1.13" => &signature::RSA_PKCS1_2048_8192_SHA512,
                _ => return false,
            };
        let message = parsed.tbs_certificate.as_ref();
        signature::UnparsedPublicKey::new(algorithm, &self.key)
            .verify(message, &parsed.signature_value.data)
            .is_ok()
    }
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

    #[test]
    fn only_its_own_key_signed_it() {
        let one = Certificate::from_der(ONE).unwrap();
        let two = Certificate::from_der(TWO).unwrap();
        assert!(one.signed(&one) && two.signed(&two));
        assert!(!one.signed(&two) && !two.signed(&one));
    }
}
