//! The signing keys: made in advance, public, for tests only.

use std::sync::OnceLock;

use aws_lc_rs::{digest, rand, rsa, signature};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};

/// An RSA key with its certificate.
#[derive(Debug)]
pub(crate) struct SigningKey {
    pair: rsa::KeyPair,
    pub(crate) kid: String,
    /// Modulus and exponent, base64url.
    pub(crate) n: String,
    pub(crate) e: &'static str,
    /// The certificate, standard base64.
    pub(crate) x5c: String,
}

/// The keys of the crate, read once per process.
#[derive(Debug)]
pub(crate) struct TestKeys {
    signing: [SigningKey; 3],
    pub(crate) unpublished: SigningKey,
}

macro_rules! key {
    ($name:literal) => {
        SigningKey::read(
            include_bytes!(concat!("../keys/test-only-", $name, ".pk8.der")),
            include_bytes!(concat!("../keys/test-only-", $name, ".cert.der")),
        )
    };
}

/// The crate's keys, or nothing if this platform's crypto library refuses them.
pub(crate) fn test_keys() -> Option<&'static TestKeys> {
    static KEYS: OnceLock<Option<TestKeys>> = OnceLock::new();
    KEYS.get_or_init(|| {
        Some(TestKeys {
            signing: [key!("1")?, key!("2")?, key!("3")?],
            unpublished: key!("unpublished")?,
        })
    })
    .as_ref()
}

impl SigningKey {
    fn read(pkcs8: &[u8], certificate: &[u8]) -> Option<Self> {
        use signature::KeyPair as _;
        let pair = rsa::KeyPair::from_pkcs8(pkcs8).ok()?;
        let n = modulus(pair.public_key().as_ref())?;
        let thumbprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
        Some(Self {
            kid: BASE64_URL_SAFE_NO_PAD.encode(thumbprint),
            n: BASE64_URL_SAFE_NO_PAD.encode(n),
            e: "AQAB",
            x5c: BASE64_STANDARD.encode(certificate),
            pair,
        })
    }

    /// An RS256 signature, or nothing if the crypto library fails.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = rand::SystemRandom::new();
        self.pair
            .sign(
                &signature::RSA_PKCS1_SHA256,
                &random,
                message,
                &mut signature,
            )
            .ok()?;
        Some(signature)
    }

    pub(crate) fn verifies(&self, message: &[u8], sig: &[u8]) -> bool {
        use signature::KeyPair as _;
        signature::UnparsedPublicKey::new(
            &signature::RSA_PKCS1_2048_8192_SHA256,
            self.pair.public_key().as_ref(),
        )
        .verify(message, sig)
        .is_ok()
    }
}

/// The modulus in an `RSAPublicKey` of 2048 bits with exponent 65537, whose DER has
/// nothing variable but the modulus (RFC 8017, appendix A.1.1).
fn modulus(der: &[u8]) -> Option<&[u8]> {
    let n = der.strip_prefix(&[0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00])?;
    n.strip_suffix(&[0x02, 0x03, 0x01, 0x00, 0x01])
        .filter(|n| n.len() == 256)
}

/// Which keys an emulator publishes and which one signs.
#[derive(Debug)]
pub(crate) struct KeyRing {
    keys: &'static TestKeys,
    /// Indexes of published keys; the last one signs.
    published: Vec<usize>,
}

impl KeyRing {
    pub(crate) fn new(keys: &'static TestKeys) -> Self {
        Self {
            keys,
            published: vec![0],
        }
    }

    pub(crate) fn live(&self) -> &'static SigningKey {
        let [first, ..] = &self.keys.signing;
        self.published().last().unwrap_or(first)
    }

    pub(crate) fn unpublished(&self) -> &'static SigningKey {
        &self.keys.unpublished
    }

    pub(crate) fn published(
        &self,
    ) -> impl DoubleEndedIterator<Item = &'static SigningKey> + use<'_> {
        let keys = self.keys;
        self.published.iter().filter_map(|i| keys.signing.get(*i))
    }

    /// The next key signs from now on; the one that signed before stays published, one
    /// from before that goes.
    pub(crate) fn rotate(&mut self) {
        let last = self.published.last().copied().unwrap_or(0);
        self.published = vec![last, (last + 1) % self.keys.signing.len()];
    }

    /// Only the key that signs stays published.
    pub(crate) fn drop_old(&mut self) {
        if let Some(last) = self.published.last().copied() {
            self.published = vec![last];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_different_keys_that_sign() {
        let keys = test_keys().unwrap();
        let all: Vec<_> = keys.signing.iter().chain([&keys.unpublished]).collect();
        for (i, key) in all.iter().enumerate() {
            let signature = key.sign(b"message").unwrap();
            for (j, other) in all.iter().enumerate() {
                assert_eq!(other.verifies(b"message", &signature), i == j);
            }
            assert!(!key.verifies(b"massage", &signature));
            assert_eq!(key.kid.len(), 27, "a SHA-1 in base64url, as Entra's");
        }
    }

    #[test]
    fn rotation_overlaps_by_one_key() {
        let mut ring = KeyRing::new(test_keys().unwrap());
        let first = ring.live().kid.clone();
        ring.rotate();
        let second = ring.live().kid.clone();
        assert_ne!(first, second);
        let kids = |ring: &KeyRing| ring.published().map(|k| k.kid.clone()).collect::<Vec<_>>();
        assert_eq!(kids(&ring), [first.clone(), second.clone()]);
        ring.rotate();
        assert!(!kids(&ring).contains(&first));
        ring.drop_old();
        assert_eq!(kids(&ring), [ring.live().kid.clone()]);
    }
}
