//! In-process token cache: full keys, bounded, no token past its expiry.

mod entry;
pub(crate) mod key;
mod shard;

pub(crate) use entry::{CacheHit, Entry, Lifetime, Now, Record};
pub(crate) use key::Key;
pub(crate) use shard::Lookup;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use entra_claims::PrincipalKey;
use entra_parts::lock::lock;
use shard::Shard;

/// How many tokens an [`ExchangeClient`](crate::ExchangeClient) keeps, and for how long.
///
/// ```
/// use std::time::Duration;
///
/// use entra_obo::CacheLimits;
///
/// let small = CacheLimits::default()
///     .with_entries(1_000)
///     .with_bytes(8 * 1024 * 1024)
///     .with_min_remaining(Duration::from_secs(120));
/// assert_ne!(small, CacheLimits::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
    pub(crate) min_remaining: Duration,
}

impl CacheLimits {
    /// At most so many tokens; 50,000 by default, 0 keeps none.
    #[must_use]
    pub const fn with_entries(mut self, entries: usize) -> Self {
        self.entries = entries;
        self
    }

    /// At most so many bytes of tokens; 128 MiB by default.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// A token with less life than this is not handed out; 60 s by default.
    #[must_use]
    pub const fn with_min_remaining(mut self, remaining: Duration) -> Self {
        self.min_remaining = remaining;
        self
    }
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self {
            entries: 50_000,
            bytes: 128 * 1024 * 1024,
            min_remaining: Duration::from_secs(60),
        }
    }
}

/// Tokens by key, in shards, so that readers of different users rarely meet.
#[derive(Debug)]
pub(crate) struct Cache {
    shards: Box<[Mutex<Shard>]>,
    per_shard: CacheLimits,
    epoch: AtomicU64,
}

/// What was forgotten so far. A result that was asked for in an older epoch is not stored:
/// its user may have been forgotten meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

const MAX_SHARDS: usize = 64;

impl Cache {
    pub(crate) fn new(limits: CacheLimits) -> Self {
        let mut shards = MAX_SHARDS;
        while shards > 1 && (limits.entries / shards < 128 || limits.bytes / shards < 1024 * 1024) {
            shards /= 2;
        }
        Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            per_shard: CacheLimits {
                entries: limits.entries / shards,
                bytes: limits.bytes / shards,
                ..limits
            },
            epoch: AtomicU64::new(0),
        }
    }

    pub(crate) fn get(&self, key: &Key, now: Now) -> Lookup {
        match self.shard(key) {
            Some(mut shard) => shard.get(key, now, &self.per_shard),
            None => Lookup::Miss,
        }
    }

    pub(crate) fn peek(&self, key: &Key, now: Now) -> Option<CacheHit> {
        self.shard(key)?.peek(key, now, &self.per_shard)
    }

    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::SeqCst))
    }

    /// Stores a token that was asked for in `epoch`. False if that is not wanted any more: it
    /// is too short-lived, its user may have been forgotten, or a later one is held.
    pub(crate) fn insert(&self, entry: &Arc<Entry>, now: Now, epoch: Epoch) -> bool {
        if !entry.serves(now, self.per_shard.min_remaining) {
            return false;
        }
        let Some(mut shard) = self.shard(&entry.key) else {
            return false;
        };
        // Under the lock: `forget` raises the epoch first and sweeps then, so either
        // this is seen here or the sweep sees the entry.
        self.epoch() == epoch && shard.insert(entry, now, &self.per_shard)
    }

    /// Whether an entry could be handed out.
    pub(crate) fn serves(&self, entry: &Entry, now: Now) -> bool {
        entry.serves(now, self.per_shard.min_remaining)
    }

    pub(crate) fn forget(&self, owner: PrincipalKey) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.each(|shard| shard.forget(owner));
    }

    pub(crate) fn clear(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.each(Shard::clear);
    }

    pub(crate) fn figures(&self) -> Figures {
        let mut figures = Figures::default();
        self.each(|shard| {
            figures.entries += shard.len();
            figures.bytes += shard.bytes();
            figures.hits += shard.hits;
            figures.misses += shard.misses;
            figures.evictions += shard.evictions;
        });
        figures
    }

    fn shard(&self, key: &Key) -> Option<MutexGuard<'_, Shard>> {
        let index = key.shard() & (self.shards.len() - 1);
        self.shards.get(index).map(lock)
    }

    fn each(&self, mut act: impl FnMut(&mut Shard)) {
        for shard in &self.shards {
            act(&mut lock(shard));
        }
    }
}

/// The cache in figures.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) evictions: u64,
}

#[cfg(test)]
mod tests;
