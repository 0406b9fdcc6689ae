//! The key, and what it seals.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// Longer texts are not looked at: what is sealed here is short.
const TEXT_LIMIT: usize = 8 * 1024;

/// The secret with which a server seals what it hands to clients and wants back unchanged:
/// [`SealedHandles`](crate::SealedHandles), and the request state of MCP's multi round-trip requests.
///
/// AES-256-GCM with a random nonce: nobody else can make, change or read a sealed value,
/// and it opens only for the caller and the purpose that it was sealed for, which are its
/// associated data. Nothing has to be stored.
///
/// One instance takes a [random](Self::random) key and is done; what it sealed is void
/// after a restart. Several instances, or values that outlive a restart, need a
/// [key](Self::new) of your own from a secret store. To change it, deploy
/// `SealingKey::new(new)?.accepting(&old)` and drop the old one when its values have
/// expired.
///
/// ```
/// use mcp_auth::SealingKey;
///
/// let key = SealingKey::new(&[7; 32])?;
/// assert!(SealingKey::new(&[7; 16]).is_err(), "256 bits");
/// assert_eq!(format!("{key:?}"), "SealingKey(<redacted>)");
/// # Ok::<(), mcp_auth::KeyError>(())
/// ```
#[derive(Clone)]
pub struct SealingKey {
    /// The first one seals, all of them open.
    keys: Vec<Arc<RandomizedNonceKey>>,
}

impl SealingKey {
    /// The length of a key, in bytes.
    pub const LENGTH: usize = 32;

    /// A key that only this process knows.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoRandomness`].
    pub fn random() -> Result<Self, KeyError> {
        let mut key = Zeroizing::new([0; Self::LENGTH]);
        rand::fill(&mut *key).map_err(|_| KeyError::NoRandomness)?;
        Self::new(&*key)
    }

    /// A key that several instances share: [`LENGTH`](Self::LENGTH) random bytes from a
    /// secret store. A password is not random.
    ///
    /// # Errors
    ///
    /// [`KeyError::Length`].
    pub fn new(key: &[u8]) -> Result<Self, KeyError> {
        let length = KeyError::Length { found: key.len() };
        if key.len() != Self::LENGTH {
            return Err(length);
        }
        let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| length)?;
        Ok(Self {
            keys: vec![Arc::new(key)],
        })
    }

    /// The same, and what `earlier` sealed opens too.
    #[must_use]
    pub fn accepting(mut self, earlier: &Self) -> Self {
        self.keys.extend(earlier.keys.iter().map(Arc::clone));
        self
    }

    /// Base64url of nonce, ciphertext and tag.
    pub(crate) fn seal(&self, bound_to: &Bound, content: &[u8]) -> Result<String, KeyError> {
        let key = self.keys.first().ok_or(KeyError::NoRandomness)?;
        let mut sealed = content.to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(&bound_to.0), &mut sealed)
            .map_err(|_| KeyError::NoRandomness)?;
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut sealed);
        Ok(BASE64_URL_SAFE_NO_PAD.encode(whole))
    }

    /// What was sealed for exactly this, or nothing: why not is nobody's business.
    pub(crate) fn open(&self, bound_to: &Bound, text: &str) -> Option<Vec<u8>> {
        if text.len() > TEXT_LIMIT {
            return None;
        }
        let whole = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = whole.split_first_chunk::<NONCE_LEN>()?;
        self.keys.iter().find_map(|key| {
            let mut content = sealed.to_vec();
            let aad = Aad::from(&bound_to.0);
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let opened = key.open_in_place(nonce, aad, &mut content).ok()?.len();
            content.truncate(opened);
            Some(content)
        })
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(<redacted>)")
    }
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not 256 bits.
    #[error(
        "a sealing key has {} random bytes, and this one {found}",
        SealingKey::LENGTH
    )]
    Length {
        /// The length given, in bytes.
        found: usize,
    },
    /// The system gives no randomness.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

/// What a sealed value is bound to: each field with its length in front, so that no two
/// lists of fields are the same bytes.
pub(crate) struct Bound(Vec<u8>);

impl Bound {
    pub(crate) fn to(purpose: &str) -> Self {
        Self(Vec::new()).and(purpose)
    }

    pub(crate) fn and(mut self, field: impl AsRef<[u8]>) -> Self {
        let field = field.as_ref();
        self.0.extend((field.len() as u64).to_le_bytes());
        self.0.extend(field);
        self
    }
}

#[cfg(feature = "obo")]
/// 192 random bits in base64url, or nothing where the system gives none.
pub(crate) fn random_id() -> Option<String> {
    let mut bytes = [0; 24];
    rand::fill(&mut bytes).ok()?;
    Some(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(fields: &[&str]) -> Bound {
        fields.iter().fold(Bound::to("test"), Bound::and)
    }

    #[test]
    fn a_value_opens_for_what_it_was_sealed_for_and_for_nothing_else() {
        let key = SealingKey::random().unwrap();
        let text = key.seal(&bound(&["ab", "c"]), b"content").unwrap();
        assert!(!text.contains("content"));
        assert_eq!(key.open(&bound(&["ab", "c"]), &text).unwrap(), b"content");
        for other in [&["a", "bc"][..], &["ab"], &["ab", "c", ""], &["abc"]] {
            assert_eq!(key.open(&bound(other), &text), None, "{other:?}");
        }
        let stranger = SealingKey::random().unwrap();
        assert_eq!(stranger.open(&bound(&["ab", "c"]), &text), None);
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let key = SealingKey::new(&[7; 32]).unwrap();
        let text = key.seal(&bound(&[]), b"content").unwrap();
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(key.open(&bound(&[]), &changed), None, "{place}");
        }
        for broken in ["", "A", "AAAA", &text[1..], &text[..text.len() - 4]] {
            assert_eq!(key.open(&bound(&[]), broken), None, "{broken}");
        }
        let long = "A".repeat(TEXT_LIMIT + 1);
        assert_eq!(key.open(&bound(&[]), &long), None);
    }

    #[test]
    fn two_seals_of_one_content_differ() {
        let key = SealingKey::new(&[7; 32]).unwrap();
        let seal = || key.seal(&bound(&[]), b"content").unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn an_earlier_key_opens_and_does_not_seal() {
        let old = SealingKey::new(&[1; 32]).unwrap();
        let new = SealingKey::new(&[2; 32]).unwrap();
        let both = new.clone().accepting(&old);
        let of_old = old.seal(&bound(&[]), b"x").unwrap();
        assert_eq!(both.open(&bound(&[]), &of_old).unwrap(), b"x");
        let of_both = both.seal(&bound(&[]), b"x").unwrap();
        assert_eq!(old.open(&bound(&[]), &of_both), None);
        assert_eq!(new.open(&bound(&[]), &of_both).unwrap(), b"x");
    }
}
