//! RSA public key of a key set, parsed once.

use aws_lc_rs::digest::Digest;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::ParsedPublicKey;
use foundry_scopes::{Cloud, IssuerTemplate, TenantId};

use super::Algorithm;
use super::jwk::Jwk;
use crate::decode::{Part, decode_base64};

/// A signature key of an authority.
pub(crate) struct Key {
    kid: Box<str>,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    issuer: KeyIssuer,
    cloud: Option<Box<str>>,
    rs256: Option<ParsedPublicKey>,
    ps256: Option<ParsedPublicKey>,
}

/// Whose tokens a key may sign.
#[derive(PartialEq, Eq)]
enum KeyIssuer {
    /// The key set says nothing; v1 key sets do.
    Unsaid,
    /// Any tenant's, with `{tenantid}` in it.
    Template(IssuerTemplate),
    /// One tenant's.
    Exact(Box<str>),
}

impl Key {
    /// The key, unless the entry is of no use for verifying signatures that can be accepted.
    pub(super) fn from_jwk(jwk: &Jwk<'_>) -> Option<Self> {
        let is = |member: &Option<_>, value: &str| member.as_deref() == Some(value);
        if !is(&jwk.kty, "RSA") {
            return None;
        }
        // RFC 7517, sections 4.2 to 4.4: what is there must allow it.
        if jwk.key_use.is_some() && !is(&jwk.key_use, "sig") {
            return None;
        }
        let only = match jwk.alg.as_deref() {
            Some(name) => Some(Algorithm::from_name(name)?),
            None => None,
        };
        if let Some(operations) = &jwk.key_ops
            && !operations.iter().any(|operation| operation == "verify")
        {
            return None;
        }
        let kid = jwk.kid.as_deref().filter(|kid| !kid.is_empty())?;
        // The part is only for a message that is not shown.
        let number = |text: &str| decode_base64(text, Part::Payload).ok();
        let modulus = number(jwk.n.as_deref()?).filter(|n| is_modulus(n))?;
        let exponent = number(jwk.e.as_deref()?).filter(|e| is_exponent(e))?;
        let components = PublicKeyComponents {
            n: &modulus,
            e: &exponent,
        };
        let parsed = |algorithm: Algorithm| {
            if only.is_some_and(|only| only != algorithm) {
                return Some(None);
            }
            let parsed = components.to_parsed_public_key(algorithm.parameters());
            parsed.ok().map(Some)
        };
        let (rs256, ps256) = (parsed(Algorithm::Rs256)?, parsed(Algorithm::Ps256)?);
        Some(Self {
            kid: kid.into(),
            issuer: KeyIssuer::parse(jwk.issuer.as_deref()),
            cloud: said(jwk.cloud.as_deref()).map(Into::into),
            modulus,
            exponent,
            rs256,
            ps256,
        })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Modulus and exponent.
    #[cfg(feature = "jsonwebtoken")]
    pub(super) fn components(&self) -> (&[u8], &[u8]) {
        (&self.modulus, &self.exponent)
    }

    /// `cloud_instance_name`.
    pub(crate) fn cloud(&self) -> Option<&str> {
        self.cloud.as_deref()
    }

    /// Whether the key may sign for `tenant`, whose token says `issuer`, already checked
    /// to be one of the tenant's.
    ///
    /// Keys are shared by all tenants of a cloud and the public key set lists keys of
    /// personal accounts beside them, so a good signature alone does not say which tenant
    /// it is for (Entra doc "Access tokens", validating the signature).
    pub(crate) fn signs_for(&self, cloud: &Cloud, tenant: TenantId, issuer: &str) -> bool {
        match &self.issuer {
            KeyIssuer::Unsaid => true,
            KeyIssuer::Template(template) => {
                template.tenant_in(issuer) == Some(tenant)
                    || cloud.issuers_v2().any(|own| own == template)
            }
            KeyIssuer::Exact(exact) => {
                **exact == *issuer
                    || cloud
                        .issuers_v2()
                        .any(|own| own.tenant_in(exact) == Some(tenant))
            }
        }
    }

    /// `issuer`, for messages.
    pub(crate) fn issuer(&self) -> &str {
        match &self.issuer {
            KeyIssuer::Unsaid => "",
            KeyIssuer::Template(template) => template.as_str(),
            KeyIssuer::Exact(exact) => exact,
        }
    }

    /// Whether `signature` is this key's over the message of `digest`.
    pub(crate) fn verifies(&self, algorithm: Algorithm, digest: &Digest, signature: &[u8]) -> bool {
        self.parsed(algorithm)
            .is_some_and(|key| key.verify_digest_sig(digest, signature).is_ok())
    }

    /// Whether the key may be used with `algorithm`.
    pub(crate) fn allows(&self, algorithm: Algorithm) -> bool {
        self.parsed(algorithm).is_some()
    }

    fn parsed(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        match algorithm {
            Algorithm::Rs256 => self.rs256.as_ref(),
            Algorithm::Ps256 => self.ps256.as_ref(),
        }
    }

    /// Whether both are the same key for the same issuer.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.kid == other.kid
            && self.modulus == other.modulus
            && self.exponent == other.exponent
            && self.issuer == other.issuer
            && self.cloud == other.cloud
            && Algorithm::ALL
                .iter()
                .all(|algorithm| self.allows(*algorithm) == other.allows(*algorithm))
    }
}

impl KeyIssuer {
    fn parse(text: Option<&str>) -> Self {
        match said(text) {
            None => Self::Unsaid,
            Some(text) => IssuerTemplate::parse(text)
                .map_or_else(|_| Self::Exact(text.into()), Self::Template),
        }
    }
}

/// Blank is unsaid, as Microsoft's own library has it.
fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// 2048 to 8192 bits (RFC 7518, section 3.3, gives the lower bound), odd, and no leading
/// zero (RFC 7518, section 6.3.1.1).
fn is_modulus(n: &[u8]) -> bool {
    let (Some(first), Some(last)) = (n.first(), n.last()) else {
        return false;
    };
    let bits = n.len() * 8 - first.leading_zeros() as usize;
    *first != 0 && last & 1 == 1 && (2048..=8192).contains(&bits)
}

/// Odd and 3 to 2^33, without a leading zero (RFC 8017, section 3.1, for the lower end): an
/// exponent of 1 would make every signature its own message, and a large one would make
/// verification take for ever. Entra ID's is 65537.
fn is_exponent(e: &[u8]) -> bool {
    if e.len() > 5 || e.first() == Some(&0) {
        return false;
    }
    let value = e
        .iter()
        .fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    value & 1 == 1 && (3..1 << 33).contains(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modulus_has_a_size() {
        let modulus = |bytes: usize, first: u8, last: u8| {
            let mut n = vec![0xff; bytes];
            n[0] = first;
            *n.last_mut().unwrap() = last;
            n
        };
        assert!(is_modulus(&modulus(256, 0x80, 1)));
        assert!(!is_modulus(&modulus(256, 0x7f, 1)), "2047 bits");
        assert!(is_modulus(&modulus(1024, 0xff, 1)));
        assert!(!is_modulus(&modulus(1025, 1, 1)), "8193 bits");
        assert!(!is_modulus(&modulus(257, 0, 1)), "leading zero");
        assert!(!is_modulus(&modulus(256, 0x80, 2)), "even");
        assert!(!is_modulus(&[]));
    }

    #[test]
    fn the_exponent_is_sane() {
        for good in [
            &[3][..],
            &[1, 0, 1],
            &[0xff; 4],
            &[1, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(is_exponent(good), "{good:?}");
        }
        for bad in [
            &[][..],
            &[0],
            &[1],
            &[2],
            &[1, 0, 0],
            &[0, 1, 0, 1],
            &[1, 0, 2],
            &[2, 0, 0, 0, 1],
            &[1, 0, 0, 0, 0, 1],
        ] {
            assert!(!is_exponent(bad), "{bad:?}");
        }
    }
}
