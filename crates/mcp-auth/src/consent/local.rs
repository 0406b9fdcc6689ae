//! The store of consent pages of a server that shares nothing: in memory, bounded.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use entra_claims::Clock;
use entra_parts::bounded::BoundedMap;
use entra_parts::lock::lock;
use entra_parts::store::{SharedStore, StoreError};

/// A page has four records at most. When it is full, the oldest go.
const RECORDS: usize = 40_000;

/// Bytes of all of them.
const WEIGHT: usize = 64 << 20;

/// Records of the pages that this process made.
pub(super) struct LocalStore {
    clock: Arc<dyn Clock>,
    records: Mutex<Records>,
}

type Records = BoundedMap<String, Record>;

struct Record {
    bytes: Vec<u8>,
    until: Duration,
}

impl LocalStore {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            records: Mutex::new(Records::new(RECORDS).with_weight(WEIGHT)),
        }
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        // Nothing that could panic runs under the lock.
        lock(&self.records)
    }

    fn keep(&self, records: &mut Records, name: &str, bytes: Vec<u8>, until: Duration) {
        let weight = name.len() + bytes.len();
        let record = Record { bytes, until };
        let now = self.clock.monotonic();
        records.insert_weighing(weight, name.to_owned(), record, until, now);
    }
}

#[async_trait]
impl SharedStore for LocalStore {
    async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let now = self.clock.monotonic();
        let records = self.records();
        let value = |name: &&str| Some(records.get(*name, now)?.bytes.clone());
        Ok(names.iter().map(value).collect())
    }

    async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        let until = self.clock.monotonic().saturating_add(ttl);
        self.keep(&mut self.records(), name, value.to_vec(), until);
        Ok(())
    }

    async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let now = self.clock.monotonic();
        let mut records = self.records();
        let free = records.get(name, now).is_none();
        if free {
            self.keep(&mut records, name, value.to_vec(), now.saturating_add(ttl));
        }
        Ok(free)
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.records().remove(name);
        Ok(())
    }

    async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let now = self.clock.monotonic();
        let taken = self.records().remove(name);
        Ok(taken
            .filter(|record| now < record.until)
            .map(|record| record.bytes))
    }

    async fn add(&self, name: &str, n: u64, ttl: Duration) -> Result<u64, StoreError> {
        let now = self.clock.monotonic();
        let mut records = self.records();
        let held = records.get(name, now).and_then(|record| {
            let count: u64 = std::str::from_utf8(&record.bytes).ok()?.parse().ok()?;
            Some((count, record.until))
        });
        let (count, until) = held.unwrap_or((0, now.saturating_add(ttl)));
        let sum = count.saturating_add(n);
        self.keep(&mut records, name, sum.to_string().into_bytes(), until);
        Ok(sum)
    }
}

impl fmt::Debug for LocalStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalStore").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use entra_claims::ManualClock;

    use super::*;

    #[tokio::test]
    async fn it_is_a_store_whose_records_expire() {
        let clock = Arc::new(ManualClock::at(0));
        let store = LocalStore::new(Arc::clone(&clock) as _);
        let ttl = Duration::from_secs(60);
        store.put("a", b"1", ttl).await.unwrap();
        assert_eq!(store.put_if_absent("a", b"2", ttl).await, Ok(false));
        assert_eq!(store.add("n", 2, ttl).await, Ok(2));
        clock.advance(ttl / 2);
        assert_eq!(store.add("n", 2, ttl).await, Ok(4));
        assert_eq!(
            store.get(&["a", "b"]).await,
            Ok(vec![Some(b"1".to_vec()), None])
        );
        clock.advance(ttl / 2);
        assert_eq!(store.get(&["a"]).await, Ok(vec![None]));
        assert_eq!(store.take("a").await, Ok(None));
        assert_eq!(store.add("n", 1, ttl).await, Ok(1));
        assert_eq!(store.put_if_absent("a", b"2", ttl).await, Ok(true));
        assert_eq!(store.take("a").await, Ok(Some(b"2".to_vec())));
        store.put("a", b"1", ttl).await.unwrap();
        store.delete("a").await.unwrap();
        assert_eq!(store.get(&["a"]).await, Ok(vec![None]));
    }

    #[tokio::test]
    async fn the_oldest_records_go_when_it_is_full() {
        let store = LocalStore::new(Arc::new(ManualClock::at(0)));
        let ttl = Duration::from_secs(60);
        for n in 0..=RECORDS {
            store.put(&n.to_string(), b"", ttl).await.unwrap();
        }
        let held = store.get(&["0", "1"]).await.unwrap();
        assert_eq!(held, [None, Some(Vec::new())]);
        assert_eq!(store.records().len(), RECORDS);
    }
}
