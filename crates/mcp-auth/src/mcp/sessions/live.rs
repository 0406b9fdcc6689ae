//! Sessions that the server behind a guard holds: their places, owners and last use.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use entra_claims::{Clock, SystemClock};
use entra_parts::lock::lock;

use super::closing::Closing;
use super::owner::{SessionDigest, SessionOwner, Share};
use crate::guard::GuardError;

/// How many sessions of the older era the server may hold, and for how long without use.
///
/// A place is taken before `initialize` is forwarded, and given back if the server opens no
/// session. A caller whose share is used up gets 429 with `Retry-After`; where all places are
/// taken it is 503. **A session in use is never closed for another one**: it ends by its owner's
/// `DELETE`, by the server, or after the time without use, by a `DELETE` that the guard sends to
/// the server.
///
/// By default 100,000 sessions, 100 of them one user's and 10,000 one application's (which may
/// open one for each of its users), each for a day without use.
///
/// ```
/// use std::time::Duration;
/// use mcp_auth::SessionLimits;
///
/// let limits = SessionLimits::default()
///     .with_sessions(1_000)
///     .with_sessions_per_user(20)
///     .with_sessions_per_application(200)
///     .with_idle(Duration::from_secs(3_600));
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    sessions: usize,
    per_user: usize,
    per_application: usize,
    pub(super) idle: Duration,
}

impl SessionLimits {
    /// Room for this many sessions, of all callers.
    #[must_use]
    pub const fn with_sessions(mut self, sessions: usize) -> Self {
        self.sessions = sessions;
        self
    }

    /// Room for this many sessions of one user through one client.
    #[must_use]
    pub const fn with_sessions_per_user(mut self, sessions: usize) -> Self {
        self.per_user = sessions;
        self
    }

    /// Room for this many sessions of one application on its own, and of all requests without a
    /// token together.
    #[must_use]
    pub const fn with_sessions_per_application(mut self, sessions: usize) -> Self {
        self.per_application = sessions;
        self
    }

    /// After how long without use a session is closed.
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    fn check(self) -> Result<Self, GuardError> {
        let sessions = [
            ("sessions", self.sessions),
            ("sessions of one user", self.per_user),
            ("sessions of one application", self.per_application),
        ];
        for (limit, value) in sessions {
            if value == 0 {
                return Err(GuardError::limit(limit, value, "1 or more"));
            }
        }
        if self.idle.is_zero() {
            let value = format!("{} s", self.idle.as_secs());
            return Err(GuardError::limit(
                "time without use",
                value,
                "more than 0 s",
            ));
        }
        Ok(self)
    }

    fn share(&self, share: Share) -> usize {
        match share {
            Share::User => self.per_user,
            Share::Application => self.per_application,
        }
    }
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            sessions: 100_000,
            per_user: 100,
            per_application: 10_000,
            idle: Duration::from_secs(86_400),
        }
    }
}

/// Sessions of this process: bounded, and one that is not among them is refused.
pub(in crate::mcp) struct LiveSessions {
    clock: Arc<dyn Clock>,
    pub(super) limits: SessionLimits,
    state: Mutex<State>,
}

/// There is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// The caller's share is used up; when its longest unused session is closed.
    Share(Duration),
    /// All places are taken.
    Total,
}

/// A place for a session that is not open yet; given back when it is dropped.
#[derive(Debug)]
pub(in crate::mcp) struct Reservation {
    live: Arc<LiveSessions>,
    owner: SessionOwner,
}

/// A session that was not used for too long, taken off the table.
#[derive(Debug)]
pub(in crate::mcp) struct Idle {
    pub(super) session: SessionDigest,
    pub(super) owner: SessionOwner,
    pub(in crate::mcp) closing: Closing,
}

#[derive(Default)]
pub(super) struct State {
    sessions: HashMap<SessionDigest, Entry>,
    /// By last use: the least recently used first.
    order: BTreeMap<u64, SessionDigest>,
    owners: HashMap<SessionOwner, Held>,
    reserved: usize,
    uses: u64,
}

/// What one owner holds.
#[derive(Default)]
struct Held {
    /// Places in the order of use.
    places: BTreeSet<u64>,
    reserved: usize,
}

struct Entry {
    owner: SessionOwner,
    place: u64,
    used: Duration,
    closing: Closing,
}

impl LiveSessions {
    pub(in crate::mcp) fn new(limits: SessionLimits) -> Result<Self, GuardError> {
        let limits = limits.check()?;
        Ok(Self {
            limits,
            ..Self::default()
        })
    }

    #[cfg(test)]
    pub(super) fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// A place for one more session of `owner`.
    pub(super) fn reserve(
        self: &Arc<Self>,
        owner: SessionOwner,
        share: Share,
    ) -> Result<Reservation, Full> {
        let now = self.clock.monotonic();
        let mut state = self.state();
        let held = state.owners.get(&owner);
        let count = held.map_or(0, |held| held.places.len() + held.reserved);
        if count >= self.limits.share(share) {
            let oldest = held.and_then(|held| held.places.first().copied());
            return Err(Full::Share(state.left(oldest, now, self.limits.idle)));
        }
        if state.sessions.len() + state.reserved >= self.limits.sessions {
            return Err(Full::Total);
        }
        state.reserved += 1;
        state.owners.entry(owner).or_default().reserved += 1;
        Ok(Reservation {
            live: Arc::clone(self),
            owner,
        })
    }

    /// Takes the place. False if the session is another owner's: that does not change.
    pub(super) fn insert(
        &self,
        place: Reservation,
        session: SessionDigest,
        closing: Closing,
    ) -> bool {
        let owner = place.owner;
        drop(place);
        self.put(session, owner, closing)
    }

    /// A session that another instance opened is used here: the server behind this guard holds it
    /// now, too.
    pub(super) fn put(
        &self,
        session: SessionDigest,
        owner: SessionOwner,
        closing: Closing,
    ) -> bool {
        let now = self.clock.monotonic();
        let mut state = self.state();
        let held = state.sessions.get(&session);
        if held.is_some_and(|held| held.owner != owner) {
            return false;
        }
        state.remove(session);
        state.put(session, owner, closing, now);
        true
    }

    /// The owner of a session; finding it is a use of it.
    pub(super) fn find(&self, session: SessionDigest) -> Option<SessionOwner> {
        let now = self.clock.monotonic();
        let mut state = self.state();
        let used = state.sessions.get(&session)?.used;
        // It waits to be closed.
        if now.saturating_sub(used) >= self.limits.idle {
            return None;
        }
        let entry = state.remove(session)?;
        let owner = entry.owner;
        state.put(session, owner, entry.closing, now);
        Some(owner)
    }

    pub(super) fn forget(&self, session: SessionDigest) {
        self.state().remove(session);
    }

    /// Takes sessions off the table that were not used for too long: a few at a time, since each
    /// is closed by a request.
    pub(super) fn take_idle(&self, most: usize) -> Vec<Idle> {
        let now = self.clock.monotonic();
        let mut state = self.state();
        let mut idle = Vec::new();
        while idle.len() < most {
            let Some(session) = state.order.first_key_value().map(|(_, session)| *session) else {
                break;
            };
            let used = state.sessions.get(&session).map(|entry| entry.used);
            if used.is_some_and(|used| now.saturating_sub(used) < self.limits.idle) {
                break;
            }
            let Some(entry) = state.remove(session) else {
                break;
            };
            idle.push(Idle {
                session,
                owner: entry.owner,
                closing: entry.closing,
            });
        }
        idle
    }

    /// Sessions, places for some, and owners.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> [usize; 4] {
        let state = self.state();
        [
            state.sessions.len(),
            state.order.len(),
            state.owners.len(),
            state.reserved,
        ]
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that could panic runs under the lock.
        lock(&self.state)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut state = self.live.state();
        state.reserved = state.reserved.saturating_sub(1);
        if let Some(held) = state.owners.get_mut(&self.owner) {
            held.reserved = held.reserved.saturating_sub(1);
        }
        state.drop_empty(self.owner);
    }
}

impl State {
    fn put(
        &mut self,
        session: SessionDigest,
        owner: SessionOwner,
        closing: Closing,
        used: Duration,
    ) {
        self.uses += 1;
        let place = self.uses;
        self.order.insert(place, session);
        self.owners.entry(owner).or_default().places.insert(place);
        let entry = Entry {
            owner,
            place,
            used,
            closing,
        };
        self.sessions.insert(session, entry);
    }

    fn remove(&mut self, session: SessionDigest) -> Option<Entry> {
        let entry = self.sessions.remove(&session)?;
        self.order.remove(&entry.place);
        if let Some(held) = self.owners.get_mut(&entry.owner) {
            held.places.remove(&entry.place);
        }
        self.drop_empty(entry.owner);
        Some(entry)
    }

    fn drop_empty(&mut self, owner: SessionOwner) {
        let held = self.owners.get(&owner);
        if held.is_some_and(|held| held.places.is_empty() && held.reserved == 0) {
            self.owners.remove(&owner);
        }
    }

    /// Until the session at this place is closed if it is not used meanwhile.
    fn left(&self, place: Option<u64>, now: Duration, idle: Duration) -> Duration {
        let session = place.and_then(|place| self.order.get(&place));
        let entry = session.and_then(|session| self.sessions.get(session));
        entry.map_or(Duration::ZERO, |entry| {
            (entry.used + idle).saturating_sub(now)
        })
    }
}

impl Default for LiveSessions {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock::new()),
            limits: SessionLimits::default(),
            state: Mutex::default(),
        }
    }
}

impl fmt::Debug for LiveSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveSessions")
            .field("held", &self.state().sessions.len())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
