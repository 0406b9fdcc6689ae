//! Owner of a session, as a digest that does not reveal the caller.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use entra_claims::VerifiedToken;

/// A session's id, hashed: a store that is read by others gives away no session.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SessionDigest([u8; 32]);

/// Whom a session belongs to, hashed: tenant, object, client application and kind of caller.
///
/// Not the token: a refreshed one, or one with more scopes, is the same owner's. The client
/// application is part of it, so that another one cannot take a user's session over.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SessionOwner([u8; 32]);

/// Whose share of the places a session takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    User,
    /// An application on its own, or requests without a token.
    Application,
}

impl Share {
    pub(super) fn of(token: Option<&VerifiedToken>) -> Self {
        match token {
            Some(token) if token.principal().is_delegated() => Self::User,
            _ => Self::Application,
        }
    }
}

impl SessionDigest {
    pub(super) fn of(id: &[u8]) -> Self {
        Self(hashed("mcp-auth session id", &[id]))
    }

    /// For a store's key.
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl SessionOwner {
    /// All requests without a token, where an optional guard lets them in, have one owner: no
    /// caller with a token can use such a session, and none without one another's.
    pub(super) fn of(token: Option<&VerifiedToken>) -> Self {
        let Some(token) = token else {
            return Self(hashed("mcp-auth session of nobody", &[]));
        };
        let caller = token.principal();
        let (tenant, object) = (caller.tenant().to_string(), caller.object().to_string());
        let client = caller.client().to_string();
        let parts = [&*tenant, &*object, &*client, caller.kind().as_str()];
        Self(hashed("mcp-auth session owner", &parts.map(str::as_bytes)))
    }

    /// For a store's value.
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What a store gave back.
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Each part with its length before it, so that no two lists of parts hash alike.
pub(super) fn hashed(domain: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in [domain.as_bytes()].iter().chain(parts) {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        context.update(&length.to_be_bytes());
        context.update(part);
    }
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    bytes
}

impl fmt::Debug for SessionDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        short(f, "SessionDigest", &self.0)
    }
}

impl fmt::Debug for SessionOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        short(f, "SessionOwner", &self.0)
    }
}

/// Enough to tell two apart in a log.
fn short(f: &mut fmt::Formatter<'_>, name: &str, bytes: &[u8]) -> fmt::Result {
    write!(f, "{name}(")?;
    for byte in bytes.iter().take(4) {
        write!(f, "{byte:02x}")?;
    }
    f.write_str("..)")
}
