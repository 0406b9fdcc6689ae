//! Guarded store: a deadline for each call, a circuit breaker, and panics caught.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use entra_claims::Clock;
use entra_parts::lock::lock;

use super::token_store::{StoreError, TokenStore};
use crate::meter;
use crate::meter::Counter;

/// A caller waits no longer.
const DEADLINE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(crate) struct Guarded {
    store: Arc<dyn TokenStore>,
    breaker: Breaker,
    clock: Arc<dyn Clock>,
    pub(crate) counters: StoreCounters,
}

#[derive(Debug, Default)]
pub(crate) struct StoreCounters {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) rejected: Counter,
    pub(crate) failures: Counter,
    pub(crate) left_out: Counter,
}

impl Guarded {
    pub(crate) fn new(store: Arc<dyn TokenStore>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            store,
            breaker: Breaker::default(),
            clock,
            counters: StoreCounters::default(),
        })
    }

    /// The values of `names`. While the store is left out this may start the task that looks
    /// whether it is back.
    pub(super) async fn get(
        self: &Arc<Self>,
        names: Vec<String>,
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        match self.breaker.admit(self.clock.monotonic()) {
            Admission::Ask => self.ask_for(&names).await,
            Admission::Probe => {
                let guarded = Arc::clone(self);
                tokio::spawn(async move { guarded.ask_for(&names).await });
                Err(self.leave_out())
            }
            Admission::LeaveOut => Err(self.leave_out()),
        }
    }

    async fn ask_for(&self, names: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.run(async {
            let values = self.store.get(&names).await?;
            if values.len() == names.len() {
                return Ok(values);
            }
            Err(StoreError::failed("it answered with more or fewer values"))
        })
        .await
    }

    pub(super) async fn put(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        self.unless_open(self.store.put(name, value, ttl)).await
    }

    pub(super) async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.unless_open(self.store.put_if_absent(name, value, ttl))
            .await
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.unless_open(self.store.delete(name)).await
    }

    /// A write: only look-ups probe.
    async fn unless_open<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if self.breaker.is_open() {
            return Err(self.leave_out());
        }
        self.run(call).await
    }

    fn leave_out(&self) -> StoreError {
        self.counters.left_out.count();
        meter::shared_store("left_out");
        StoreError::LeftOut
    }

    /// Waits for the call, but not long, and tells the breaker how it went.
    async fn run<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let answer = match tokio::time::timeout(DEADLINE, without_panic(call)).await {
            Ok(answer) => answer,
            Err(_) => Err(StoreError::TimedOut),
        };
        match &answer {
            Ok(_) => {
                if self.breaker.succeeded() {
                    tracing::info!("the shared token store answers again");
                }
            }
            // One line per outage, not per call.
            Err(error) => {
                self.counters.failures.count();
                meter::shared_store("failed");
                if self.breaker.failed(self.clock.monotonic()) {
                    tracing::warn!(%error, "the shared token store is left out until it answers again");
                }
            }
        }
        answer
    }
}

/// A panic of a store is a failure of the store, not of whoever wants a token.
async fn without_panic<T>(
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let mut call = pin!(call);
    poll_fn(|context| {
        // Nothing of the future is used again after it panicked.
        let polled = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(StoreError::failed("it panicked"))))
    })
    .await
}

/// So many failures in a row open it.
const FAILURES: u32 = 5;

/// Between two looks whether the store is back.
const PROBE_EVERY: Duration = Duration::from_secs(5);

/// Counts failures in a row. Follows the monotonic clock: a probe comes after an interval.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// Set while it is open.
    probe_at: Option<Duration>,
}

/// What to do with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Ask the store.
    Ask,
    /// Go on without the store, and have somebody ask it meanwhile: one per interval.
    Probe,
    /// Go on without the store.
    LeaveOut,
}

impl Breaker {
    pub(super) fn admit(&self, now: Duration) -> Admission {
        let mut state = lock(&self.0);
        match state.probe_at {
            None => Admission::Ask,
            Some(at) if now < at => Admission::LeaveOut,
            Some(_) => {
                state.probe_at = Some(now.saturating_add(PROBE_EVERY));
                Admission::Probe
            }
        }
    }

    pub(super) fn is_open(&self) -> bool {
        lock(&self.0).probe_at.is_some()
    }

    /// Whether this closed it.
    pub(super) fn succeeded(&self) -> bool {
        std::mem::take(&mut *lock(&self.0)).probe_at.is_some()
    }

    /// Whether this opened it.
    pub(super) fn failed(&self, now: Duration) -> bool {
        let mut state = lock(&self.0);
        state.failures = state.failures.saturating_add(1);
        let opens = state.failures >= FAILURES && state.probe_at.is_none();
        if opens {
            state.probe_at = Some(now.saturating_add(PROBE_EVERY));
        }
        opens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_a_success_closes_it() {
        let breaker = Breaker::default();
        for _ in 0..4 {
            assert!(!breaker.failed(at(0)));
        }
        assert!(!breaker.succeeded());
        for _ in 0..4 {
            assert!(!breaker.failed(at(0)));
        }
        assert_eq!(breaker.admit(at(0)), Admission::Ask);
        assert!(breaker.failed(at(0)));
        assert!(!breaker.failed(at(0)), "it opens once");
        assert_eq!(breaker.admit(at(0)), Admission::LeaveOut);
        assert!(breaker.succeeded());
        assert_eq!(breaker.admit(at(0)), Admission::Ask);
    }

    #[test]
    fn while_it_is_open_one_call_in_five_seconds_probes() {
        let breaker = Breaker::default();
        (0..5).for_each(|_| {
            breaker.failed(at(100));
        });
        assert_eq!(breaker.admit(at(104)), Admission::LeaveOut);
        assert_eq!(breaker.admit(at(105)), Admission::Probe);
        assert_eq!(breaker.admit(at(105)), Admission::LeaveOut);
        breaker.failed(at(105));
        assert_eq!(breaker.admit(at(109)), Admission::LeaveOut);
        assert_eq!(breaker.admit(at(110)), Admission::Probe);
    }
}
