//! Sessions of users at the gateway: what contexts end with.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::rand;
use entra_claims::{Clock, PrincipalKey, SystemClock, VerifiedToken};
use entra_parts::bounded::BoundedMap;
use entra_parts::clock::AgingClock;
use entra_parts::lock::lock;
use entra_parts::seal::{Binding, SealError};
use entra_parts::store::{SharedSpace, SharedTier};
use zeroize::Zeroizing;

use crate::claims::{Id, id};
use crate::jws::encode;

/// The name of a user's session in turn contexts: 128 random bits. It is not the session's cookie, and opens nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(Id);

impl SessionId {
    /// A new name.
    ///
    /// # Errors
    ///
    /// The system gives no random bytes.
    pub fn random() -> Result<Self, SessionError> {
        let mut id = Id::default();
        rand::fill(&mut id).map_err(|_| SessionError::new("the system gives no random bytes"))?;
        Ok(Self(id))
    }

    /// Reads what `Display` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        id(text).map(Self)
    }

    pub(super) const fn from_bytes(id: Id) -> Self {
        Self(id)
    }

    pub(super) const fn as_bytes(&self) -> Id {
        self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(self.0))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

/// Whether a user's session at the gateway lasts: asked before each context is issued.
///
/// [`Sessions`] keeps them; a gateway with sessions of its own answers from there.
#[async_trait]
pub trait UserSessions: fmt::Debug + Send + Sync {
    /// Whether the session is there, is this user's, and has not ended.
    ///
    /// # Errors
    ///
    /// It cannot be said now. Then no context is issued.
    async fn is_active(
        &self,
        session: &SessionId,
        user: PrincipalKey,
    ) -> Result<bool, SessionError>;
}

#[async_trait]
impl<S: UserSessions + ?Sized> UserSessions for Arc<S> {
    async fn is_active(
        &self,
        session: &SessionId,
        user: PrincipalKey,
    ) -> Result<bool, SessionError> {
        (**self).is_active(session, user).await
    }
}

/// Why it cannot be said whether a session lasts, or none can be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SessionError {
    reason: &'static str,
}

impl SessionError {
    /// The reason is logged: no secret may stand in it.
    #[must_use]
    pub const fn new(reason: &'static str) -> Self {
        Self { reason }
    }
}

/// Sessions that last until a time or a sign-out, in memory or in a store that several instances share. A handle.
#[derive(Clone, Debug)]
pub struct Sessions(Arc<Place>);

enum Place {
    Memory {
        open: Mutex<BoundedMap<SessionId, PrincipalKey>>,
        clock: AgingClock,
    },
    Shared(SharedSpace),
}

impl Sessions {
    /// In the memory of this process, so many at most: where it is full none is opened.
    #[must_use]
    pub fn in_memory(most: usize) -> Self {
        Self::in_memory_with_clock(most, Arc::new(SystemClock::new()))
    }

    /// The same, with another clock, for tests.
    #[must_use]
    pub fn in_memory_with_clock(most: usize, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Place::Memory {
            open: Mutex::new(BoundedMap::new(most)),
            clock: AgingClock::new(clock),
        }))
    }

    /// In a store that several instances share: a sign-out at one of them ends the session for all.
    ///
    /// # Errors
    ///
    /// [`SealError::Derivation`].
    pub fn shared(tier: &SharedTier) -> Result<Self, SealError> {
        Ok(Self(Arc::new(Place::Shared(
            tier.space("agent-user-context/sessions/1")?,
        ))))
    }

    /// Opens a session of the user whose token was verified, for so long.
    ///
    /// # Errors
    ///
    /// No room, no randomness, or the store does not answer.
    pub async fn open(
        &self,
        user: &VerifiedToken,
        lasts: Duration,
    ) -> Result<SessionId, SessionError> {
        let (session, user) = (SessionId::random()?, user.principal().key());
        match &*self.0 {
            Place::Memory { open, clock } => {
                let now = clock.monotonic();
                let until = now.saturating_add(lasts);
                match lock(open).insert_if_room(session, user, until, now) {
                    true => Ok(session),
                    false => Err(SessionError::new("there is no room for another session")),
                }
            }
            Place::Shared(space) => {
                let kept = space.put(&binding(&session), owner(user), lasts).await;
                kept.map_err(|_| UNANSWERED).map(|()| session)
            }
        }
    }

    /// Ends a session: the user signed out. No context is issued for it from now on.
    ///
    /// # Errors
    ///
    /// The store does not answer: the session goes on.
    pub async fn end(&self, session: &SessionId) -> Result<(), SessionError> {
        match &*self.0 {
            Place::Memory { open, .. } => {
                lock(open).remove(session);
                Ok(())
            }
            Place::Shared(space) => space
                .delete(&binding(session))
                .await
                .map_err(|_| UNANSWERED),
        }
    }
}

#[async_trait]
impl UserSessions for Sessions {
    async fn is_active(
        &self,
        session: &SessionId,
        user: PrincipalKey,
    ) -> Result<bool, SessionError> {
        match &*self.0 {
            Place::Memory { open, clock } => {
                Ok(lock(open).get(session, clock.monotonic()) == Some(&user))
            }
            Place::Shared(space) => {
                let found = space.get(&binding(session)).await.map_err(|_| UNANSWERED)?;
                Ok(found.is_some_and(|found| found == owner(user)))
            }
        }
    }
}

const UNANSWERED: SessionError = SessionError::new("the shared store does not answer");

fn binding(session: &SessionId) -> Binding {
    Binding::new("session").and(session.as_bytes())
}

fn owner(user: PrincipalKey) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([*user.tenant.as_bytes(), *user.object.as_bytes()].concat())
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory { .. } => "memory",
            Self::Shared(_) => "shared",
        })
    }
}
