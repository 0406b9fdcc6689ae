//! One shard of the cache: a table into slots, bounded by entries and bytes.
//!
//! Eviction goes round the slots and gives an entry that was read since the last round a
//! second chance, so a burst of new users does not push out the active ones.

use hashbrown::HashTable;

use entra_claims::PrincipalKey;

use super::Limits;
use super::entry::{Entry, Held, Now};
use super::key::Key;
use crate::AccessToken;

#[derive(Debug, Default)]
pub(super) struct Shard {
    table: HashTable<u32>,
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    hand: usize,
    bytes: usize,
    pub(super) hits: u64,
    pub(super) misses: u64,
    pub(super) evictions: u64,
}

struct Slot {
    key: Key,
    entry: Entry,
    bytes: usize,
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
        let Some(index) = self.find(key) else {
            self.misses += 1;
            return Lookup::Miss;
        };
        let Some(Some(slot)) = self.slots.get_mut(index as usize) else {
            return Lookup::Miss;
        };
        if !slot.entry.serves(now, limits.min_remaining) {
            self.remove(index);
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
        let slot = self.slots.get(self.find(key)? as usize)?.as_ref()?;
        slot.entry
            .serves(now, limits.min_remaining)
            .then(|| slot.entry.held(now))
    }

    /// False if a later one is held instead.
    pub(super) fn insert(&mut self, key: Key, entry: Entry, now: Now, limits: &Limits) -> bool {
        let bytes = entry.token().heap_bytes() + Self::SLOT_BYTES;
        if let Some(index) = self.find(&key) {
            let held = self.slots.get(index as usize).and_then(Option::as_ref);
            // A refresh that was sent before a claims challenge and answered after it must
            // not bring back the token that was not enough.
            if held.is_some_and(|held| {
                held.entry.is_later_than(&entry) && held.entry.serves(now, limits.min_remaining)
            }) {
                return false;
            }
            self.remove(index);
        }
        if limits.max_entries == 0 || bytes > limits.max_bytes {
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
            bytes,
            read: false,
        };
        let index = match self.free.pop() {
            Some(index) => index,
            None => match u32::try_from(self.slots.len()) {
                Ok(index) => {
                    self.slots.push(None);
                    index
                }
                Err(_) => return true,
            },
        };
        if let Some(place) = self.slots.get_mut(index as usize) {
            *place = Some(slot);
            self.bytes += bytes;
            let slots = &self.slots;
            self.table
                .insert_unique(key.table_hash(), index, |&i| hash_of(slots, i));
        }
        true
    }

    pub(super) fn forget(&mut self, owner: PrincipalKey) {
        let owned = |slot: &Slot| slot.entry.owner() == Some(owner);
        for index in 0..self.slots.len() {
            let hit = self
                .slots
                .get(index)
                .and_then(Option::as_ref)
                .is_some_and(owned);
            if let (true, Ok(index)) = (hit, u32::try_from(index)) {
                self.remove(index);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.table = HashTable::new();
        self.slots = Vec::new();
        self.free = Vec::new();
        self.hand = 0;
        self.bytes = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The slot, its place in the table, and a half of the table's spare room.
    pub(super) const SLOT_BYTES: usize = size_of::<Option<Slot>>() + 8;

    fn find(&self, key: &Key) -> Option<u32> {
        let same = |&index: &u32| {
            let slot = self.slots.get(index as usize).and_then(Option::as_ref);
            slot.is_some_and(|slot| slot.key == *key)
        };
        self.table.find(key.table_hash(), same).copied()
    }

    fn remove(&mut self, index: u32) {
        let Some(slot) = self.slots.get_mut(index as usize).and_then(Option::take) else {
            return;
        };
        self.bytes -= slot.bytes;
        self.free.push(index);
        if let Ok(place) = self
            .table
            .find_entry(slot.key.table_hash(), |&other| other == index)
        {
            place.remove();
        }
    }

    /// Removes the next entry that is over or was not read since the hand came by.
    fn evict_one(&mut self, now: Now, limits: &Limits) -> bool {
        // Two rounds: the first takes the second chances away.
        for _ in 0..=2 * self.slots.len() {
            let index = self.hand;
            self.hand = (self.hand + 1) % self.slots.len().max(1);
            let Some(Some(slot)) = self.slots.get_mut(index) else {
                continue;
            };
            let spared = std::mem::take(&mut slot.read);
            if spared && slot.entry.serves(now, limits.min_remaining) {
                continue;
            }
            if let Ok(index) = u32::try_from(index) {
                self.remove(index);
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

fn hash_of(slots: &[Option<Slot>], index: u32) -> u64 {
    let slot = slots.get(index as usize).and_then(Option::as_ref);
    slot.map_or(0, |slot| slot.key.table_hash())
}
