//! Sealing secrets and the keys derived from them: one that seals, others that are still read,
//! and the names of values under each.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use entra_claims::PrincipalKey;
use zeroize::Zeroizing;

use crate::cache::Key;

/// What a shared store's values are sealed with: one secret, and during a rotation others.
///
/// Each secret gives a sealing key, a key for names and an id, so a value names the key that
/// sealed it, and names under different secrets have nothing in common.
///
/// To rotate without losing what is stored, and so that [`forget`] reaches every process at
/// every moment, go in three steps, each finished in all processes before the next begins:
///
/// 1. `SealingKeys::new(old).also_reading(new)`
/// 2. `SealingKeys::new(new).also_reading(old)`
/// 3. `SealingKeys::new(new)`: a day later; what only the old one opens is a miss.
///
/// To drop everything that is stored at once, give all processes a new secret alone.
///
/// ```
/// use entra_obo::{SealingKeys, SealingSecret};
///
/// let old = SealingSecret::from_base64("8tSLVZVNZ6cT2Xkka9gMsnU9SfkVHN84W3SkRm0ZVnE=")?;
/// let new = SealingSecret::from_base64("T5fI1kUq0PyfUJIn/PqUqoR0kDVKvTnIF4gWVG1Y4Zs=")?;
/// let keys = SealingKeys::new(new).also_reading(old);
/// assert_eq!(format!("{keys:?}"), "SealingKeys(2, <redacted>)");
/// # Ok::<(), entra_obo::InvalidSealingSecret>(())
/// ```
///
/// [`forget`]: crate::ExchangeClient::forget
#[derive(Clone)]
pub struct SealingKeys(Vec<SealingSecret>);

impl SealingKeys {
    /// Seals, and reads, with the keys of this secret.
    #[must_use]
    pub fn new(secret: SealingSecret) -> Self {
        Self(vec![secret])
    }

    /// Reads what is sealed with this one too. Each costs two more names per look-up, in the
    /// same round trip.
    #[must_use]
    pub fn also_reading(mut self, secret: SealingSecret) -> Self {
        self.0.push(secret);
        self
    }
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKeys({}, <redacted>)", self.0.len())
    }
}

/// The keys derived from [`SealingKeys`]; the first one seals.
#[derive(Debug)]
pub(crate) struct Ring {
    pub(super) primary: StoreKey,
    pub(super) others: Vec<StoreKey>,
}

/// What comes of one secret. The parts of aws-lc wipe themselves.
pub(super) struct StoreKey {
    /// In the header of each value.
    pub(super) id: [u8; 8],
    /// Makes a key per value: see [`super::seal`].
    pub(super) sealing: Prk,
    naming: hmac::Key,
}

/// What a value is of. It is bound to the value and hashed into its name.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    /// The token of a request, by everything that shaped it.
    Token(&'a Key),
    /// The epoch of a user.
    Epoch(PrincipalKey),
}

impl Ring {
    pub(crate) fn new(keys: &SealingKeys) -> Result<Self, Unspecified> {
        let mut derived = keys.0.iter().map(StoreKey::new);
        let primary = derived.next().ok_or(Unspecified)??;
        let others = derived.collect::<Result<_, _>>()?;
        Ok(Self { primary, others })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &StoreKey> {
        std::iter::once(&self.primary).chain(&self.others)
    }
}

impl StoreKey {
    /// HKDF (RFC 5869), a label for each use.
    fn new(secret: &SealingSecret) -> Result<Self, Unspecified> {
        let root = Salt::new(HKDF_SHA256, b"entra-obo/store/1").extract(secret.expose());
        let mut id = [0; 8];
        root.expand(&[b"id"], Bytes(id.len()))?.fill(&mut id)?;
        Ok(Self {
            id,
            sealing: root.expand(&[b"sealing"], HKDF_SHA256)?.into(),
            naming: root.expand(&[b"naming"], hmac::HMAC_SHA256)?.into(),
        })
    }

    /// The name of a value: a keyed hash, so that the store's keys do not even tell whether a
    /// known user, or a token that someone holds, is among them.
    pub(super) fn name(&self, subject: Subject<'_>) -> String {
        let mut context = hmac::Context::with_key(&self.naming);
        context.update(&[subject.tag()]);
        for part in subject.parts() {
            context.update(part);
        }
        let mut name = String::from("entra-obo:");
        URL_SAFE_NO_PAD.encode_string(context.sign(), &mut name);
        name
    }
}

impl Subject<'_> {
    pub(super) fn tag(&self) -> u8 {
        match self {
            Self::Token(_) => 1,
            Self::Epoch(_) => 2,
        }
    }

    /// All of it, each part with a length that the tag tells.
    pub(super) fn parts(&self) -> [&[u8]; 2] {
        match self {
            Self::Token(key) => key.parts(),
            Self::Epoch(user) => [user.tenant.as_bytes(), user.object.as_bytes()],
        }
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(<redacted>)")
    }
}

/// A length for HKDF.
pub(super) struct Bytes(pub(super) usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

/// 32 random bytes that all processes which share a store know, and nobody else.
///
/// Wiped when the last clone is dropped; never printed, and there is no way to read it back.
/// Make one with `openssl rand -base64 32` and keep it where you keep client secrets: who has
/// it and can read the store has the tokens in it.
///
/// ```
/// use entra_obo::SealingSecret;
///
/// let secret = SealingSecret::from_base64("8tSLVZVNZ6cT2Xkka9gMsnU9SfkVHN84W3SkRm0ZVnE=")?;
/// assert_eq!(format!("{secret:?}"), "SealingSecret(<redacted>)");
/// assert!(SealingSecret::from_base64("too short").is_err());
/// # Ok::<(), entra_obo::InvalidSealingSecret>(())
/// ```
#[derive(Clone)]
pub struct SealingSecret(Arc<Zeroizing<[u8; 32]>>);

/// The text of a [`SealingSecret`] is not 32 bytes in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "a sealing secret is 32 random bytes in base64, 43 or 44 characters, as `openssl rand -base64 32` makes them"
)]
pub struct InvalidSealingSecret;

impl SealingSecret {
    /// Copies the bytes; the caller's own are the caller's to wipe.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Arc::new(Zeroizing::new(*bytes)))
    }

    /// Reads base64 or base64url, with or without padding and blanks around it.
    ///
    /// # Errors
    ///
    /// [`InvalidSealingSecret`]: other characters, or not 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, InvalidSealingSecret> {
        let text = text.trim().trim_end_matches('=');
        let mut bytes = Zeroizing::new([0; 33]);
        let length = STANDARD_NO_PAD
            .decode_slice(text, &mut bytes[..])
            .or_else(|_| URL_SAFE_NO_PAD.decode_slice(text, &mut bytes[..]))
            .map_err(|_| InvalidSealingSecret)?;
        match bytes.first_chunk() {
            Some(bytes) if length == 32 => Ok(Self::new(bytes)),
            _ => Err(InvalidSealingSecret),
        }
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SealingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingSecret(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_spelling_of_32_bytes_is_read_and_nothing_else() {
        let bytes: [u8; 32] = std::array::from_fn(|n| 0xff - n as u8);
        let standard = base64::engine::general_purpose::STANDARD.encode(bytes);
        let url = URL_SAFE_NO_PAD.encode(bytes);
        assert_ne!(standard.trim_end_matches('='), url);
        for text in [&standard, &url, &format!(" {standard}\n")] {
            let secret = SealingSecret::from_base64(text).unwrap();
            assert_eq!(secret.expose(), &bytes);
        }
        for text in [
            "",
            "AAAA",
            &standard[4..],
            &format!("{url}AA"),
            &"A".repeat(100),
            &"!".repeat(43),
        ] {
            assert!(SealingSecret::from_base64(text).is_err(), "{text}");
        }
    }
}
