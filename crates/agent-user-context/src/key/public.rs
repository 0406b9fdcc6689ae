//! Public keys for ES256 and RS256, as JSON web keys named by their thumbprint (RFC 7638).

use std::fmt;

use aws_lc_rs::digest::{Digest, SHA256, digest};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use serde_json::{Value, json};

use crate::jws::encode;

/// How contexts are signed. No HMAC: a verifier could issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4): the default.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3), for vaults that hold RSA keys.
    Rs256,
}

impl Algorithm {
    /// The name in headers and key sets, and in the sign operation of Azure Key Vault.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Es256, Self::Rs256]
            .into_iter()
            .find(|it| it.as_str() == name)
    }
}

/// The public half of an issuer's key.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicKey {
    /// A point on P-256.
    P256 {
        /// The x coordinate, big-endian.
        x: [u8; 32],
        /// The y coordinate, big-endian.
        y: [u8; 32],
    },
    /// An RSA key of 2048 to 8192 bits with the exponent 65537.
    Rsa {
        /// The modulus, big-endian, without leading zeros.
        n: Vec<u8>,
    },
}

/// Bytes that are no usable public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("not a point on P-256, nor an RSA modulus of 2048 to 8192 bits")]
pub struct PublicKeyError;

/// 65537: what everything makes.
pub(crate) const EXPONENT: [u8; 3] = [1, 0, 1];

impl PublicKey {
    /// From an uncompressed point (`04`, x, y).
    pub(crate) fn from_point(point: &[u8]) -> Result<Self, PublicKeyError> {
        let coordinates = point.strip_prefix(&[4]).filter(|rest| rest.len() == 64);
        let (x, y) = coordinates.ok_or(PublicKeyError)?.split_at(32);
        match (x.try_into(), y.try_into()) {
            (Ok(x), Ok(y)) => Ok(Self::P256 { x, y }),
            _ => Err(PublicKeyError),
        }
    }

    /// From an `RSAPublicKey` (RFC 8017, appendix A.1.1): a sequence of modulus and exponent.
    pub(crate) fn from_rsa_der(der: &[u8]) -> Result<Self, PublicKeyError> {
        let (numbers, rest) = der_value(der, 0x30).ok_or(PublicKeyError)?;
        let (n, numbers) = der_value(numbers, 0x02).ok_or(PublicKeyError)?;
        let (e, more) = der_value(numbers, 0x02).ok_or(PublicKeyError)?;
        if !rest.is_empty() || !more.is_empty() || e != EXPONENT {
            return Err(PublicKeyError);
        }
        // A zero stands before a first bit that is one.
        let n = n.strip_prefix(&[0]).unwrap_or(n);
        Ok(Self::Rsa { n: n.to_vec() })
    }

    /// The algorithm that goes with it.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256 { .. } => Algorithm::Es256,
            Self::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// The thumbprint (RFC 7638): the key's name, `kid`.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // The required members in the order of their names, without blanks (section 3.2).
        let members = match self {
            Self::P256 { x, y } => format!(
                r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
                encode(x),
                encode(y)
            ),
            Self::Rsa { n } => format!(r#"{{"e":"AQAB","kty":"RSA","n":"{}"}}"#, encode(n)),
        };
        encode(digest(&SHA256, members.as_bytes()))
    }

    pub(crate) fn to_jwk(&self, kid: &str) -> Value {
        let alg = self.algorithm().as_str();
        match self {
            Self::P256 { x, y } => json!({
                "kty": "EC", "crv": "P-256", "use": "sig", "alg": alg, "kid": kid,
                "x": encode(x), "y": encode(y),
            }),
            Self::Rsa { n } => json!({
                "kty": "RSA", "use": "sig", "alg": alg, "kid": kid, "n": encode(n), "e": encode(EXPONENT),
            }),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PublicKey({}, {})",
            self.algorithm().as_str(),
            self.thumbprint()
        )
    }
}

/// 2048 to 8192 bits, without a zero in front: that would be another spelling.
fn is_modulus(n: &[u8]) -> bool {
    match n.first() {
        Some(first @ 1..) => {
            (2048..=8192).contains(&(n.len() * 8 - first.leading_zeros() as usize))
        }
        _ => false,
    }
}

/// The content of a DER value with this tag, and what follows it.
fn der_value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match *length {
        short @ 0..=0x7f => (usize::from(short), rest),
        long @ 0x81..=0x82 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let length = bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    (*first == tag)
        .then_some(rest.split_at_checked(length))
        .flatten()
}

/// A public key, parsed once.
#[derive(Clone)]
pub(crate) struct VerifyingKey {
    algorithm: Algorithm,
    parsed: ParsedPublicKey,
}

impl VerifyingKey {
    pub(crate) fn new(key: &PublicKey) -> Result<Self, PublicKeyError> {
        let parsed = match key {
            PublicKey::P256 { x, y } => {
                let point = [&[4], &x[..], &y[..]].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| PublicKeyError)?
            }
            PublicKey::Rsa { n } => {
                if !is_modulus(n) {
                    return Err(PublicKeyError);
                }
                let components = PublicKeyComponents {
                    n: n.as_slice(),
                    e: &EXPONENT,
                };
                let parsed = components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
                parsed.map_err(|_| PublicKeyError)?
            }
        };
        Ok(Self {
            algorithm: key.algorithm(),
            parsed,
        })
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn verifies(&self, digest: &Digest, signature: &[u8]) -> bool {
        self.parsed.verify_digest_sig(digest, signature).is_ok()
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.algorithm.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7638, section 3.1.
    #[test]
    fn the_thumbprint_is_that_of_the_rfc() {
        let n = crate::jws::decode(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4\
             n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0z\
             gdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csF\
             Cur-kEgU8awapJzKnqDKgw",
        )
        .unwrap();
        assert_eq!(
            PublicKey::Rsa { n }.thumbprint(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for key in [
            PublicKey::P256 {
                x: [1; 32],
                y: [1; 32],
            },
            PublicKey::Rsa { n: vec![0xff; 128] },
            PublicKey::Rsa {
                n: [vec![0], vec![0xff; 256]].concat(),
            },
            PublicKey::Rsa { n: Vec::new() },
        ] {
            assert!(VerifyingKey::new(&key).is_err(), "{key:?}");
        }
        assert!(PublicKey::from_point(&[2; 33]).is_err());
        assert!(PublicKey::from_point(&[4; 64]).is_err());
    }
}
