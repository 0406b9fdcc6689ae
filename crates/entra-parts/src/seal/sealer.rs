//! Seals and opens values with the keys of one purpose.
//!
//! A value is `version (1) | key id (8) | salt (12) | nonce (12) | AES-256-GCM`. The key is
//! derived for each value from the salt, so no number of values wears out a secret (random
//! nonces alone would end at 2^32 values, which a fleet writes in weeks; XAES-256-GCM, C2SP,
//! does the same). The associated data is all that the value depends on and does not hold:
//! its form, the key's id, and its [`Binding`].

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::{Binding, SealError, SealingKeys, SealingSecret};

/// A change of what is sealed, or how, gets a new version here and in [`ROOT`].
const VERSION: u8 = 1;
const ROOT: &[u8] = b"entra-parts/seal/1";
const ID: usize = 8;
const SALT: usize = 12;
const NONCE: usize = 12;
const HEADER: usize = 1 + ID + SALT + NONCE;

/// Longer texts are not opened: what is sealed as text is short.
pub const MAX_SEALED_TEXT: usize = 8 * 1024;

/// The keys of one purpose, the sealing one first. A handle.
#[derive(Clone)]
pub struct Sealer(Arc<[SealerKey]>);

/// The keys that come of one secret for one purpose. The parts of aws-lc wipe themselves.
pub struct SealerKey {
    /// In the header of each value.
    id: [u8; ID],
    /// Makes a key per value.
    sealing: Prk,
    naming: hmac::Key,
}

impl Sealer {
    /// Derives the keys for `purpose`: another purpose has nothing in common with it.
    ///
    /// # Errors
    ///
    /// [`SealError::Derivation`].
    pub fn new(purpose: &str, keys: &SealingKeys) -> Result<Self, SealError> {
        let derived = keys.secrets().iter();
        let keys: Result<Vec<_>, _> = derived
            .map(|secret| SealerKey::new(purpose, secret))
            .collect();
        match keys {
            Ok(keys) if !keys.is_empty() => Ok(Self(keys.into())),
            _ => Err(SealError::Derivation),
        }
    }

    /// All keys, the sealing one first.
    #[must_use]
    pub fn keys(&self) -> &[SealerKey] {
        &self.0
    }

    /// Seals with the newest key.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`].
    pub fn seal(&self, to: &Binding, plain: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, SealError> {
        let key = self.0.first().ok_or(SealError::Derivation)?;
        key.seal(to, plain)
    }

    /// Opens what any of the keys sealed for exactly this binding; `None` for anything else:
    /// why is not said.
    #[must_use]
    pub fn open(&self, to: &Binding, value: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
        let id = value.get(1..=ID)?;
        let key = self.0.iter().find(|key| key.id == id)?;
        key.open(to, value)
    }

    /// Seals with the newest key, as base64url.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`]; [`SealError::TooLong`] for what
    /// [`open_text`](Self::open_text) would not look at.
    pub fn seal_text(&self, to: &Binding, plain: &[u8]) -> Result<String, SealError> {
        let value = self.seal(to, Zeroizing::new(plain.to_vec()))?;
        let text = URL_SAFE_NO_PAD.encode(value);
        if text.len() > MAX_SEALED_TEXT {
            return Err(SealError::TooLong);
        }
        Ok(text)
    }

    /// Opens what [`seal_text`](Self::seal_text) made.
    #[must_use]
    pub fn open_text(&self, to: &Binding, text: &str) -> Option<Zeroizing<Vec<u8>>> {
        if text.len() > MAX_SEALED_TEXT {
            return None;
        }
        self.open(to, URL_SAFE_NO_PAD.decode(text).ok()?)
    }
}

impl SealerKey {
    /// HKDF (RFC 5869), a label for each use.
    fn new(purpose: &str, secret: &SealingSecret) -> Result<Self, Unspecified> {
        let root = Salt::new(HKDF_SHA256, ROOT).extract(secret.expose());
        // The purpose stands last: no label of fixed length can run into it.
        let purpose = purpose.as_bytes();
        let mut id = [0; ID];
        root.expand(&[b"id:", purpose], Bytes(ID))?.fill(&mut id)?;
        Ok(Self {
            id,
            sealing: root.expand(&[b"sealing:", purpose], HKDF_SHA256)?.into(),
            naming: root
                .expand(&[b"naming:", purpose], hmac::HMAC_SHA256)?
                .into(),
        })
    }

    /// The name of a value in a store: a keyed hash, so that names do not even show whether
    /// a known user, or a token that one holds, is among them.
    #[must_use]
    pub fn name(&self, of: &Binding) -> String {
        let mut name = String::with_capacity(49);
        name.push_str("entra:");
        URL_SAFE_NO_PAD.encode_string(hmac::sign(&self.naming, of.as_bytes()), &mut name);
        name
    }

    /// Seals `plain`, which is wiped.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`].
    pub fn seal(&self, to: &Binding, mut plain: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, SealError> {
        let mut random = [0; SALT + NONCE];
        rand::fill(&mut random).map_err(|_| SealError::NoRandomness)?;
        let tag = self
            .tag_and_encrypt(to, &random, &mut plain)
            .map_err(|_| SealError::TooLong)?;
        let mut value = Vec::with_capacity(sealed_length(plain.len()));
        value.push(VERSION);
        value.extend_from_slice(&self.id);
        value.extend_from_slice(&random);
        value.extend_from_slice(&plain);
        value.extend_from_slice(tag.as_ref());
        Ok(value)
    }

    /// Opens what this key sealed for exactly this binding; `None` for anything else.
    #[must_use]
    pub fn open(&self, to: &Binding, value: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
        let mut value = Zeroizing::new(value);
        let (header, sealed) = value.split_at_mut_checked(HEADER)?;
        let (&mut version, header) = header.split_first_mut()?;
        let (id, random) = header.split_at(ID);
        if version != VERSION || id != self.id {
            return None;
        }
        let (salt, nonce) = random.split_at(SALT);
        let cipher = self.cipher(salt).ok()?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let aad = Aad::from(self.associated(to));
        let length = cipher.open_in_place(nonce, aad, sealed).ok()?.len();
        value.drain(..HEADER);
        value.truncate(length);
        Some(value)
    }

    fn tag_and_encrypt(
        &self,
        to: &Binding,
        random: &[u8; SALT + NONCE],
        plain: &mut [u8],
    ) -> Result<aws_lc_rs::aead::Tag, Unspecified> {
        let (salt, nonce) = random.split_at(SALT);
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        let aad = Aad::from(self.associated(to));
        self.cipher(salt)?
            .seal_in_place_separate_tag(nonce, aad, plain)
    }

    fn cipher(&self, salt: &[u8]) -> Result<LessSafeKey, Unspecified> {
        let info = [b"value".as_slice(), salt];
        let key = self.sealing.expand(&info, &AES_256_GCM)?;
        Ok(LessSafeKey::new(UnboundKey::from(key)))
    }

    fn associated(&self, to: &Binding) -> Vec<u8> {
        let mut data = Vec::with_capacity(1 + ID + to.as_bytes().len());
        data.push(VERSION);
        data.extend_from_slice(&self.id);
        data.extend_from_slice(to.as_bytes());
        data
    }
}

/// The length of a sealed value.
pub(crate) fn sealed_length(plain: usize) -> usize {
    HEADER + plain + AES_256_GCM.tag_len()
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({}, <redacted>)", self.0.len())
    }
}

impl fmt::Debug for SealerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealerKey(<redacted>)")
    }
}

/// A length for HKDF.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(fields: &[&str]) -> Binding {
        fields.iter().fold(Binding::new("test"), Binding::and)
    }

    fn secret(n: u8) -> SealingSecret {
        SealingSecret::new(&[n; 32])
    }

    fn sealer(purpose: &str, n: u8) -> Sealer {
        Sealer::new(purpose, &SealingKeys::new(secret(n))).unwrap()
    }

    fn plain(length: usize) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(vec![7; length])
    }

    #[test]
    fn a_value_opens_for_what_it_was_sealed_for_and_for_nothing_else() {
        let key = sealer("test", 1);
        let text = key.seal_text(&bound(&["ab", "c"]), b"content").unwrap();
        assert!(!text.contains("content"));
        let opened = key.open_text(&bound(&["ab", "c"]), &text).unwrap();
        assert_eq!(*opened, b"content");
        for other in [&["a", "bc"][..], &["ab"], &["ab", "c", ""], &["abc"]] {
            assert_eq!(key.open_text(&bound(other), &text), None, "{other:?}");
        }
        for stranger in [sealer("test", 2), sealer("tes", 1), sealer("test2", 1)] {
            assert_eq!(stranger.open_text(&bound(&["ab", "c"]), &text), None);
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let key = sealer("test", 7);
        let value = key.seal(&bound(&[]), plain(9)).unwrap();
        for place in 0..value.len() {
            let mut changed = value.clone();
            changed[place] ^= 1;
            assert_eq!(key.open(&bound(&[]), changed), None, "{place}");
        }
        for length in 0..value.len() {
            assert_eq!(key.open(&bound(&[]), value[..length].to_vec()), None);
        }
        assert_eq!(key.open(&bound(&[]), value).unwrap().len(), 9);
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let key = sealer("test", 7);
        let text = key.seal_text(&bound(&[]), b"content").unwrap();
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(key.open_text(&bound(&[]), &changed), None, "{place}");
        }
        for broken in ["", "A", "AAAA", &text[1..], &text[..text.len() - 4]] {
            assert_eq!(key.open_text(&bound(&[]), broken), None, "{broken}");
        }
        let long = "A".repeat(MAX_SEALED_TEXT + 1);
        assert_eq!(key.open_text(&bound(&[]), &long), None);
        let long = key.seal_text(&bound(&[]), &[7; MAX_SEALED_TEXT]);
        assert_eq!(long, Err(SealError::TooLong));
    }

    #[test]
    fn two_seals_of_one_content_differ() {
        let key = sealer("test", 7);
        let value = || key.seal(&bound(&[]), plain(16)).unwrap();
        let (one, two) = (value(), value());
        let runs = |value: &[u8]| -> Vec<Vec<u8>> {
            value[1 + ID..].windows(8).map(<[u8]>::to_vec).collect()
        };
        assert!(runs(&one).iter().all(|run| !runs(&two).contains(run)));
    }

    #[test]
    fn an_earlier_key_opens_and_does_not_seal() {
        let (old, new) = (sealer("test", 1), sealer("test", 2));
        let keys = SealingKeys::new(secret(2)).also_reading(secret(1));
        let both = Sealer::new("test", &keys).unwrap();
        let of_old = old.seal_text(&bound(&[]), b"x").unwrap();
        assert_eq!(*both.open_text(&bound(&[]), &of_old).unwrap(), b"x");
        let of_both = both.seal_text(&bound(&[]), b"x").unwrap();
        assert_eq!(old.open_text(&bound(&[]), &of_both), None);
        assert_eq!(*new.open_text(&bound(&[]), &of_both).unwrap(), b"x");
    }

    #[test]
    fn no_two_values_and_no_two_names_are_alike() {
        let mut names = Vec::new();
        for sealer in [sealer("test", 1), sealer("test", 2), sealer("other", 1)] {
            for fields in [&["a"][..], &["b"], &["a", ""]] {
                let name = sealer.keys()[0].name(&bound(fields));
                assert_eq!(name, sealer.keys()[0].name(&bound(fields)));
                assert_eq!(name.len(), "entra:".len() + 43);
                assert!(!names.contains(&name));
                names.push(name);
            }
        }
    }

    /// Made with another implementation of HKDF and AES-GCM, from the description above.
    #[test]
    fn the_form_is_what_is_described() {
        let text = "AZrJn3NnGitBAAECAwQFBgcICQoLDA0ODxAREhMUFRYX6YmNBkIFkCbIzy_stX2DJyez";
        let opened = sealer("test", 7).open_text(&bound(&["ab"]), text);
        assert_eq!(*opened.unwrap(), b"17");
    }
}
