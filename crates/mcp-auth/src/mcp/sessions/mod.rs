//! Sessions until 2025-11-25, and their owners.

mod memory;
mod owner;
mod shared;

use std::sync::Arc;

use entra_claims::VerifiedToken;

pub(super) use memory::MemorySessions;
pub use memory::SessionLimits;
pub(super) use shared::SharedSessions;

use super::error::McpRequestError;
use owner::{SessionDigest, SessionOwner};

/// Where the owners of sessions are kept: in memory without a boxed future per request.
#[derive(Clone, Debug)]
pub(super) enum Sessions {
    Memory(Arc<MemorySessions>),
    Shared(SharedSessions),
}

impl Sessions {
    /// Keeps the owner of a new session. A session of another caller keeps its owner, and its id
    /// is not given to this one.
    pub(super) async fn bind(
        &self,
        id: &[u8],
        token: Option<&VerifiedToken>,
    ) -> Result<(), McpRequestError> {
        let (session, owner) = (SessionDigest::of(id), SessionOwner::of(token));
        let bound = match self {
            Self::Memory(memory) => memory.insert(session, owner),
            Self::Shared(shared) => shared.insert(session, owner).await?,
        };
        if bound {
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
        token: Option<&VerifiedToken>,
    ) -> Result<(), McpRequestError> {
        let session = SessionDigest::of(id);
        let owner = match self {
            Self::Memory(memory) => memory.find(session),
            Self::Shared(shared) => shared.find(session).await?,
        };
        match owner {
            Some(owner) if owner == SessionOwner::of(token) => Ok(()),
            Some(_) => Err(McpRequestError::Session),
            None => {
                tracing::debug!(
                    target: "mcp_auth::sessions",
                    shared = matches!(self, Self::Shared(_)),
                    "a session is unknown: it ended, this process restarted, or another instance \
                     that does not share its sessions opened it"
                );
                Err(McpRequestError::Session)
            }
        }
    }

    /// Removes a session that its owner ended.
    pub(super) async fn remove(&self, id: &[u8]) -> Result<(), McpRequestError> {
        let session = SessionDigest::of(id);
        match self {
            Self::Memory(memory) => {
                memory.forget(session);
                Ok(())
            }
            Self::Shared(shared) => shared.remove(session).await,
        }
    }
}

#[cfg(test)]
mod tests;
