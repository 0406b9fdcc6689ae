//! Sessions of the older era, and whose they are.

mod memory;
mod owner;
mod store;

use std::sync::Arc;
use std::time::Duration;

use entra_claims::VerifiedToken;

pub(super) use memory::MemorySessions;
pub use memory::SessionLimits;
pub use owner::{SessionDigest, SessionOwner};
pub use store::{SessionStore, SessionStoreError};

use super::error::McpRequestError;

/// Where sessions are looked up: the built-in one without a boxed future per request.
#[derive(Clone, Debug)]
pub(super) enum Sessions {
    Memory(Arc<MemorySessions>),
    Shared(Arc<dyn SessionStore>),
}

/// How long a shared store may take.
const DEADLINE: Duration = Duration::from_millis(500);

impl Sessions {
    /// Remembers whose a new session is. One that is another caller's already stays so, and
    /// is not given away again.
    pub(super) async fn bind(
        &self,
        id: &[u8],
        token: Option<&VerifiedToken>,
    ) -> Result<(), McpRequestError> {
        let (session, owner) = (SessionDigest::of(id), SessionOwner::of(token));
        let bound = match self {
            Self::Memory(memory) => memory.insert(session, owner),
            Self::Shared(store) => {
                let held = timely(store.owner(session)).await?;
                let free = held.is_none_or(|held| held == owner);
                if free {
                    timely(store.bind(session, owner)).await?;
                }
                free
            }
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

    /// Refuses a session that is another caller's, or nobody's: the same answer for both.
    pub(super) async fn check(
        &self,
        id: &[u8],
        token: Option<&VerifiedToken>,
    ) -> Result<(), McpRequestError> {
        let session = SessionDigest::of(id);
        let owner = match self {
            Self::Memory(memory) => memory.find(session),
            Self::Shared(store) => timely(store.owner(session)).await?,
        };
        match owner {
            Some(owner) if owner == SessionOwner::of(token) => Ok(()),
            _ => Err(McpRequestError::Session),
        }
    }

    /// Forgets a session that its owner ended.
    pub(super) async fn remove(&self, id: &[u8]) -> Result<(), McpRequestError> {
        let session = SessionDigest::of(id);
        match self {
            Self::Memory(memory) => {
                memory.forget(session);
                Ok(())
            }
            Self::Shared(store) => timely(store.remove(session)).await,
        }
    }
}

/// A store that fails or hangs decides nothing.
async fn timely<T>(
    asked: impl Future<Output = Result<T, SessionStoreError>>,
) -> Result<T, McpRequestError> {
    let answer = tokio::time::timeout(DEADLINE, asked).await;
    match answer {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => {
            tracing::warn!(target: "mcp_auth::sessions", "the store of sessions failed: {error}");
            Err(McpRequestError::SessionsUnavailable)
        }
        Err(_) => {
            tracing::warn!(target: "mcp_auth::sessions", "the store of sessions did not answer in time");
            Err(McpRequestError::SessionsUnavailable)
        }
    }
}

#[cfg(test)]
mod tests;
