//! What identifies a token to caches.

use std::fmt;

use aws_lc_rs::digest::{Context, Digest, SHA256};

/// The identity of a token for cache keys: 32 bytes, useless for anything else.
///
/// Of a verified token it is the SHA-256 of the signed bytes, made while verifying. Of a
/// token that was only assumed to be verified it is taken over the whole token in another
/// domain, so that a copy with a forged signature never meets the entry of the real one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// From the digest that the signature was checked against.
    pub(crate) fn of_signed(digest: &Digest) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        Self(bytes)
    }

    pub(crate) fn of_assumed(token: &str) -> Self {
        let mut context = Context::new(&SHA256);
        // No signing input begins with a zero byte.
        context.update(b"\0entra-claims assumed token\0");
        context.update(token.as_bytes());
        Self::of_signed(&context.finish())
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(<redacted>)")
    }
}
