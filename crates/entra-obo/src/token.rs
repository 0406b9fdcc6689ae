//! What an exchange gives.

use std::fmt;
use std::sync::{Arc, OnceLock};

use time::OffsetDateTime;

use crate::cache::Kept;
use crate::secret::Secret;

/// An access token for one downstream resource, as one user.
///
/// A handle: cloning it copies a pointer, and the token is wiped when the last one goes.
/// `Debug` shows when it expires and what it is for, never the token.
///
/// Its content belongs to the downstream API: send it there, do not read it (Entra doc
/// "Access tokens": treat them as opaque).
///
/// ```
/// use entra_obo::AccessToken;
///
/// fn authorization(token: &AccessToken) -> String {
///     format!("Bearer {}", token.expose())
/// }
/// assert_eq!(size_of::<AccessToken>(), size_of::<usize>());
/// ```
#[derive(Clone)]
pub struct AccessToken(Arc<Inner>);

struct Inner {
    kept: OnceLock<Kept>,
    secret: Secret,
    scopes: Box<str>,
    expires_at: i64,
}

impl AccessToken {
    pub(crate) fn new(secret: Secret, scopes: &str, expires_at: i64) -> Self {
        Self(Arc::new(Inner {
            kept: OnceLock::new(),
            secret,
            scopes: scopes.into(),
            expires_at,
        }))
    }

    /// **The token itself, a credential**, for the `Authorization` header of a call to its
    /// resource. Never log or store it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.secret.expose()
    }

    /// When it expires.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.expires_at).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// When it expires, in Unix seconds.
    #[must_use]
    pub fn expires_at_unix(&self) -> i64 {
        self.0.expires_at
    }

    /// The scopes that were granted, as Entra ID writes them: the order may differ from
    /// what was asked, and there may be more or fewer of them (RFC 6749, section 5.1).
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.scopes.split_ascii_whitespace()
    }

    /// What the cache that holds it notes of it.
    pub(crate) fn kept(&self) -> Option<&Kept> {
        self.0.kept.get()
    }

    /// Notes that. A token that a cache has noted already goes into another one as a copy.
    pub(crate) fn keep(self, kept: Kept) -> Self {
        match self.0.kept.set(kept) {
            Ok(()) => self,
            Err(kept) => Self(Arc::new(Inner {
                kept: OnceLock::from(kept),
                secret: Secret::new(self.expose()),
                scopes: self.0.scopes.clone(),
                expires_at: self.0.expires_at,
            })),
        }
    }

    /// The scopes as they came.
    pub(crate) fn scope_text(&self) -> &str {
        &self.0.scopes
    }

    /// Heap bytes of the token, for the cache's books.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.expose().len() + self.0.scopes.len() + size_of::<Inner>() + 2 * size_of::<usize>()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("token", &self.0.secret)
            .field("scopes", &self.0.scopes)
            .field("expires_at", &self.expires_at())
            .finish()
    }
}
