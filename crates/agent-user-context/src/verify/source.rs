//! Keys of a trusted issuer: fetched, kept for ten minutes, asked for again for an unknown key id.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use entra_claims::Clock;
use entra_parts::clock::AgingClock;
use entra_parts::flight::{Completer, Flights, Waiter};
use entra_parts::lock::lock;
use tokio::runtime::Handle;

use crate::key::{ContextKeys, ContextKeysError};
use crate::reason::ContextReason;

/// A key set is asked for again after so long: as long a withdrawn key is taken.
const FRESH: Duration = Duration::from_secs(600);
/// While the issuer does not answer, the keys that are there are taken for so long.
const STALE: Duration = Duration::from_secs(3600);
/// Between two fetches that unknown key ids cause.
const COOL_DOWN: Duration = Duration::from_secs(300);
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Where the keys of an issuer come from.
///
/// A source only fetches, and bounds its own time. [`ContextKeys`] is one whose keys do not change;
/// `HttpContextKeys` (feature `http`) asks a configured address.
#[async_trait]
pub trait ContextKeySource: fmt::Debug + Send + Sync {
    /// Gets the keys as they are now.
    ///
    /// # Errors
    ///
    /// No answer, or no key set.
    async fn fetch(&self) -> Result<ContextKeys, ContextKeySourceError>;
}

#[async_trait]
impl ContextKeySource for ContextKeys {
    async fn fetch(&self) -> Result<ContextKeys, ContextKeySourceError> {
        Ok(self.clone())
    }
}

#[async_trait]
impl<S: ContextKeySource + ?Sized> ContextKeySource for Arc<S> {
    async fn fetch(&self) -> Result<ContextKeys, ContextKeySourceError> {
        (**self).fetch().await
    }
}

/// Why there are no keys. Nothing of a context is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContextKeySourceError {
    /// The issuer did not answer, or not with 200.
    #[error("{0}")]
    Unanswered(String),
    /// What it answered is no key set.
    #[error(transparent)]
    KeySet(#[from] ContextKeysError),
}

/// The keys of one issuer, as a verifier keeps them. A handle.
#[derive(Clone)]
pub(super) struct ContextKeysOf(Arc<Shared>);

struct Shared {
    issuer: Box<str>,
    source: Arc<dyn ContextKeySource>,
    clock: AgingClock,
    state: Mutex<State>,
    fetches: Arc<Flights<(), ()>>,
}

#[derive(Default)]
struct State {
    keys: Option<(ContextKeys, Duration)>,
    failures: u32,
    not_before: Duration,
    unknown_not_before: Duration,
    /// How many fetches ended.
    ended: u64,
}

/// What to do about a key id.
enum Step {
    Found(ContextKeys),
    Refused(ContextReason),
    Wait(Waiter<(), ()>),
}

impl ContextKeysOf {
    pub(super) fn new(
        issuer: &str,
        source: Arc<dyn ContextKeySource>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Shared {
            issuer: issuer.into(),
            source,
            clock: AgingClock::new(clock),
            state: Mutex::default(),
            fetches: Flights::new(),
        }))
    }

    /// A key set with this key.
    pub(super) async fn with(&self, kid: &str) -> Result<ContextKeys, ContextReason> {
        // The fetch that was waited for answers this caller, whatever it brought.
        let mut waited = false;
        loop {
            match self.step(kid, waited) {
                Step::Found(keys) => return Ok(keys),
                Step::Refused(reason) => return Err(reason),
                Step::Wait(fetch) => waited = fetch.wait_without_timer().await.is_some(),
            }
        }
    }

    fn step(&self, kid: &str, waited: bool) -> Step {
        let now = self.0.clock.monotonic();
        let mut state = lock(&self.0.state);
        let kept = state
            .keys
            .as_ref()
            .map(|(keys, fetched)| (keys.clone(), now.saturating_sub(*fetched)));
        let (keys, fresh) = match kept {
            Some((keys, age)) if age < FRESH => (Some(keys), true),
            Some((keys, age)) if age < STALE => (Some(keys), false),
            _ => (None, false),
        };
        let due = !fresh && now >= state.not_before;
        match keys {
            Some(keys) if !due || waited => {
                if keys.find(kid).is_some() {
                    return Step::Found(keys);
                }
                // A fetch that is under way may bring it: the others wait.
                if !waited {
                    if let Some(fetch) = self.0.fetches.waiter(&()) {
                        return Step::Wait(fetch);
                    }
                    if now >= state.unknown_not_before {
                        state.unknown_not_before = now.saturating_add(COOL_DOWN);
                        return self.fetch();
                    }
                }
                Step::Refused(match state.failures {
                    0 => ContextReason::UnknownKey,
                    _ => ContextReason::KeysUnavailable,
                })
            }
            None if waited || !due => Step::Refused(ContextReason::KeysUnavailable),
            _ => self.fetch(),
        }
    }

    /// Joins the one fetch, which runs in a task of its own: a caller that goes away does not end it.
    fn fetch(&self) -> Step {
        let Ok(runtime) = Handle::try_current() else {
            return Step::Refused(ContextReason::KeysUnavailable);
        };
        let (waiter, completer) = self.0.fetches.join((), ());
        if let Some(completer) = completer {
            runtime.spawn(Arc::clone(&self.0).run(completer));
        }
        Step::Wait(waiter)
    }
}

impl Shared {
    async fn run(self: Arc<Self>, completer: Completer<(), ()>) {
        let aborted =
            || ContextKeySourceError::Unanswered("the fetching task ended early".to_owned());
        let outcome = completer.drive(self.source.fetch()).await;
        let outcome = outcome.unwrap_or_else(|_| Err(aborted()));
        let now = self.clock.monotonic();
        let mut state = lock(&self.state);
        match outcome {
            Ok(keys) => {
                state.keys = Some((keys, now));
                state.failures = 0;
                state.not_before = Duration::ZERO;
            }
            Err(error) => {
                tracing::warn!(issuer = self.issuer, %error, "the keys of an issuer could not be fetched");
                let pause = Duration::from_secs(1 << state.failures.min(6)).min(LONGEST_PAUSE);
                state.failures = state.failures.saturating_add(1);
                state.not_before = now.saturating_add(pause);
            }
        }
        state.ended += 1;
        completer.complete(());
    }
}

impl fmt::Debug for ContextKeysOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextKeysOf")
            .field("issuer", &self.0.issuer)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}
