//! One shard of the cache: a table, bounded by entries and bytes.
//!
//! Eviction goes round the table and gives an entry that was read since the last round a
//! second chance, so a burst of new users does not push out the active ones.

use hashbrown::HashTable;

use entra_claims::PrincipalKey;

use super::Limits;
use super::entry::{Entry, Held, Now, Owner};
use super::key::Key;
use crate::AccessToken;

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

struct Slot {
    key: Key,
    entry: Entry,
    bytes: u32,
    read: bool,
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
    pub(super) fn get(&mut self, key: &Key, now: Now, limits: &Limits) -> Lookup {
        let Ok(mut found) = self
            .table
            .find_entry(key.table_hash(), |slot| slot.key == *key)
        else {
            self.misses += 1;
            return Lookup::Miss;
        };
        let slot = found.get_mut();
        if !slot.entry.serves(now, limits.min_remaining) {
            self.bytes -= slot.bytes as usize;
            found.remove();
            self.misses += 1;
            return Lookup::Miss;
        }
        self.hits += 1;
        slot.read = true;
        let token = slot.entry.token().clone();
        if slot.entry.claim_refresh(now) {
            Lookup::Due(token)
        } else {
            Lookup::Fresh(token)
        }
    }

    /// As [`Shard::get`], without traces in the books.
    pub(super) fn peek(&self, key: &Key, now: Now, limits: &Limits) -> Option<Held> {
        let found = self.table.find(key.table_hash(), |slot| slot.key == *key);
        let entry = &found?.entry;
        entry
            .serves(now, limits.min_remaining)
            .then(|| entry.held(now))
    }

    /// False if a later one is held instead.
    pub(super) fn insert(&mut self, key: Key, entry: Entry, now: Now, limits: &Limits) -> bool {
        let bytes = entry.token().heap_bytes() + Self::SLOT_BYTES;
        if let Ok(held) = self
            .table
            .find_entry(key.table_hash(), |slot| slot.key == key)
        {
            // A refresh that was sent before a claims challenge and answered after it must
            // not bring back the token that was not enough.
            let slot = held.get();
            if slot.entry.is_later_than(&entry) && slot.entry.serves(now, limits.min_remaining) {
                return false;
            }
            self.bytes -= slot.bytes as usize;
            held.remove();
        }
        let (true, Ok(booked)) = (limits.max_entries > 0, u32::try_from(bytes)) else {
            return true;
        };
        if bytes > limits.max_bytes {
            return true;
        }
        while self.table.len() >= limits.max_entries || self.bytes + bytes > limits.max_bytes {
            if !self.evict_one(now, limits) {
                return true;
            }
        }
        let slot = Slot {
            key,
            entry,
            bytes: booked,
            read: false,
        };
        self.bytes += bytes;
        self.table
            .insert_unique(key.table_hash(), slot, |slot| slot.key.table_hash());
        true
    }

    pub(super) fn forget(&mut self, owner: PrincipalKey) {
        let owner = Owner::from(owner);
        let bytes = &mut self.bytes;
        self.table.retain(|slot| {
            let goes = slot.entry.is_owned_by(owner);
            if goes {
                *bytes -= slot.bytes as usize;
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
    fn evict_one(&mut self, now: Now, limits: &Limits) -> bool {
        let buckets = self.table.num_buckets();
        // Two rounds: the first takes the second chances away.
        for _ in 0..=2 * buckets {
            let index = self.hand;
            self.hand = (index + 1) % buckets.max(1);
            let Some(slot) = self.table.get_bucket_mut(index) else {
                continue;
            };
            let spared = std::mem::take(&mut slot.read);
            if spared && slot.entry.serves(now, limits.min_remaining) {
                continue;
            }
            if let Ok(found) = self.table.get_bucket_entry(index) {
                let (slot, _) = found.remove();
                self.bytes -= slot.bytes as usize;
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
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}
