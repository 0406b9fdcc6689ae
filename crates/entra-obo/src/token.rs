//! Access tokens: what an exchange gives.

use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::secret::Secret;

/// An access token for one downstream resource, as one user.
///
/// A handle: cloning it copies a pointer, and the token is wiped when the last one goes.
/// `Debug` shows when it expires and its scopes, never the token.
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
/// # let _ = authorization;
/// ```
#[derive(Clone)]
pub struct AccessToken(Arc<dyn Issued>);

/// Something that holds an issued token: the token itself, or a cache's entry around it. So a
/// hit in the cache hands out the entry's own allocation, and nothing is copied.
pub(crate) trait Issued: Send + Sync {
    fn issued(&self) -> &IssuedToken;
}

/// A token with what was said about it.
pub(crate) struct IssuedToken {
    secret: Secret,
    scopes: Box<str>,
    expires_at: i64,
}

impl IssuedToken {
    pub(crate) fn new(secret: Secret, scopes: &str, expires_at: i64) -> Self {
        Self {
            secret,
            scopes: scopes.into(),
            expires_at,
        }
    }

    pub(crate) fn expose(&self) -> &str {
        self.secret.expose()
    }

    /// The scopes as they came.
    pub(crate) fn scope_text(&self) -> &str {
        &self.scopes
    }

    pub(crate) fn expires_at_unix(&self) -> i64 {
        self.expires_at
    }
}

impl Issued for IssuedToken {
    fn issued(&self) -> &IssuedToken {
        self
    }
}

impl AccessToken {
    pub(crate) fn new(issued: Arc<dyn Issued>) -> Self {
        Self(issued)
    }

    /// **The token itself, a credential**, for the `Authorization` header of a call to its
    /// resource. Never log or store it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.issued().expose()
    }

    /// When it expires.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        let seconds = self.expires_at_unix();
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// When it expires, in Unix seconds.
    #[must_use]
    pub fn expires_at_unix(&self) -> i64 {
        self.0.issued().expires_at
    }

    /// The scopes that were granted, as Entra ID writes them: the order may differ from
    /// what was asked, and there may be more or fewer of them (RFC 6749, section 5.1).
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.issued().scopes.split_ascii_whitespace()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("token", &self.0.issued().secret)
            .field("scopes", &self.0.issued().scopes)
            .field("expires_at", &self.expires_at())
            .finish()
    }
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken")
            .field("secret", &self.secret)
            .field("scopes", &self.scopes)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}
