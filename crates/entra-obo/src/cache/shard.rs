//! Shard of the token cache: a hash table, bounded by entries and bytes.
//!
//! Eviction goes round the table and gives an entry that was read since the last round a
//! second chance, so a burst of new users does not push out the active ones.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use entra_claims::PrincipalKey;
use hashbrown::HashTable;

use super::CacheLimits;
use super::entry::{CacheHit, Entry, Now, Owner};
use super::key::Key;
use crate::token::AccessToken;

#[derive(Debug, Default)]
pub(super) struct Shard {
    table: HashTable<Slot>,
    /// The bucket where the next eviction begins.
    hand: usize,
    bytes: usize,
    pub(super) hits: u64,
    pub(super) misses: u64,
    pub(super) evictions: u64,
}

/// Sixteen bytes, so that the table stays small; the rest is in the entry.
struct Slot {
    entry: Arc<Entry>,
    hash: u32,
    owner: Option<Owner>,
}

impl Slot {
    fn is(&self, key: &Key, hash: u32) -> bool {
        self.hash == hash && self.entry.key == *key
    }

    fn bytes(&self) -> usize {
        self.entry.heap_bytes() + Shard::SLOT_BYTES
    }
}

/// The table takes its place from the lower bits and a mark from the upper ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// What a reader finds.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// A token that may be used.
    Fresh(AccessToken),
    /// The same, and this reader is the one to start its refresh.
    Due(AccessToken),
    Miss,
}

impl Shard {
    pub(super) fn get(&mut self, key: &Key, now: Now, limits: &CacheLimits) -> Lookup {
        let hash = key.table_hash();
        let found = self
            .table
            .find_entry(spread(hash), |slot| slot.is(key, hash));
        let Ok(found) = found else {
            self.misses += 1;
            return Lookup::Miss;
        };
        let slot = found.get();
        let entry = &slot.entry;
        if !entry.serves(now, limits.min_remaining) {
            self.bytes -= slot.bytes();
            found.remove();
            self.misses += 1;
            return Lookup::Miss;
        }
        self.hits += 1;
        entry.read.store(true, Ordering::Relaxed);
        let token = entry.token();
        if entry.term.claim_refresh(now) {
            Lookup::Due(token)
        } else {
            Lookup::Fresh(token)
        }
    }

    /// As [`Shard::get`], without traces in the books.
    pub(super) fn peek(&self, key: &Key, now: Now, limits: &CacheLimits) -> Option<CacheHit> {
        let hash = key.table_hash();
        let slot = self.table.find(spread(hash), |slot| slot.is(key, hash))?;
        let entry = &slot.entry;
        entry
            .serves(now, limits.min_remaining)
            .then(|| entry.hit(now))
    }

    /// False if a later one is held instead.
    pub(super) fn insert(&mut self, entry: &Arc<Entry>, now: Now, limits: &CacheLimits) -> bool {
        let key = &entry.key;
        let hash = key.table_hash();
        let found = self
            .table
            .find_entry(spread(hash), |slot| slot.is(key, hash));
        if let Ok(held) = found {
            // A refresh that was sent before a claims challenge and answered after it must
            // not bring back the token that was not enough.
            let slot = held.get();
            let term = &slot.entry.term;
            if term.is_later_than(&entry.term) && term.serves(now, limits.min_remaining) {
                return false;
            }
            self.bytes -= slot.bytes();
            held.remove();
        }
        let slot = Slot {
            hash,
            owner: entry.owner(),
            entry: Arc::clone(entry),
        };
        let bytes = slot.bytes();
        if limits.entries == 0 || bytes > limits.bytes {
            return true;
        }
        while self.table.len() >= limits.entries || self.bytes + bytes > limits.bytes {
            if !self.evict_one(now, limits) {
                return true;
            }
        }
        self.bytes += bytes;
        self.table
            .insert_unique(spread(hash), slot, |slot| spread(slot.hash));
        true
    }

    pub(super) fn forget(&mut self, owner: PrincipalKey) {
        let owner = Owner::from(owner);
        let bytes = &mut self.bytes;
        self.table.retain(|slot| {
            let goes = slot.owner == Some(owner);
            if goes {
                *bytes -= slot.bytes();
            }
            !goes
        });
    }

    pub(super) fn clear(&mut self) {
        self.table = HashTable::new();
        self.bytes = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The slot with its byte of the table's own, in a table that is two thirds full.
    pub(super) const SLOT_BYTES: usize = (size_of::<Slot>() + 1) * 3 / 2;

    /// Removes the next entry that is over or was not read since the hand came by.
    fn evict_one(&mut self, now: Now, limits: &CacheLimits) -> bool {
        let buckets = self.table.num_buckets();
        // Two rounds: the first takes the second chances away.
        for _ in 0..=2 * buckets {
            let index = self.hand;
            self.hand = (index + 1) % buckets.max(1);
            let Some(slot) = self.table.get_bucket(index) else {
                continue;
            };
            let entry = &slot.entry;
            if entry.read.swap(false, Ordering::Relaxed) && entry.serves(now, limits.min_remaining)
            {
                continue;
            }
            if let Ok(found) = self.table.get_bucket_entry(index) {
                let (slot, _) = found.remove();
                self.bytes -= slot.bytes();
                self.evictions += 1;
                return true;
            }
        }
        false
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot")
            .field("entry", &self.entry)
            .finish_non_exhaustive()
    }
}
