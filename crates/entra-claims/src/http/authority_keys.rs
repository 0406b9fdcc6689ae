//! The keys of one authority: read without a lock, fetched in one flight.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use entra_parts::clock::{AgingClock, Clock};
use entra_parts::flight::{Completer, Flights, Waiter};
use entra_parts::lock::lock;
use tokio::runtime::Handle;
use tracing::Instrument;

use super::budget::{FetchBudget, Need, overloaded};
use super::pace::{COOL_DOWN, Pace, REFRESH, REFRESH_JITTER};
use super::{FetchReason, KeyAuthority, KeyHealth, KeySource, KeySourceError, meter};
use crate::key::KeySet;
use crate::reject::{Detail, Reason, Rejection};

/// How long a request waits for keys: then it cannot be decided.
const WAIT: Duration = Duration::from_secs(5);
/// How often a waiter starts over whose fetch ended without an outcome.
const ATTEMPTS: usize = 3;

/// The keys of one authority. A handle.
#[derive(Clone)]
pub(super) struct AuthorityKeys(Arc<Shared>);

struct Shared {
    authority: KeyAuthority,
    source: Arc<dyn KeySource>,
    clock: AgingClock,
    max_stale: Duration,
    snapshot: ArcSwapOption<Snapshot>,
    state: Mutex<State>,
    /// The fetch under way, if there is one. Joined with `state` locked.
    fetches: Arc<Flights<(), ()>>,
    budget: Arc<FetchBudget>,
    /// Fetches that had an outcome.
    completed: AtomicU64,
}

/// A key set and when it came.
pub(super) struct Snapshot {
    pub(super) keys: KeySet,
    /// Changes when a key leaves or changes, and only then: a token that was verified stays
    /// so while other keys come.
    pub(super) generation: u64,
    /// By a clock that also ages while the machine sleeps.
    fetched: Duration,
    refresh_after: Duration,
}

impl Snapshot {
    fn is_usable(&self, now: Duration, max_stale: Duration) -> bool {
        now.saturating_sub(self.fetched) < max_stale
    }
}

#[derive(Default)]
struct State {
    pace: Pace,
    last_failure: Option<KeySourceError>,
    /// When fetching began to fail.
    degraded_since: Option<Duration>,
}

/// How many fetches were over when a request began: one that ended since then answers it.
#[derive(Clone, Copy)]
pub(super) struct Began(u64);

impl AuthorityKeys {
    pub(super) fn new(
        authority: KeyAuthority,
        source: Arc<dyn KeySource>,
        clock: Arc<dyn Clock>,
        max_stale: Duration,
        budget: Arc<FetchBudget>,
    ) -> Self {
        Self(Arc::new(Shared {
            authority,
            source,
            clock: AgingClock::new(clock),
            max_stale,
            snapshot: ArcSwapOption::empty(),
            state: Mutex::default(),
            fetches: Flights::new(),
            budget,
            completed: AtomicU64::new(0),
        }))
    }

    /// The fetched keys, unless they are too old. Starts a refresh when one is due, and
    /// never waits for it.
    ///
    /// `look` runs on them in place: counting references would make readers wait for each
    /// other's cache line.
    pub(super) fn current<T>(&self, look: impl FnOnce(&Snapshot) -> T) -> Option<T> {
        self.current_at(self.0.clock.monotonic(), look)
    }

    /// Wall time and the time by which these keys age.
    pub(super) fn times(&self) -> (i64, Duration) {
        self.0.clock.both()
    }

    /// The same, at a time of [`times`](Self::times).
    pub(super) fn current_at<T>(
        &self,
        now: Duration,
        look: impl FnOnce(&Snapshot) -> T,
    ) -> Option<T> {
        let held = self.0.snapshot.load();
        let snapshot = held
            .as_ref()
            .filter(|snapshot| snapshot.is_usable(now, self.0.max_stale))?;
        if now >= snapshot.refresh_after {
            let mut state = self.0.lock();
            if self.0.fetches.waiter(&()).is_none() && state.pace.may_fetch(now) {
                self.start(&mut state, FetchReason::Refresh);
            }
        }
        Some(look(snapshot))
    }

    /// To be noted before [`current`](Self::current) is asked.
    pub(super) fn begin(&self) -> Began {
        Began(self.0.completed.load(Ordering::Acquire))
    }

    /// Whether an unknown `kid` belongs to no key for now: the last fetch succeeded, and no other
    /// may be made or waited for.
    ///
    /// Costs a lock and nothing else, since this is what a flood of made-up tokens meets.
    pub(super) fn is_settled(&self, began: Began) -> bool {
        let state = self.0.lock();
        let now = self.0.clock.monotonic();
        self.0.completed.load(Ordering::Acquire) == began.0
            && self.0.fetches.is_empty()
            && state.last_failure.is_none()
            && !state.pace.may_ask_for_unknown_kid(now)
    }

    /// How the keys are.
    pub(super) fn health(&self) -> KeyHealth {
        let now = self.0.clock.monotonic();
        let snapshot = self.0.snapshot.load_full();
        let usable = snapshot
            .as_ref()
            .filter(|snapshot| snapshot.is_usable(now, self.0.max_stale));
        KeyHealth {
            tenant: self.0.authority.tenant(),
            keys: usable.map_or(0, |snapshot| snapshot.keys.kids().count()),
            age: snapshot.map(|snapshot| now.saturating_sub(snapshot.fetched)),
            degraded_for: self
                .0
                .lock()
                .degraded_since
                .map(|since| now.saturating_sub(since)),
        }
    }

    /// Fetches now, unless a pause after a failure is still on.
    pub(super) async fn refresh(&self) -> Result<(), Rejection> {
        let fetch = {
            let mut state = self.0.lock();
            let now = self.0.clock.monotonic();
            match self.0.fetches.waiter(&()) {
                Some(fetch) => Some(fetch),
                None if state.pace.may_fetch(now) => self.start(&mut state, FetchReason::Refresh),
                None => None,
            }
        };
        if let Some(fetch) = fetch {
            fetch.wait_without_timer().await;
        }
        let state = self.0.lock();
        let wait = state.pace.wait(self.0.clock.monotonic());
        match &state.last_failure {
            Some(failure) => Err(self.refusal(Some(failure), wait)),
            None if self.0.snapshot.load().is_some() => Ok(()),
            None => Err(self.unavailable(wait, "no keys yet")),
        }
    }

    /// Waits for the keys of a fetch, which it starts if it may, and not longer than a request
    /// may wait: the fetch goes on for those who come later.
    pub(super) async fn fetched_in_time(
        &self,
        need: Need,
        began: Began,
    ) -> Result<Arc<Snapshot>, Rejection> {
        match tokio::time::timeout(WAIT, self.fetched(need, began)).await {
            Ok(fetched) => fetched,
            Err(_) => Err(self.unavailable(Duration::from_secs(1), "the keys are still fetched")),
        }
    }

    /// Waits for the keys of a fetch, which it starts if it may.
    pub(super) async fn fetched(
        &self,
        need: Need,
        began: Began,
    ) -> Result<Arc<Snapshot>, Rejection> {
        for _ in 0..ATTEMPTS {
            let fetch = match self.decide(need, began)? {
                Decision::Answer(snapshot) => return Ok(snapshot),
                Decision::Wait(fetch) => fetch,
            };
            let _place = self.0.budget.place(need)?;
            // What it brought is in the snapshot; without an outcome the next round decides.
            fetch.wait_without_timer().await;
        }
        Err(self.unavailable(Duration::from_secs(1), "the fetch ended early"))
    }

    fn decide(&self, need: Need, began: Began) -> Result<Decision, Rejection> {
        let mut state = self.0.lock();
        let now = self.0.clock.monotonic();
        let failure = state.last_failure.clone();
        if self.0.completed.load(Ordering::Acquire) > began.0 {
            return match (self.0.usable(now), failure) {
                (Some(snapshot), None) => Ok(Decision::Answer(snapshot)),
                (Some(snapshot), Some(_)) if need == Need::Keys => Ok(Decision::Answer(snapshot)),
                (_, failure) => Err(self.refusal(failure.as_ref(), state.pace.wait(now))),
            };
        }
        if let Some(fetch) = self.0.fetches.waiter(&()) {
            return Ok(Decision::Wait(fetch));
        }
        if !state.pace.may_fetch(now) {
            return Err(self.refusal(failure.as_ref(), state.pace.wait(now)));
        }
        if need == Need::NewerKeys && state.pace.may_ask_for_unknown_kid(now) {
            let claimed = self.0.budget.claim_unknown_kid();
            claimed.map_err(|wait| {
                overloaded(wait, "tokens of many tenants name keys that are not known")
            })?;
        }
        // The slot is claimed before the fetch, so a failing one uses it up as well.
        if need == Need::NewerKeys && !state.pace.claim_unknown_kid(now) {
            return match (self.0.usable(now), failure) {
                (Some(snapshot), None) => Ok(Decision::Answer(snapshot)),
                (_, failure) => {
                    Err(self.refusal(failure.as_ref(), state.pace.unknown_kid_wait(now)))
                }
            };
        }
        let reason = match need {
            Need::Keys => FetchReason::Refresh,
            Need::NewerKeys => FetchReason::UnknownKey,
        };
        match self.start(&mut state, reason) {
            Some(fetch) => Ok(Decision::Wait(fetch)),
            None => Err(self.unavailable(COOL_DOWN, "no tokio runtime to fetch the keys in")),
        }
    }

    fn refusal(&self, failure: Option<&KeySourceError>, wait: Duration) -> Rejection {
        match failure {
            Some(
                KeySourceError::OtherIssuer { found, needed }
                | KeySourceError::ForeignKeys { found, needed },
            ) => Rejection::with(
                Reason::WrongMetadata,
                Detail::found(found)
                    .needed(needed.as_str())
                    .hint("check the cloud and the tenant of the configuration"),
            ),
            Some(error) => self.unavailable(wait, &error.to_string()),
            None => self.unavailable(wait, "no keys yet"),
        }
    }

    /// The authority is named as it is configured: nothing of a token is in it.
    fn unavailable(&self, wait: Duration, why: &str) -> Rejection {
        let authority = self.0.authority.cloud().authority();
        Rejection::unavailable(
            Reason::KeysUnavailable,
            wait,
            format!("{why}; the configured authority is {authority}"),
        )
    }

    /// Starts the one fetch in a task of its own: a caller that goes away neither ends nor
    /// poisons it. `None` without a runtime.
    fn start(&self, _: &mut State, reason: FetchReason) -> Option<Waiter<(), ()>> {
        let runtime = Handle::try_current().ok()?;
        let (waiter, fetch) = self.0.fetches.join((), ());
        if let Some(fetch) = fetch {
            let span = tracing::debug_span!(
                "entra_claims.fetch_keys",
                authority = %self.0.authority,
                reason = reason.as_str()
            );
            let shared = Arc::clone(&self.0);
            runtime.spawn(shared.fetch(reason, fetch).instrument(span));
        }
        Some(waiter)
    }
}

enum Decision {
    Answer(Arc<Snapshot>),
    Wait(Waiter<(), ()>),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn usable(&self, now: Duration) -> Option<Arc<Snapshot>> {
        let snapshot = self.snapshot.load_full()?;
        snapshot.is_usable(now, self.max_stale).then_some(snapshot)
    }

    fn store(&self, keys: KeySet, now: Duration) {
        let old = self.snapshot.load_full();
        let generation = match &old {
            Some(old) if keys.continues(&old.keys) => old.generation,
            Some(old) => old.generation + 1,
            None => 0,
        };
        self.snapshot.store(Some(Arc::new(Snapshot {
            keys,
            generation,
            fetched: now,
            refresh_after: now + REFRESH + jitter(REFRESH_JITTER),
        })));
    }

    /// Asks the source. A runtime that goes away drops this with the completer: its waiters
    /// have another one, and start again.
    async fn fetch(self: Arc<Self>, reason: FetchReason, fetch: Completer<(), ()>) {
        let asked = async { self.source.fetch(&self.authority, reason).await };
        let outcome = fetch
            .drive(asked)
            .await
            .unwrap_or(Err(KeySourceError::Aborted));
        let now = self.clock.monotonic();
        meter::fetched(outcome.is_ok());
        let mut state = self.lock();
        match outcome {
            Ok(keys) => {
                tracing::debug!(keys = keys.kids().count(), "the signing keys were fetched");
                self.store(keys, now);
                state.last_failure = None;
                state.degraded_since = None;
                state.pace.succeeded();
            }
            Err(error) => {
                let warm = self.usable(now).is_some();
                tracing::warn!(
                    authority = self.authority.cloud().authority(),
                    tenant = %self.authority,
                    error = %error,
                    served_from_cache = warm,
                    "the signing keys could not be fetched"
                );
                state.degraded_since.get_or_insert(now);
                state.pace.failed(now, warm, error.retry_after());
                state.last_failure = Some(error);
            }
        }
        // Under the lock and after the outcome: who sees the count sees the keys, and who
        // finds no fetch sees the count.
        self.completed.fetch_add(1, Ordering::Release);
        fetch.complete(());
    }
}

/// Between zero and `most`, so that many processes do not refresh together.
fn jitter(most: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    let share = u32::try_from(random % 1000).unwrap_or(0);
    most * share / 1000
}

impl fmt::Debug for AuthorityKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorityKeys")
            .field("authority", &self.0.authority)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hundred processes that started together do not refresh together: at most a tenth of
    /// them in any hundredth of the span.
    #[test]
    fn refreshes_are_spread() {
        let mut late: Vec<Duration> = (0..100).map(|_| jitter(REFRESH_JITTER)).collect();
        late.sort_unstable();
        assert!(late.iter().all(|late| *late <= REFRESH_JITTER));
        for (first, eleventh) in late.iter().zip(late.iter().skip(10)) {
            assert!(*eleventh - *first > REFRESH_JITTER / 100, "{first:?}");
        }
    }
}
