//! What the sealing keys are made from.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

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
