//! The sessions of one process.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use entra_claims::{Clock, SystemClock};
use entra_parts::lock::lock;

use super::{SessionDigest, SessionOwner};

/// Remembers whose a session is, in this process: bounded, and what it forgot is refused.
///
/// When it is full, the caller who opens one more session loses the oldest of their own; a
/// caller who has none yet takes the place of the session that was unused the longest. One
/// caller alone cannot push out those of others: at most a share of the places is theirs.
///
/// ```
/// use std::time::Duration;
/// use mcp_auth::MemorySessions;
///
/// let sessions = MemorySessions::new().capacity(1_000).idle(Duration::from_secs(3_600));
/// # let _ = sessions;
/// ```
pub struct MemorySessions {
    clock: Arc<dyn Clock>,
    capacity: usize,
    share: usize,
    idle: Duration,
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
    /// Room for 100,000 sessions, of one caller a tenth of that (an application may open one
    /// for each of its users), each for a day without use. Full, it takes about 20 MB.
    #[must_use]
    pub fn new() -> Self {
        Self {
            clock: Arc::new(SystemClock::new()),
            capacity: 100_000,
            share: 10_000,
            idle: Duration::from_secs(86_400),
            state: Mutex::default(),
        }
    }

    /// Room for this many sessions, a tenth of them one caller's, but at least one.
    #[must_use]
    pub fn capacity(mut self, sessions: usize) -> Self {
        self.capacity = sessions.max(1);
        self.share = (sessions / 10).max(1);
        self
    }

    /// Room for this many sessions of one caller.
    #[must_use]
    pub fn per_caller(mut self, sessions: usize) -> Self {
        self.share = sessions.max(1);
        self
    }

    /// How long a session is remembered that is not used.
    #[must_use]
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// False if the session is another owner's: that does not change.
    pub(super) fn insert(&self, session: SessionDigest, owner: SessionOwner) -> bool {
        let now = self.clock.monotonic();
        let mut state = self.state();
        state.drop_idle(now, self.idle);
        let held = state.sessions.get(&session);
        if held.is_some_and(|held| held.owner != owner) {
            return false;
        }
        state.remove(session);
        let own = state.owners.get(&owner);
        let (count, oldest) = own.map_or((0, None), |own| (own.len(), own.first().copied()));
        if count >= self.share {
            state.evict(oldest);
        } else if state.sessions.len() >= self.capacity {
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
        if now.saturating_sub(used) >= self.idle {
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
        Self::new()
    }
}

impl fmt::Debug for MemorySessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessions")
            .field("held", &self.state().sessions.len())
            .field("capacity", &self.capacity)
            .field("per_caller", &self.share)
            .field("idle", &self.idle)
            .finish_non_exhaustive()
    }
}
