//! A store that can be asked without harm: in time or not at all, and without its panics.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::breaker::{Admission, Breaker};
use super::{SharedStore, StoreError};
use crate::clock::{Clock, SystemClock};
use crate::seal::SealingKeys;

/// A caller waits no longer.
const DEADLINE: Duration = Duration::from_millis(100);

/// What is looked up to see whether the store is back. It holds nothing.
const PROBE: &str = "entra:probe";

/// State that several processes share: a [`SharedStore`], and the keys that all values in it
/// are sealed with. A handle; one for all that a process shares, so that a store that fails
/// is left out everywhere at once.
///
/// A call waits 100 ms at most. After five failures in a row the store is not asked any more
/// but every 5 s, by a task that no caller waits for. Panics of a store are failures of it.
#[derive(Clone)]
pub struct SharedTier(Arc<Tier>);

struct Tier {
    store: Arc<dyn SharedStore>,
    keys: SealingKeys,
    clock: Arc<dyn Clock>,
    breaker: Breaker,
}

impl SharedTier {
    /// All processes that share the store need the same keys.
    #[must_use]
    pub fn new(store: impl SharedStore + 'static, keys: SealingKeys) -> Self {
        Self::on_clock(Arc::new(store), keys, Arc::new(SystemClock::new()))
    }

    /// The same with another clock, for tests: the breaker's pauses follow it. The deadline
    /// of a call does not.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self::on_clock(Arc::clone(&self.0.store), self.0.keys.clone(), clock)
    }

    /// The keys, for values that clients hold.
    #[must_use]
    pub fn keys(&self) -> &SealingKeys {
        &self.0.keys
    }

    fn on_clock(store: Arc<dyn SharedStore>, keys: SealingKeys, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Tier {
            store,
            keys,
            clock,
            breaker: Breaker::default(),
        }))
    }

    pub(super) async fn get(&self, names: Vec<String>) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        match self.0.breaker.admit(self.0.clock.monotonic()) {
            Admission::Ask => self.ask_for(&names).await,
            Admission::Probe => {
                // What is looked for anyway is the best probe.
                let tier = self.clone();
                tokio::spawn(async move { tier.ask_for(&names).await });
                Err(StoreError::LeftOut)
            }
            Admission::LeaveOut => Err(StoreError::LeftOut),
        }
    }

    pub(super) async fn put(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        self.change(self.0.store.put(name, value, ttl)).await
    }

    pub(super) async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.change(self.0.store.put_if_absent(name, value, ttl))
            .await
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.change(self.0.store.delete(name)).await
    }

    pub(super) async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.change(self.0.store.take(name)).await
    }

    pub(super) async fn add(&self, name: &str, n: u64, ttl: Duration) -> Result<u64, StoreError> {
        self.change(self.0.store.add(name, n, ttl)).await
    }

    async fn ask_for(&self, names: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.run(async {
            let values = self.0.store.get(&names).await?;
            if values.len() == names.len() {
                return Ok(values);
            }
            Err(StoreError::failed("it answered with more or fewer values"))
        })
        .await
    }

    /// A call that changes something is never made as a probe: it would happen late.
    async fn change<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match self.0.breaker.admit(self.0.clock.monotonic()) {
            Admission::Ask => self.run(call).await,
            Admission::Probe => {
                let tier = self.clone();
                tokio::spawn(async move { tier.ask_for(&[PROBE.to_owned()]).await });
                Err(StoreError::LeftOut)
            }
            Admission::LeaveOut => Err(StoreError::LeftOut),
        }
    }

    /// Waits for the call, but not long, and lets the breaker know how it went.
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
                if self.0.breaker.succeeded() {
                    tracing::info!("the shared store answers again");
                }
            }
            // One line per outage, not per call.
            Err(error) => {
                if self.0.breaker.failed(self.0.clock.monotonic()) {
                    tracing::warn!(%error, "the shared store is left out until it answers again");
                }
            }
        }
        answer
    }
}

/// A panic of a store is a failure of the store, not of its caller.
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

impl fmt::Debug for SharedTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTier")
            .field("store", &self.0.store)
            .field("keys", &self.0.keys)
            .finish_non_exhaustive()
    }
}
