//! Sessions until 2025-11-25: their owners, and the places that they take at the server.

mod closing;
mod live;
mod owner;
mod shared;

use std::sync::Arc;

pub(super) use closing::Endpoint;
use entra_claims::VerifiedToken;
pub use live::SessionLimits;
pub(super) use live::{Idle, LiveSessions, Reservation};
pub(super) use shared::SharedSessions;

use super::error::McpRequestError;
use live::Full;
use owner::{SessionDigest, SessionOwner, Share};

/// So many sessions without use are closed with one request.
const CLOSED_AT_ONCE: usize = 8;

/// Sessions of one server: what it holds itself, and owners that instances share.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions {
    pub(super) live: Arc<LiveSessions>,
    pub(super) shared: Option<SharedSessions>,
}

impl Sessions {
    /// A place for a session of this caller, before the server opens it.
    pub(super) fn reserve(
        &self,
        token: Option<&VerifiedToken>,
    ) -> Result<Reservation, McpRequestError> {
        let reserved = self.live.reserve(SessionOwner::of(token), Share::of(token));
        reserved.map_err(|full| {
            tracing::warn!(
                target: "mcp_auth::sessions",
                caller = token.map(|token| tracing::field::display(token.principal())),
                ?full,
                "there is no place for another session"
            );
            match full {
                Full::Share(wait) => McpRequestError::TooManySessions(wait),
                Full::Total => McpRequestError::SessionsFull,
            }
        })
    }

    /// Keeps the owner of a new session. A session of another caller keeps its owner, and its id
    /// is not given to this one.
    pub(super) async fn bind(
        &self,
        place: Reservation,
        id: &[u8],
        endpoint: &Endpoint,
        token: Option<&VerifiedToken>,
    ) -> Result<(), McpRequestError> {
        let (session, owner) = (SessionDigest::of(id), SessionOwner::of(token));
        let new = match &self.shared {
            Some(shared) => shared.insert(session, owner).await?,
            None => true,
        };
        let closing = endpoint.closing(id).ok_or(McpRequestError::Session)?;
        if new && self.live.insert(place, session, closing) {
            return Ok(());
        }
        tracing::error!(
            target: "mcp_auth::sessions",
            "the server gave a new session the id of another caller's"
        );
        Err(McpRequestError::Session)
    }

    /// Refuses a session of another caller and an unknown one: the same answer for both.
    pub(super) async fn check(
        &self,
        id: &[u8],
        endpoint: impl FnOnce() -> Endpoint,
        token: Option<&VerifiedToken>,
    ) -> Result<(), McpRequestError> {
        let session = SessionDigest::of(id);
        let (caller, live) = (SessionOwner::of(token), self.live.find(session));
        let owner = match &self.shared {
            None => live,
            Some(shared) => shared.find(session).await?,
        };
        if owner == Some(caller) {
            if live.is_none()
                && let Some(closing) = endpoint().closing(id)
            {
                self.live.put(session, caller, closing);
            }
            return Ok(());
        }
        if owner.is_none() {
            tracing::debug!(
                target: "mcp_auth::sessions",
                shared = self.shared.is_some(),
                "a session is unknown: it ended, this process restarted, or another instance \
                 that does not share its sessions opened it"
            );
        }
        Err(McpRequestError::Session)
    }

    /// Removes a session that its owner or the server ended.
    pub(super) async fn remove(&self, id: &[u8]) -> Result<(), McpRequestError> {
        let session = SessionDigest::of(id);
        self.live.forget(session);
        match &self.shared {
            Some(shared) => shared.remove(session).await,
            None => Ok(()),
        }
    }

    /// Sessions that were not used for too long, off the table: the server is to close them.
    pub(super) fn take_idle(&self) -> Vec<Idle> {
        self.live.take_idle(CLOSED_AT_ONCE)
    }

    /// Whether another instance uses the session: then it stays, here too. Whether it does cannot
    /// be said while the store fails.
    pub(super) async fn is_used_elsewhere(&self, idle: &Idle) -> bool {
        let Some(shared) = &self.shared else {
            return false;
        };
        let used = shared.is_used(idle.session, self.live.limits.idle).await;
        if used.unwrap_or(true) {
            let closing = idle.closing.clone();
            self.live.put(idle.session, idle.owner, closing);
            return true;
        }
        // A failure was logged; what is left ends by itself.
        drop(shared.remove(idle.session).await);
        false
    }
}

#[cfg(test)]
mod tests;
