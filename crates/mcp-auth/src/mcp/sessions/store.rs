//! A store of sessions that several instances share.

use std::fmt::Debug;

use async_trait::async_trait;

use super::{SessionDigest, SessionOwner};

/// Remembers whose a session is, for servers that run in several instances.
///
/// Each method answers within half a second, or the request is refused with 503. What the
/// store does not know is refused with 404, so an entry that is lost ends a session and
/// never opens one. Let entries expire some time after they were last used; hours are
/// ample.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
///
/// use mcp_auth::{SessionDigest, SessionOwner, SessionStore, SessionStoreError};
///
/// /// What a shared store does, in memory.
/// #[derive(Debug, Default)]
/// struct Table(Mutex<HashMap<[u8; 32], [u8; 32]>>);
///
/// #[async_trait::async_trait]
/// impl SessionStore for Table {
///     async fn bind(&self, session: SessionDigest, owner: SessionOwner) -> Result<(), SessionStoreError> {
///         let mut table = self.0.lock().map_err(|_| SessionStoreError::new("poisoned"))?;
///         table.insert(*session.as_bytes(), *owner.as_bytes());
///         Ok(())
///     }
///
///     async fn owner(&self, session: SessionDigest) -> Result<Option<SessionOwner>, SessionStoreError> {
///         let table = self.0.lock().map_err(|_| SessionStoreError::new("poisoned"))?;
///         Ok(table.get(session.as_bytes()).copied().map(SessionOwner::from_bytes))
///     }
///
///     async fn remove(&self, session: SessionDigest) -> Result<(), SessionStoreError> {
///         let mut table = self.0.lock().map_err(|_| SessionStoreError::new("poisoned"))?;
///         table.remove(session.as_bytes());
///         Ok(())
///     }
/// }
/// # let _ = Table::default();
/// ```
#[async_trait]
pub trait SessionStore: Debug + Send + Sync {
    /// Remembers a new session's owner.
    async fn bind(
        &self,
        session: SessionDigest,
        owner: SessionOwner,
    ) -> Result<(), SessionStoreError>;

    /// The owner, if the session is known.
    async fn owner(
        &self,
        session: SessionDigest,
    ) -> Result<Option<SessionOwner>, SessionStoreError>;

    /// Forgets a session.
    async fn remove(&self, session: SessionDigest) -> Result<(), SessionStoreError>;
}

/// A store that could not answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct SessionStoreError(String);

impl SessionStoreError {
    /// With what went wrong, for the log.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}
