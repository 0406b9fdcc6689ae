//! Processes that share a store, and a store that fails in every way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use entra_claims::ManualClock;
use entra_obo::store::{SealingKeys, SealingSecret, SharedStore, SharedTier, StoreError};
use entra_obo::testing::MemoryStore;

use super::{Endpoint, NOW, World};

pub fn secret(n: u8) -> SealingSecret {
    SealingSecret::new(&[n; 32])
}

pub fn keys(n: u8) -> SealingKeys {
    SealingKeys::new(secret(n))
}

/// One store, one endpoint, one clock, and as many processes as a test wants.
pub struct Fleet {
    pub store: Arc<FaultyStore>,
    pub endpoint: Arc<Endpoint>,
    pub clock: Arc<ManualClock>,
}

impl Fleet {
    pub fn new(endpoint: Arc<Endpoint>) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        Self {
            store: FaultyStore::new(clock.clone()),
            endpoint,
            clock,
        }
    }

    pub fn process(&self) -> World {
        self.process_with(keys(1))
    }

    pub fn process_with(&self, keys: SealingKeys) -> World {
        World::at(self.clock.clone(), self.endpoint.clone(), |builder| {
            let tier = SharedTier::new(self.store.clone(), keys);
            builder.shared(tier.with_clock(self.clock.clone()))
        })
    }

    pub fn memory(&self) -> &MemoryStore {
        &self.store.memory
    }

    /// The one value that is a token: an epoch is shorter than any.
    pub fn token_name(&self) -> String {
        let memory = self.memory();
        let names = memory.names();
        let longest = names
            .iter()
            .max_by_key(|name| memory.value(name).unwrap().0.len());
        longest.unwrap().clone()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Works,
    Fails,
    Hangs,
    Panics,
    AnswersTooLittle,
    /// Takes so many milliseconds.
    Slow(u64),
    WritesFail,
    /// Is put back so often before it answers.
    Yields(usize),
}

#[derive(Debug)]
pub struct FaultyStore {
    pub memory: MemoryStore,
    mode: Mutex<Mode>,
    gets: AtomicUsize,
    puts: AtomicUsize,
}

impl FaultyStore {
    pub fn new(clock: Arc<ManualClock>) -> Arc<Self> {
        Arc::new(Self {
            memory: MemoryStore::new(clock),
            mode: Mutex::new(Mode::Works),
            gets: AtomicUsize::new(0),
            puts: AtomicUsize::new(0),
        })
    }

    pub fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    /// Look-ups that reached it.
    pub fn gets(&self) -> usize {
        self.gets.load(Ordering::SeqCst)
    }

    /// Writes that reached it.
    pub fn puts(&self) -> usize {
        self.puts.load(Ordering::SeqCst)
    }

    fn mode(&self) -> Mode {
        *self.mode.lock().unwrap()
    }

    async fn fault(&self) -> Result<(), StoreError> {
        match self.mode() {
            Mode::Fails => Err(StoreError::failed("READONLY")),
            Mode::Hangs => std::future::pending().await,
            Mode::Panics => panic!("the store panics"),
            Mode::Slow(milliseconds) => {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                Ok(())
            }
            Mode::Yields(times) => {
                for _ in 0..times {
                    tokio::task::yield_now().await;
                }
                Ok(())
            }
            Mode::Works | Mode::AnswersTooLittle | Mode::WritesFail => Ok(()),
        }
    }

    async fn write_fault(&self) -> Result<(), StoreError> {
        self.puts.fetch_add(1, Ordering::SeqCst);
        self.fault().await?;
        match self.mode() {
            Mode::WritesFail => Err(StoreError::failed("OOM")),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl SharedStore for FaultyStore {
    async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.gets.fetch_add(1, Ordering::SeqCst);
        self.fault().await?;
        let mut values = self.memory.get(names).await?;
        if self.mode() == Mode::AnswersTooLittle {
            values.pop();
        }
        Ok(values)
    }

    async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        self.write_fault().await?;
        self.memory.put(name, value, ttl).await
    }

    async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.write_fault().await?;
        self.memory.put_if_absent(name, value, ttl).await
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.write_fault().await?;
        self.memory.delete(name).await
    }

    async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.write_fault().await?;
        self.memory.take(name).await
    }

    async fn add(&self, name: &str, n: u64, ttl: Duration) -> Result<u64, StoreError> {
        self.write_fault().await?;
        self.memory.add(name, n, ttl).await
    }
}
