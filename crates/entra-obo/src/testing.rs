//! For tests of applications: a shared token store in memory, with faults on demand.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use entra_claims::{Clock, SystemClock};
use entra_parts::lock::lock;

use crate::store::{StoreError, TokenStore};

/// A [`TokenStore`] in the memory of this process: several clients of a test share it as
/// processes share Redis.
///
/// It can be told to answer with the reply of the call before, as a connection does whose
/// replies are off by one after a cancelled call. That happened to several Redis clients, and
/// gave users the data of others; here it must be a miss.
///
/// ```
/// use std::time::Duration;
/// use entra_obo::TokenStore;
/// use entra_obo::testing::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), entra_obo::StoreError> {
/// let store = MemoryStore::default();
/// store.put("a", b"1", Duration::from_secs(60)).await?;
/// store.put("b", b"2", Duration::from_secs(60)).await?;
/// assert_eq!(store.get(&["a"]).await?, [Some(b"1".to_vec())]);
///
/// store.swap_every(1);
/// assert_eq!(store.get(&["b"]).await?, [Some(b"1".to_vec())]);
/// assert_eq!(store.swapped(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MemoryStore {
    values: Mutex<HashMap<String, Value>>,
    clock: Arc<dyn Clock>,
    last: Mutex<Vec<Option<Vec<u8>>>>,
    every: AtomicU64,
    calls: AtomicU64,
    swapped: AtomicU64,
}

#[derive(Debug)]
struct Value {
    bytes: Vec<u8>,
    ends: Duration,
}

impl MemoryStore {
    /// A store whose TTLs run by this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            values: Mutex::default(),
            clock,
            last: Mutex::default(),
            every: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            swapped: AtomicU64::new(0),
        }
    }

    /// Answers every `calls`-th look-up with the reply of the one before; 0 is never.
    pub fn swap_every(&self, calls: u64) {
        self.every.store(calls, Ordering::SeqCst);
    }

    /// How many look-ups got another one's reply.
    #[must_use]
    pub fn swapped(&self) -> u64 {
        self.swapped.load(Ordering::SeqCst)
    }

    /// The names of all that it holds, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let now = self.clock.monotonic();
        let values = lock(&self.values);
        let live = values.iter().filter(|(_, value)| now < value.ends);
        let mut names: Vec<_> = live.map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    }

    /// A value as it is held, with the time it has left.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<(Vec<u8>, Duration)> {
        let now = self.clock.monotonic();
        let values = lock(&self.values);
        let value = values.get(name).filter(|value| now < value.ends)?;
        Some((value.bytes.clone(), value.ends.saturating_sub(now)))
    }

    /// Puts other bytes in the place of a value, without asking whether there is one.
    pub fn overwrite(&self, name: &str, bytes: Vec<u8>) {
        let ends = Duration::MAX;
        lock(&self.values).insert(name.to_owned(), Value { bytes, ends });
    }

    /// Loses everything.
    pub fn clear(&self) {
        lock(&self.values).clear();
    }

    fn ends(&self, ttl: Duration) -> Duration {
        self.clock.monotonic().saturating_add(ttl)
    }
}

impl Default for MemoryStore {
    /// TTLs run by the system's clock.
    fn default() -> Self {
        Self::new(Arc::new(SystemClock::new()))
    }
}

#[async_trait]
impl TokenStore for MemoryStore {
    async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let values = names.iter().map(|name| Some(self.value(name)?.0)).collect();
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let mut last = lock(&self.last);
        let every = self.every.load(Ordering::SeqCst);
        if call.is_multiple_of(every) && !last.is_empty() {
            self.swapped.fetch_add(1, Ordering::SeqCst);
            return Ok(std::mem::replace(&mut *last, values));
        }
        last.clone_from(&values);
        Ok(values)
    }

    async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        let value = Value {
            bytes: value.to_vec(),
            ends: self.ends(ttl),
        };
        lock(&self.values).insert(name.to_owned(), value);
        Ok(())
    }

    async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let now = self.clock.monotonic();
        let mut values = lock(&self.values);
        if values.get(name).is_some_and(|held| now < held.ends) {
            return Ok(false);
        }
        let value = Value {
            bytes: value.to_vec(),
            ends: self.ends(ttl),
        };
        values.insert(name.to_owned(), value);
        Ok(true)
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        lock(&self.values).remove(name);
        Ok(())
    }
}
