//! The secrets that sealing keys are derived from, newest first.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// 32 random bytes that all processes of a service know, and that nothing else knows.
///
/// Wiped when the last clone is dropped; never printed, and there is no way to read it back.
/// Make one with `openssl rand -base64 32` and keep it where you keep client secrets: with it
/// and the store one has the tokens in the store.
#[derive(Clone)]
pub struct SealingSecret(Arc<Zeroizing<[u8; 32]>>);

/// The text of a [`SealingSecret`] is not 32 bytes in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "a sealing secret is 32 random bytes in base64, 43 or 44 characters, as `openssl rand -base64 32` makes them"
)]
pub struct InvalidSealingSecret;

/// What values are sealed with: one secret, and during a rotation others.
///
/// Keys for each purpose are derived from each secret, and a value names the key that sealed
/// it: session handles and stored tokens may share a secret and never open each other.
///
/// To rotate without losing what is sealed, go in three steps, each finished in all processes
/// before the next begins:
///
/// 1. `SealingKeys::new(old).also_reading(new)`
/// 2. `SealingKeys::new(new).also_reading(old)`
/// 3. `SealingKeys::new(new)`, as soon as nothing is needed that only the old one opens: for
///    tokens in a store, a day later.
///
/// To void everything that is sealed at once, give all processes a new secret alone.
#[derive(Clone)]
pub struct SealingKeys(Vec<SealingSecret>);

/// Why nothing can be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// No keys can be derived from the secret.
    #[error("no keys can be derived from the sealing secret")]
    Derivation,
    /// The value is longer than anything that is sealed.
    #[error("the value is too long to be sealed")]
    TooLong,
}

impl SealingSecret {
    /// Copies the bytes; the caller's own are the caller's to wipe.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Arc::new(Zeroizing::new(*bytes)))
    }

    /// A secret that only this process knows: what it seals is void after a restart.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`].
    pub fn random() -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(&mut bytes[..]).map_err(|_| SealError::NoRandomness)?;
        Ok(Self::new(&bytes))
    }

    /// Parses base64 or base64url, with or without padding and blanks around it.
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

impl SealingKeys {
    /// Seals, and opens, with the keys of this secret.
    #[must_use]
    pub fn new(secret: SealingSecret) -> Self {
        Self(vec![secret])
    }

    /// Keys that only this process knows: what they seal is void after a restart, and no
    /// other process opens it.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`].
    pub fn random() -> Result<Self, SealError> {
        SealingSecret::random().map(Self::new)
    }

    /// Parses secrets in base64, separated by commas: the first one seals, all of them open.
    ///
    /// # Errors
    ///
    /// [`InvalidSealingSecret`], for each of them.
    pub fn parse(text: &str) -> Result<Self, InvalidSealingSecret> {
        let secrets = text.split(',').map(SealingSecret::from_base64);
        secrets.collect::<Result<_, _>>().map(Self)
    }

    /// Opens what is sealed with this one too. In a shared store each costs one more name per
    /// value that is looked up, in the same round trip.
    #[must_use]
    pub fn also_reading(mut self, secret: SealingSecret) -> Self {
        self.0.push(secret);
        self
    }

    pub(super) fn secrets(&self) -> &[SealingSecret] {
        &self.0
    }
}

impl fmt::Debug for SealingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingSecret(<redacted>)")
    }
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKeys({}, <redacted>)", self.0.len())
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
    #[test]
    fn keys_are_parsed_newest_first_and_print_nothing() {
        let text = |n: u8| STANDARD_NO_PAD.encode([n; 32]);
        let keys = SealingKeys::parse(&format!("{}, {}", text(1), text(2))).unwrap();
        let secrets: Vec<_> = keys
            .secrets()
            .iter()
            .map(|secret| *secret.expose())
            .collect();
        assert_eq!(secrets, [[1; 32], [2; 32]]);
        assert_eq!(format!("{keys:?}"), "SealingKeys(2, <redacted>)");
        assert_eq!(
            format!("{:?}", keys.secrets()[0]),
            "SealingSecret(<redacted>)"
        );
        for text in ["", ",", &format!("{},", text(1)), &format!("{},x", text(1))] {
            assert!(SealingKeys::parse(text).is_err(), "{text}");
        }
    }
}
