//! Bounded memory of challenges that were sent, for one 401 per cause.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use entra_claims::{Clock, Principal};
use entra_parts::bounded::BoundedMap;
use entra_parts::lock::lock;
use foundry_scopes::{ClientId, ObjectId, ScopeSet, TenantId};

/// More users are not remembered; whoever does not fit is told in words.
const USERS: usize = 10_000;

/// More causes at one downstream are not remembered, likewise.
const CAUSES: usize = 8;

/// A bounded memory: for each caller and downstream, what a 401 was sent for and until
/// when that counts.
///
/// A client that cannot satisfy a challenge signs in again, comes back with the same, and
/// would do so for ever. Full, it errs to the side of telling the user in words.
#[derive(Debug)]
pub(super) struct Causes {
    clock: Arc<dyn Clock>,
    ttl: Duration,
    sent: Mutex<Sent>,
}

/// Causes by caller and downstream, each with the time until when it counts.
type Sent = BoundedMap<Line, Vec<(String, Duration)>>;

/// A caller, through a client application, at a downstream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Line {
    tenant: TenantId,
    object: ObjectId,
    client: ClientId,
    scopes: String,
}

impl Causes {
    pub(super) fn new(clock: Arc<dyn Clock>, ttl: Duration) -> Self {
        Self {
            clock,
            ttl,
            sent: Mutex::new(Sent::new(USERS)),
        }
    }

    /// Whether this cause may be answered by a 401; if so, it was the last time for now.
    pub(super) fn take(&self, who: &Principal, scopes: &ScopeSet, cause: &str) -> bool {
        let now = self.clock.monotonic();
        let line = Line::new(who, scopes);
        let mut sent = self.sent();
        let mut causes = sent.remove(&line).unwrap_or_default();
        causes.retain(|(_, until)| *until > now);
        let may = causes.len() < CAUSES && !causes.iter().any(|(known, _)| known == cause);
        let until = now.saturating_add(self.ttl);
        if may {
            causes.push((cause.to_owned(), until));
        }
        let lasts = causes.iter().map(|(_, until)| *until).max();
        let kept = lasts.is_some_and(|lasts| sent.insert_if_room(line, causes, lasts, now));
        may && kept
    }

    /// No 401 was sent after all.
    pub(super) fn give_back(&self, who: &Principal, scopes: &ScopeSet, cause: &str) {
        let now = self.clock.monotonic();
        if let Some(causes) = self.sent().get_mut(&Line::new(who, scopes), now) {
            causes.retain(|(known, _)| known != cause);
        }
    }

    /// The caller got a token there: whatever was missing is no longer.
    pub(super) fn forget(&self, who: &Principal, scopes: &ScopeSet) {
        let mut sent = self.sent();
        if !sent.is_empty() {
            sent.remove(&Line::new(who, scopes));
        }
    }

    fn sent(&self) -> MutexGuard<'_, Sent> {
        // Nothing that could panic runs under the lock.
        lock(&self.sent)
    }
}

impl Line {
    fn new(who: &Principal, scopes: &ScopeSet) -> Self {
        Self {
            tenant: who.tenant(),
            object: who.object(),
            client: who.client(),
            scopes: scopes.to_string(),
        }
    }
}
