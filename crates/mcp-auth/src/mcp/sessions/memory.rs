//! Session owners in the memory of one process, within limits.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use entra_claims::{Clock, SystemClock};
use entra_parts::lock::lock;

use super::owner::{SessionDigest, SessionOwner};
use crate::guard::GuardError;

/// How many sessions of the older era one process remembers, and for how long.
///
/// When it is full, the caller who opens one more session loses the oldest of their own; a
/// caller who has none yet takes the place of the session that was unused the longest. One
/// caller alone cannot push out those of others: a share of the places is theirs at most.
///
/// By default 100,000 sessions, 10,000 of them one caller's (an application may open one for
/// each of its users), each for a day without use. Full, that takes about 20 MB.
///
/// ```
/// use std::time::Duration;
/// use mcp_auth::SessionLimits;
///
/// let limits = SessionLimits::default()
///     .with_sessions(1_000)
///     .with_sessions_per_caller(20)
///     .with_idle(Duration::from_secs(3_600));
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    sessions: usize,
    per_caller: usize,
    idle: Duration,
}

impl SessionLimits {
    /// Room for this many sessions, of all callers.
    #[must_use]
    pub const fn with_sessions(mut self, sessions: usize) -> Self {
        self.sessions = sessions;
        self
    }

    /// Room for this many sessions of one caller.
    #[must_use]
    pub const fn with_sessions_per_caller(mut self, sessions: usize) -> Self {
        self.per_caller = sessions;
        self
    }

    /// How long a session is remembered that is not used.
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    fn check(self) -> Result<Self, GuardError> {
        let sessions = [
            ("sessions", self.sessions),
            ("sessions of one caller", self.per_caller),
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
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            sessions: 100_000,
            per_caller: 10_000,
            idle: Duration::from_secs(86_400),
        }
    }
}

/// Owners of the sessions of this process: bounded, and a forgotten session is refused.
pub(in crate::mcp) struct MemorySessions {
    clock: Arc<dyn Clock>,
    limits: SessionLimits,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) sessions: HashMap<SessionDigest, Entry>,
    /// By last use: the least recently used first.
    pub(super) order: BTreeMap<u64, SessionDigest>,
    /// The places of each owner in that order.
    pub(super) owners: HashMap<SessionOwner, BTreeSet<u64>>,
    uses: u64,
}

pub(super) struct Entry {
    owner: SessionOwner,
    place: u64,
    used: Duration,
}

impl MemorySessions {
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

    /// False if the session is another owner's: that does not change.
    pub(super) fn insert(&self, session: SessionDigest, owner: SessionOwner) -> bool {
        let now = self.clock.monotonic();
        let mut state = self.state();
        state.drop_idle(now, self.limits.idle);
        let held = state.sessions.get(&session);
        if held.is_some_and(|held| held.owner != owner) {
            return false;
        }
        state.remove(session);
        let own = state.owners.get(&owner);
        let (count, oldest) = own.map_or((0, None), |own| (own.len(), own.first().copied()));
        if count >= self.limits.per_caller {
            state.evict(oldest);
        } else if state.sessions.len() >= self.limits.sessions {
            let least_used = state.order.keys().next().copied();
            state.evict(oldest.or(least_used));
        }
        state.put(session, owner, now);
        true
    }

    /// The owner of a session; finding it is a use of it.
    pub(super) fn find(&self, session: SessionDigest) -> Option<SessionOwner> {
        let now = self.clock.monotonic();
        let mut state = self.state();
        let Entry { owner, used, .. } = state.remove(session)?;
        if now.saturating_sub(used) >= self.limits.idle {
            return None;
        }
        state.put(session, owner, now);
        Some(owner)
    }

    pub(super) fn forget(&self, session: SessionDigest) {
        self.state().remove(session);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that could panic runs under the lock.
        lock(&self.state)
    }
}

impl State {
    fn put(&mut self, session: SessionDigest, owner: SessionOwner, used: Duration) {
        self.uses += 1;
        let place = self.uses;
        self.order.insert(place, session);
        self.owners.entry(owner).or_default().insert(place);
        let entry = Entry { owner, place, used };
        self.sessions.insert(session, entry);
    }

    fn remove(&mut self, session: SessionDigest) -> Option<Entry> {
        let entry = self.sessions.remove(&session)?;
        self.order.remove(&entry.place);
        if let Some(places) = self.owners.get_mut(&entry.owner) {
            places.remove(&entry.place);
            if places.is_empty() {
                self.owners.remove(&entry.owner);
            }
        }
        Some(entry)
    }

    fn evict(&mut self, place: Option<u64>) {
        if let Some(session) = place.and_then(|place| self.order.get(&place).copied()) {
            self.remove(session);
        }
    }

    fn drop_idle(&mut self, now: Duration, idle: Duration) {
        while let Some((_, session)) = self.order.first_key_value() {
            let session = *session;
            let used = self.sessions.get(&session).map(|entry| entry.used);
            if used.is_some_and(|used| now.saturating_sub(used) < idle) {
                return;
            }
            self.remove(session);
        }
    }
}

impl Default for MemorySessions {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock::new()),
            limits: SessionLimits::default(),
            state: Mutex::default(),
        }
    }
}

impl fmt::Debug for MemorySessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessions")
            .field("held", &self.state().sessions.len())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
