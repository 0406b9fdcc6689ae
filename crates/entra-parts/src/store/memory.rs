//! A store in the memory of one process, which can misbehave on purpose.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::{SharedStore, StoreError};
use crate::clock::{Clock, SystemClock};
use crate::lock::lock;

/// A [`SharedStore`] in the memory of this process, for tests: several clients of a test share
/// it as processes share Redis. It has no bound.
///
/// It can be made to answer with the reply of the call before, as a connection does whose
/// replies are off by one after a cancelled call. That happened to several Redis clients, and
/// gave users the data of others; here it must be a miss.
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

impl Value {
    /// A counter stands as its digits, as Redis keeps it.
    fn count(&self) -> Option<u64> {
        std::str::from_utf8(&self.bytes).ok()?.parse().ok()
    }
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
impl SharedStore for MemoryStore {
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

    async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let now = self.clock.monotonic();
        let taken = lock(&self.values).remove(name);
        Ok(taken
            .filter(|value| now < value.ends)
            .map(|value| value.bytes))
    }

    async fn add(&self, name: &str, n: u64, ttl: Duration) -> Result<u64, StoreError> {
        let now = self.clock.monotonic();
        let mut values = lock(&self.values);
        let (count, ends) = match values.get(name).filter(|held| now < held.ends) {
            Some(held) => match held.count() {
                Some(count) => (count, held.ends),
                None => return Err(StoreError::failed("the value is not a counter")),
            },
            None => (0, self.ends(ttl)),
        };
        let sum = count.saturating_add(n);
        let bytes = sum.to_string().into_bytes();
        values.insert(name.to_owned(), Value { bytes, ends });
        Ok(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const TTL: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn the_reply_of_the_call_before_can_be_had() {
        let store = MemoryStore::default();
        store.put("a", b"1", TTL).await.unwrap();
        store.put("b", b"2", TTL).await.unwrap();
        assert_eq!(store.get(&["a"]).await.unwrap(), [Some(b"1".to_vec())]);
        store.swap_every(1);
        assert_eq!(store.get(&["b"]).await.unwrap(), [Some(b"1".to_vec())]);
        assert_eq!(store.swapped(), 1);
    }

    #[tokio::test]
    async fn ttls_run_by_its_clock() {
        let clock = Arc::new(ManualClock::at(0));
        let store = MemoryStore::new(clock.clone());
        store.put("a", b"1", TTL).await.unwrap();
        assert_eq!(store.add("n", 2, TTL).await, Ok(2));
        clock.advance(TTL / 2);
        assert_eq!(store.value("a"), Some((b"1".to_vec(), TTL / 2)));
        // A second addition does not lengthen the life of a counter.
        assert_eq!(store.add("n", 2, TTL).await, Ok(4));
        clock.advance(TTL / 2);
        assert_eq!(store.value("a"), None);
        assert_eq!(store.take("a").await, Ok(None));
        assert_eq!(store.add("n", 2, TTL).await, Ok(2));
        store.overwrite("n", b"x".to_vec());
        assert!(store.add("n", 1, TTL).await.is_err());
        assert_eq!(store.names(), ["n"]);
        store.clear();
        assert!(store.names().is_empty());
    }
}
