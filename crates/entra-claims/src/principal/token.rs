//! Verified tokens, and the digest that identifies a token to caches.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, Digest, SHA256};
use time::OffsetDateTime;
use zeroize::optimization_barrier;

use super::Principal;
use crate::claims::Claims;

/// A token whose signature, issuer, tenant, audience, times and caller were checked.
///
/// A handle: cloning it copies a pointer. `Debug` never shows the token. The only ways to
/// one are [`Validator::verify`](crate::Validator::verify), an authenticator built on it,
/// and the loud [`dangerous::assume_verified`](crate::dangerous::assume_verified).
///
/// ```
/// use entra_claims::{PrincipalKind, VerifiedToken};
///
/// fn greet(token: &VerifiedToken) -> String {
///     match token.principal().kind() {
///         PrincipalKind::User => format!("hello, {}", token.claims().name().unwrap_or("you")),
///         other => format!("hello, {}", other.as_str()),
///     }
/// }
/// # let token = entra_claims::dangerous::assume_verified(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt")))?;
/// # assert_eq!(greet(&token), "hello, Alice");
/// # Ok::<(), entra_claims::DecodeError>(())
/// ```
#[derive(Clone)]
pub struct VerifiedToken(Arc<Inner>);

struct Inner {
    /// A credential: its bytes are overwritten when the last handle goes.
    token: Box<str>,
    claims: Claims,
    principal: Principal,
    digest: TokenDigest,
    exp: i64,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // At once and not byte by byte, as a `Zeroizing` would: that alone took a twentieth of
        // the time of a verification. The barrier keeps the writes.
        let mut token = std::mem::take(&mut self.token).into_boxed_bytes();
        token.fill(0);
        optimization_barrier(&token);
    }
}

/// The last second of the year 9999, where `time` ends; later expiries are refused.
pub(crate) const LAST_SECOND: i64 = 253_402_300_799;

impl VerifiedToken {
    /// The caller vouches for everything.
    pub(crate) fn new(
        token: &str,
        claims: Claims,
        principal: Principal,
        digest: TokenDigest,
        exp: i64,
    ) -> Self {
        Self(Arc::new(Inner {
            token: token.into(),
            claims,
            principal,
            digest,
            exp: exp.clamp(0, LAST_SECOND),
        }))
    }

    /// Who is calling.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// What the token says beyond that.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.0.claims
    }

    /// When the token expires, without any skew.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.exp).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// When the token expires, in Unix seconds.
    #[must_use]
    pub fn expires_at_unix(&self) -> i64 {
        self.0.exp
    }

    /// The token's identity for cache keys.
    #[must_use]
    pub fn digest(&self) -> &TokenDigest {
        &self.0.digest
    }

    /// **The token itself, a credential.** Only for an exchange that sends it to the
    /// authority it came from. Never forward it to another API, log it or store it.
    #[must_use]
    pub fn expose_token(&self) -> &str {
        &self.0.token
    }
}

impl fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken")
            .field("principal", &self.0.principal)
            .field("expires_at_unix", &self.0.exp)
            .field("token", &format_args!("<redacted>"))
            .finish_non_exhaustive()
    }
}

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
