//! The signing keys: made in advance and public, or made for one emulator.

use std::sync::OnceLock;

use aws_lc_rs::{
    digest,
    encoding::{AsDer as _, PublicKeyX509Der},
    rand, rsa, signature,
};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

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
    /// Under the `kid` of the key at the same place in `signing`, the next one's material.
    impostors: [SigningKey; 3],
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
            impostors: [
                key!("2")?.under_kid_of(&key!("1")?),
                key!("3")?.under_kid_of(&key!("2")?),
                key!("1")?.under_kid_of(&key!("3")?),
            ],
            unpublished: key!("unpublished")?,
        })
    })
    .as_ref()
}

/// A private key (PKCS#8) and its certificate, both DER.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// New keys for one emulator alone: three that sign, one that is never published.
pub(crate) fn generate() -> Option<Vec<Pair>> {
    (0..4).map(|_| generate_pair()).collect()
}

fn generate_pair() -> Option<Pair> {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).ok()?;
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().ok()?;
    let pkcs8 = rustls_pki_types::PrivatePkcs8KeyDer::from(der.as_ref());
    let key = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &rcgen::PKCS_RSA_SHA256).ok()?;
    let mut certificate = rcgen::CertificateParams::default();
    certificate
        .distinguished_name
        .push(rcgen::DnType::CommonName, "entra-emulator signing key");
    let certificate = certificate.self_signed(&key).ok()?;
    Some((der.as_ref().to_vec(), certificate.der().to_vec()))
}

/// The keys of these pairs. They live as long as the process: requests hold them.
pub(crate) fn keys_of(pairs: &[Pair]) -> Option<&'static TestKeys> {
    let key = |i: usize| {
        let (pkcs8, certificate) = pairs.get(i)?;
        SigningKey::read(pkcs8, certificate)
    };
    Some(Box::leak(Box::new(TestKeys {
        signing: [key(0)?, key(1)?, key(2)?],
        impostors: [
            key(1)?.under_kid_of(&key(0)?),
            key(2)?.under_kid_of(&key(1)?),
            key(0)?.under_kid_of(&key(2)?),
        ],
        unpublished: key(3)?,
    })))
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

    fn under_kid_of(mut self, other: &Self) -> Self {
        self.kid.clone_from(&other.kid);
        self
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

    /// The public key as people keep it in files: SubjectPublicKeyInfo in PEM.
    pub(crate) fn public_key_pem(&self) -> Option<String> {
        use signature::KeyPair as _;
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der().ok()?;
        let text = BASE64_STANDARD.encode(der.as_ref());
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(64)
            .map(String::from_utf8_lossy)
            .collect();
        Some(format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        ))
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
#[derive(Clone, Debug)]
pub(crate) struct KeyRing {
    keys: &'static TestKeys,
    /// Published keys, oldest first.
    published: Vec<Published>,
    /// The place among the published of the one that signs.
    live: usize,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Published {
    index: usize,
    material: Material,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Material {
    Own,
    /// Another key's, under the same `kid`.
    Foreign,
}

impl Published {
    fn own(index: usize) -> Self {
        Self {
            index,
            material: Material::Own,
        }
    }

    fn of(self, keys: &'static TestKeys) -> Option<&'static SigningKey> {
        match self.material {
            Material::Own => keys.signing.get(self.index),
            Material::Foreign => keys.impostors.get(self.index),
        }
    }
}

/// What is kept of a [`KeyRing`] besides the keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RingPosition {
    published: Vec<Published>,
    live: usize,
}

impl KeyRing {
    pub(crate) fn new(keys: &'static TestKeys) -> Self {
        Self {
            keys,
            published: vec![Published::own(0)],
            live: 0,
        }
    }

    /// The same keys as at the start.
    pub(crate) fn renewed(&self) -> Self {
        Self::new(self.keys)
    }

    /// Which keys are published and which one signs, to be kept.
    pub(crate) fn position(&self) -> RingPosition {
        RingPosition {
            published: self.published.clone(),
            live: self.live,
        }
    }

    /// The ring as it was kept, if it can be one of these keys.
    pub(crate) fn at(keys: &'static TestKeys, position: RingPosition) -> Option<Self> {
        let known = |p: &Published| p.index < keys.signing.len();
        let fits = position.live < position.published.len() && position.published.iter().all(known);
        fits.then_some(Self {
            keys,
            published: position.published,
            live: position.live,
        })
    }

    pub(crate) fn live(&self) -> &'static SigningKey {
        let [first, ..] = &self.keys.signing;
        let live = self.published.get(self.live);
        live.and_then(|p| p.of(self.keys)).unwrap_or(first)
    }

    pub(crate) fn unpublished(&self) -> &'static SigningKey {
        &self.keys.unpublished
    }

    pub(crate) fn published(
        &self,
    ) -> impl DoubleEndedIterator<Item = &'static SigningKey> + use<'_> {
        let keys = self.keys;
        self.published.iter().filter_map(|p| p.of(keys))
    }

    /// Publishes the key that the next rotation will sign with.
    pub(crate) fn publish_next(&mut self) {
        if self.published.len() == self.live + 1 {
            let last = self.published.last().map_or(0, |p| p.index);
            let next = (last + 1) % self.keys.signing.len();
            self.published.push(Published::own(next));
        }
    }

    /// The next key signs from now on; the one that signed before stays published, one
    /// from before that goes.
    pub(crate) fn rotate(&mut self) {
        self.publish_next();
        self.published.drain(..self.live);
        self.live = 1;
    }

    /// Keys from before the one that signs go.
    pub(crate) fn drop_old(&mut self) {
        self.published.drain(..self.live);
        self.live = 0;
    }

    /// The key that signs gets other material under the same `kid`, or its own back.
    pub(crate) fn swap_material(&mut self) {
        if let Some(live) = self.published.get_mut(self.live) {
            live.material = match live.material {
                Material::Own => Material::Foreign,
                Material::Foreign => Material::Own,
            };
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
    fn a_key_can_be_published_before_it_signs() {
        let mut ring = KeyRing::new(test_keys().unwrap());
        let first = ring.live().kid.clone();
        ring.publish_next();
        ring.publish_next();
        let kids: Vec<_> = ring.published().map(|k| k.kid.clone()).collect();
        assert_eq!((kids.len(), &ring.live().kid), (2, &first));
        ring.rotate();
        assert_eq!(Some(&ring.live().kid), kids.last());
        assert_eq!(ring.published().count(), 2);
    }

    #[test]
    fn other_material_keeps_the_kid() {
        let mut ring = KeyRing::new(test_keys().unwrap());
        let (kid, n) = (ring.live().kid.clone(), ring.live().n.clone());
        ring.swap_material();
        assert_eq!(ring.live().kid, kid);
        assert_ne!(ring.live().n, n);
        let signature = ring.live().sign(b"m").unwrap();
        ring.swap_material();
        assert_eq!(ring.live().n, n);
        assert!(!ring.live().verifies(b"m", &signature));
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
