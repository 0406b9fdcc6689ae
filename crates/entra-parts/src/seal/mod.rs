//! Sealing: what leaves this process and has to come back unchanged, unread, and to the same
//! place.
//!
//! [`SealingKeys`] are what an application configures; a [`Sealer`] holds what is derived of
//! them for one purpose, so what was sealed for one purpose is noise to any other. A sealed
//! value opens only for the [`Binding`] that it was sealed for.

mod binding;
mod sealer;
mod secret;

pub use binding::Binding;
#[cfg(feature = "store")]
pub(crate) use sealer::sealed_length;
pub use sealer::{MAX_SEALED_TEXT, Sealer, SealerKey};
pub use secret::{InvalidSealingSecret, SealError, SealingKeys, SealingSecret};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// 192 random bits in base64url, for an id that cannot be guessed.
///
/// # Errors
///
/// [`SealError::NoRandomness`].
pub fn random_id() -> Result<String, SealError> {
    let mut bytes = [0; 24];
    rand::fill(&mut bytes).map_err(|_| SealError::NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
