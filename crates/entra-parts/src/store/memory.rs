//! A store in the memory of one process, with limits, which can misbehave on purpose.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::{SharedStore, StoreError};
use crate::bounded::BoundedMap;
use crate::clock::{Clock, SystemClock};
use crate::lock::lock;

/// A [`SharedStore`] in the memory of this process: for a process that shares nothing, with
/// [limits](Self::with_limits), and for tests, whose clients share it as processes share Redis.
///
/// It can be made to answer with the reply of the call before, as a connection does whose
/// replies are off by one after a cancelled call. That happened to several Redis clients, and
/// gave users the data of others; here it must be a miss.
#[derive(Debug)]
pub struct MemoryStore {
    values: Mutex<BoundedMap<String, Value>>,
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
    /// A store whose TTLs run by this clock. It has no bound.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            values: Mutex::new(BoundedMap::new(usize::MAX)),
            clock,
            last: Mutex::default(),
            every: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            swapped: AtomicU64::new(0),
        }
    }

    /// At most so many values, and so many bytes of names and values: the oldest go.
    #[must_use]
    pub fn with_limits(self, entries: usize, bytes: usize) -> Self {
        Self {
            values: Mutex::new(BoundedMap::new(entries).with_weight(bytes)),
            ..self
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
        let mut names: Vec<_> = values.iter(now).map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    }

    /// A value as it is held, with the time it has left.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<(Vec<u8>, Duration)> {
        let now = self.clock.monotonic();
        let values = lock(&self.values);
        let value = values.get(name, now)?;
        Some((value.bytes.clone(), value.ends.saturating_sub(now)))
    }

    /// Puts other bytes in the place of a value, without asking whether there is one.
    pub fn overwrite(&self, name: &str, bytes: Vec<u8>) {
        self.keep(&mut lock(&self.values), name, bytes, Duration::MAX);
    }

    /// Loses everything.
    pub fn clear(&self) {
        let mut values = lock(&self.values);
        let now = self.clock.monotonic();
        let names: Vec<_> = values.iter(now).map(|(name, _)| name.clone()).collect();
        for name in names {
            values.remove(&name);
        }
    }

    fn ends(&self, ttl: Duration) -> Duration {
        self.clock.monotonic().saturating_add(ttl)
    }

    fn keep(
        &self,
        values: &mut BoundedMap<String, Value>,
        name: &str,
        bytes: Vec<u8>,
        ends: Duration,
    ) {
        let weight = name.len() + bytes.len();
        let now = self.clock.monotonic();
        values.insert_weighing(weight, name.to_owned(), Value { bytes, ends }, ends, now);
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
        let every = self.every.load(Ordering::SeqCst);
        let mut last = lock(&self.last);
        if call.is_multiple_of(every) && !last.is_empty() {
            self.swapped.fetch_add(1, Ordering::SeqCst);
            return Ok(std::mem::replace(&mut *last, values));
        }
        last.clone_from(&values);
        Ok(values)
    }

    async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        let ends = self.ends(ttl);
        self.keep(&mut lock(&self.values), name, value.to_vec(), ends);
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
        if values.get(name, now).is_some() {
            return Ok(false);
        }
        let ends = now.saturating_add(ttl);
        self.keep(&mut values, name, value.to_vec(), ends);
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
        let (count, ends) = match values.get(name, now) {
            Some(held) => match held.count() {
                Some(count) => (count, held.ends),
                None => return Err(StoreError::failed("the value is not a counter")),
            },
            None => (0, self.ends(ttl)),
        };
        let sum = count.saturating_add(n);
        self.keep(&mut values, name, sum.to_string().into_bytes(), ends);
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
    #[tokio::test]
    async fn the_oldest_values_go_when_it_is_full() {
        let store = MemoryStore::default().with_limits(3, 100);
        for name in ["a", "b", "c", "d"] {
            store.put(name, b"1", TTL).await.unwrap();
        }
        assert_eq!(store.names(), ["b", "c", "d"]);
        store.put("e", &[0; 96], TTL).await.unwrap();
        assert_eq!(store.names(), ["d", "e"]);
        assert_eq!(store.put_if_absent("e", b"2", TTL).await, Ok(false));
    }
}
