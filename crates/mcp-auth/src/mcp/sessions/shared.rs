//! Session owners in a store that several instances share.

use std::sync::Arc;
use std::time::Duration;

use entra_claims::{Clock, SystemClock};
use entra_parts::seal::{Binding, SealError};
use entra_parts::store::{SharedSpace, SharedTier, StoreError};
use zeroize::Zeroizing;

use super::owner::{SessionDigest, SessionOwner};
use crate::mcp::error::McpRequestError;

/// How long an owner is kept without a request of its session: at least this less [`RENEW`].
const LIFE: Duration = Duration::from_secs(86_400);

/// A use of the session keeps its owner for another [`LIFE`], and is written this often at most, in
/// seconds.
const RENEW: i64 = 3_600;

/// Owners of sessions, sealed under the digest of the session: a store that swaps two replies
/// gives no session away.
#[derive(Clone, Debug)]
pub(in crate::mcp) struct SharedSessions {
    space: SharedSpace,
    clock: Arc<dyn Clock>,
}

/// An owner, and the time in Unix seconds at which it was written.
struct Record {
    owner: SessionOwner,
    written: i64,
}

impl SharedSessions {
    pub(in crate::mcp) fn new(tier: &SharedTier) -> Result<Self, SealError> {
        Ok(Self {
            space: tier.space("mcp-auth/sessions/1")?,
            clock: Arc::new(SystemClock::new()),
        })
    }

    #[cfg(test)]
    pub(super) fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// False if the session is another owner's: that does not change.
    pub(super) async fn insert(
        &self,
        session: SessionDigest,
        owner: SessionOwner,
    ) -> Result<bool, McpRequestError> {
        let (of, value) = (place(session), self.record(owner));
        if decided(self.space.put_if_absent(&of, value, LIFE).await)? {
            return Ok(true);
        }
        let held = decided(self.space.get(&of).await)?;
        Ok(held
            .and_then(|bytes| Record::read(&bytes))
            .is_some_and(|held| held.owner == owner))
    }

    /// The owner of a session; finding it is a use of it.
    pub(super) async fn find(
        &self,
        session: SessionDigest,
    ) -> Result<Option<SessionOwner>, McpRequestError> {
        let of = place(session);
        let Some(bytes) = decided(self.space.get(&of).await)? else {
            return Ok(None);
        };
        let Some(held) = Record::read(&bytes) else {
            return Ok(None);
        };
        if self.clock.wall().saturating_sub(held.written) >= RENEW {
            // What was ended meanwhile on another instance comes back by this for a day at most, for
            // its owner only. The answer does not depend on it: the next use tries again.
            drop(decided(
                self.space.put(&of, self.record(held.owner), LIFE).await,
            ));
        }
        Ok(Some(held.owner))
    }

    /// Whether some instance used the session within `idle`, as far as uses are written.
    pub(super) async fn is_used(
        &self,
        session: SessionDigest,
        idle: Duration,
    ) -> Result<bool, McpRequestError> {
        let held = decided(self.space.get(&place(session)).await)?;
        let Some(held) = held.and_then(|bytes| Record::read(&bytes)) else {
            return Ok(false);
        };
        let idle = i64::try_from(idle.as_secs()).unwrap_or(i64::MAX).max(RENEW);
        Ok(self.clock.wall().saturating_sub(held.written) < idle)
    }

    pub(super) async fn remove(&self, session: SessionDigest) -> Result<(), McpRequestError> {
        decided(self.space.delete(&place(session)).await)
    }

    fn record(&self, owner: SessionOwner) -> Zeroizing<Vec<u8>> {
        let mut bytes = owner.as_bytes().to_vec();
        bytes.extend(self.clock.wall().to_be_bytes());
        Zeroizing::new(bytes)
    }
}

impl Record {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (owner, written) = bytes.split_first_chunk::<32>()?;
        Some(Self {
            owner: SessionOwner::from_bytes(*owner),
            written: i64::from_be_bytes(written.try_into().ok()?),
        })
    }
}

fn place(session: SessionDigest) -> Binding {
    Binding::new("session").and(session.as_bytes())
}

/// A store that fails or does not answer in time decides nothing.
fn decided<T>(answer: Result<T, StoreError>) -> Result<T, McpRequestError> {
    answer.map_err(|error| {
        tracing::warn!(target: "mcp_auth::sessions", %error, "owners of sessions cannot be looked up");
        McpRequestError::SessionsUnavailable
    })
}
