//! The keys of one tenant's authority: read without a lock, fetched in one flight.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use foundry_scopes::TenantAuthority;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::discovery::{self, FetchError};
use super::pace::{COOL_DOWN, MAX_STALE, Pace, REFRESH, REFRESH_JITTER};
use super::transport::HttpTransport;
use crate::reject::Detail;
use crate::{Clock, KeySet, Reason, Rejection};

/// Requests that may wait for the fetch that an unknown `kid` caused.
const MAX_WAITERS: usize = 1024;
/// How often a waiter starts over whose fetch ended without an outcome.
const ATTEMPTS: usize = 3;

/// Where one authority's keys come from. A handle.
#[derive(Clone)]
pub(super) struct KeySource(Arc<Shared>);

struct Shared {
    authority: TenantAuthority,
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    snapshot: ArcSwapOption<Snapshot>,
    state: Mutex<State>,
    waiters: AtomicUsize,
    /// Fetches that had an outcome.
    completed: AtomicU64,
}

/// A key set and when it came.
pub(super) struct Snapshot {
    pub(super) keys: KeySet,
    /// Changes when a key does, and only then.
    pub(super) generation: u64,
    /// Monotonic: the wall clock may jump.
    fetched: Duration,
    refresh_after: Duration,
}

impl Snapshot {
    fn is_usable(&self, now: Duration) -> bool {
        now.saturating_sub(self.fetched) < MAX_STALE
    }
}

#[derive(Default)]
struct State {
    /// The fetch under way. Nothing is ever sent: it is over when the sender is gone.
    flight: Option<watch::Receiver<()>>,
    pace: Pace,
    last_failure: Option<FetchError>,
    jwks_uri: Option<String>,
}

/// What a request needs beyond the keys at hand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Any keys.
    Keys,
    /// Keys newer than the ones that lack its `kid`.
    NewerKeys,
}

/// How many fetches were over when a request began: one that ended since then answers it.
#[derive(Clone, Copy)]
pub(super) struct Began(u64);

impl KeySource {
    pub(super) fn new(
        authority: TenantAuthority,
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Shared {
            authority,
            transport,
            clock,
            snapshot: ArcSwapOption::empty(),
            state: Mutex::default(),
            waiters: AtomicUsize::new(0),
            completed: AtomicU64::new(0),
        }))
    }

    /// The keys at hand, unless they are too old. Starts a refresh when one is due, and
    /// never waits for it.
    ///
    /// `look` runs on them in place: counting references would make readers wait for each
    /// other's cache line.
    pub(super) fn current<T>(&self, look: impl FnOnce(&Snapshot) -> T) -> Option<T> {
        let now = self.0.clock.monotonic();
        let held = self.0.snapshot.load();
        let snapshot = held.as_ref().filter(|snapshot| snapshot.is_usable(now))?;
        if now >= snapshot.refresh_after {
            let mut state = self.0.lock();
            if state.flight.is_none() && state.pace.may_fetch(now) {
                // A refresh reads the discovery document again.
                state.jwks_uri = None;
                self.start(&mut state);
            }
        }
        Some(look(snapshot))
    }

    /// To be noted before [`current`](Self::current) is asked.
    pub(super) fn begin(&self) -> Began {
        Began(self.0.completed.load(Ordering::Acquire))
    }

    /// Waits for the keys of a fetch, which it starts if it may.
    pub(super) async fn fetched(
        &self,
        need: Need,
        began: Began,
    ) -> Result<Arc<Snapshot>, Rejection> {
        for _ in 0..ATTEMPTS {
            let mut flight = match self.decide(need, began)? {
                Decision::Answer(snapshot) => return Ok(snapshot),
                Decision::Wait(flight) => flight,
            };
            let _place = match need {
                Need::Keys => None,
                Need::NewerKeys => Some(Place::take(&self.0)?),
            };
            // Ends when the sender is dropped, with or without an outcome.
            while flight.changed().await.is_ok() {}
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
        if let Some(flight) = &state.flight {
            return Ok(Decision::Wait(flight.clone()));
        }
        if !state.pace.may_fetch(now) {
            return Err(self.refusal(failure.as_ref(), state.pace.wait(now)));
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
        match self.start(&mut state) {
            Some(flight) => Ok(Decision::Wait(flight)),
            None => Err(self.unavailable(COOL_DOWN, "no tokio runtime to fetch the keys in")),
        }
    }

    fn refusal(&self, failure: Option<&FetchError>, wait: Duration) -> Rejection {
        match failure {
            Some(
                FetchError::OtherIssuer { found, needed }
                | FetchError::ForeignKeys { found, needed },
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

    /// Starts the one flight in a task of its own: a caller that goes away neither ends
    /// nor poisons it.
    fn start(&self, state: &mut State) -> Option<watch::Receiver<()>> {
        let runtime = Handle::try_current().ok()?;
        let (over, flight) = watch::channel(());
        state.flight = Some(flight.clone());
        let uri = state.jwks_uri.clone();
        let guard = Flight {
            shared: Arc::clone(&self.0),
            outcome: None,
            _over: over,
        };
        runtime.spawn(guard.run(uri));
        Some(flight)
    }
}

enum Decision {
    Answer(Arc<Snapshot>),
    Wait(watch::Receiver<()>),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn usable(&self, now: Duration) -> Option<Arc<Snapshot>> {
        let snapshot = self.snapshot.load_full()?;
        snapshot.is_usable(now).then_some(snapshot)
    }

    async fn fetch(&self, uri: Option<String>) -> Result<(String, KeySet), FetchError> {
        let uri = match uri {
            Some(uri) => uri,
            None => discovery::jwks_uri(&*self.transport, &self.authority).await?,
        };
        let keys = discovery::key_set(&*self.transport, &uri).await?;
        Ok((uri, keys))
    }

    fn store(&self, keys: KeySet, now: Duration) {
        let old = self.snapshot.load_full();
        let generation = match &old {
            Some(old) if old.keys.same(&keys) => old.generation,
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
}

/// A fetch under way. However it ends, the next one can start.
struct Flight {
    shared: Arc<Shared>,
    outcome: Option<Result<(String, KeySet), FetchError>>,
    /// Dropped last: by then the outcome is in place.
    _over: watch::Sender<()>,
}

impl Flight {
    async fn run(mut self, uri: Option<String>) {
        self.outcome = Some(self.shared.fetch(uri).await);
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let now = self.shared.clock.monotonic();
        let outcome = match self.outcome.take() {
            None if std::thread::panicking() => Some(Err(FetchError::Aborted)),
            // The runtime went away with the task: whoever still waits has another one.
            outcome => outcome,
        };
        let mut state = self.shared.lock();
        state.flight = None;
        let Some(outcome) = outcome else { return };
        match outcome {
            Ok((uri, keys)) => {
                self.shared.store(keys, now);
                state.jwks_uri = Some(uri);
                state.last_failure = None;
                state.pace.succeeded();
            }
            Err(error) => {
                let warm = self.shared.usable(now).is_some();
                tracing::warn!(
                    tenant = %self.shared.authority.tenant(),
                    error = %error,
                    keys_at_hand = warm,
                    "the signing keys could not be fetched"
                );
                state.jwks_uri = None;
                state.pace.failed(now, warm, error.retry_after());
                state.last_failure = Some(error);
            }
        }
        // Under the lock and after the outcome: who sees the count sees the keys.
        self.shared.completed.fetch_add(1, Ordering::Release);
    }
}

/// One of the places among those who wait for an unknown `kid`.
struct Place<'a>(&'a Shared);

impl<'a> Place<'a> {
    fn take(shared: &'a Shared) -> Result<Self, Rejection> {
        if shared.waiters.fetch_add(1, Ordering::Relaxed) >= MAX_WAITERS {
            shared.waiters.fetch_sub(1, Ordering::Relaxed);
            let wait = Duration::from_secs(1);
            return Err(Rejection::unavailable(
                Reason::Overloaded,
                wait,
                "many tokens name a key that is not known",
            ));
        }
        Ok(Self(shared))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiters.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Between zero and `most`, so that many processes do not refresh together.
fn jitter(most: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    let share = u32::try_from(random % 1000).unwrap_or(0);
    most * share / 1000
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySource")
            .field("tenant", &self.0.authority.tenant())
            .finish_non_exhaustive()
    }
}
