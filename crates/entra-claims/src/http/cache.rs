//! Tokens that were verified a moment ago.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::VerifiedToken;

const SHARDS: usize = 16;
/// Tokens in one shard, and bytes of tokens in it.
const ENTRIES: usize = 1024;
const BYTES: usize = 4 * 1024 * 1024;

/// A bounded map from a token's text to the verified token.
///
/// An entry is found by a randomly keyed hash and by comparing the whole token, so neither
/// a forged signature nor a found collision meets another token's entry. Only full
/// verification fills it.
pub(super) struct TokenCache {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

#[derive(Default)]
struct Shard {
    table: HashTable<usize>,
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    hand: usize,
    bytes: usize,
}

struct Slot {
    hash: u64,
    token: VerifiedToken,
    generation: u64,
    used: bool,
}

impl TokenCache {
    pub(super) fn new() -> Self {
        Self {
            shards: Default::default(),
            hasher: RandomState::default(),
        }
    }

    /// The entry of `token`, with the generation of the keys it was verified with.
    pub(super) fn get(&self, token: &str) -> Option<(VerifiedToken, u64)> {
        let (hash, mut shard) = self.shard(token)?;
        let place = shard.find(hash, token)?;
        let slot = shard.slots.get_mut(place)?.as_mut()?;
        slot.used = true;
        Some((slot.token.clone(), slot.generation))
    }

    pub(super) fn insert(&self, token: VerifiedToken, generation: u64) {
        if let Some((hash, mut shard)) = self.shard(token.expose_token()) {
            shard.insert(Slot {
                hash,
                token,
                generation,
                used: false,
            });
        }
    }

    pub(super) fn remove(&self, token: &str) {
        if let Some((hash, mut shard)) = self.shard(token)
            && let Some(place) = shard.find(hash, token)
        {
            shard.evict(place);
        }
    }

    fn shard(&self, token: &str) -> Option<(u64, MutexGuard<'_, Shard>)> {
        let hash = self.hasher.hash_one(token);
        // The table takes its place from the low bits and its tag from the high ones.
        let shard = self.shards.get((hash >> 32) as usize % SHARDS)?;
        Some((hash, shard.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Shard {
    fn find(&self, hash: u64, token: &str) -> Option<usize> {
        let slots = &self.slots;
        let is_it = |place: &usize| {
            slots
                .get(*place)
                .and_then(Option::as_ref)
                .is_some_and(|slot| {
                    let held = slot.token.expose_token().as_bytes();
                    slot.hash == hash && verify_slices_are_equal(held, token.as_bytes()).is_ok()
                })
        };
        self.table.find(hash, is_it).copied()
    }

    fn insert(&mut self, slot: Slot) {
        let hash = slot.hash;
        let size = slot.token.expose_token().len();
        if let Some(place) = self.find(hash, slot.token.expose_token()) {
            self.evict(place);
        }
        while self.table.len() >= ENTRIES || (self.bytes + size > BYTES && !self.table.is_empty()) {
            self.evict_one();
        }
        let place = self.free.pop().unwrap_or(self.slots.len());
        match self.slots.get_mut(place) {
            Some(free) => *free = Some(slot),
            None => self.slots.push(Some(slot)),
        }
        self.bytes += size;
        let slots = &self.slots;
        self.table.insert_unique(hash, place, |place| {
            slots
                .get(*place)
                .and_then(Option::as_ref)
                .map_or(0, |slot| slot.hash)
        });
    }

    /// Second chance: the hand passes over what was used since it came by.
    fn evict_one(&mut self) {
        loop {
            self.hand = if self.hand + 1 < self.slots.len() {
                self.hand + 1
            } else {
                0
            };
            match self.slots.get_mut(self.hand) {
                Some(Some(slot)) if slot.used => slot.used = false,
                Some(Some(_)) => return self.evict(self.hand),
                Some(None) => {}
                None => return,
            }
        }
    }

    fn evict(&mut self, place: usize) {
        let Some(slot) = self.slots.get_mut(place).and_then(Option::take) else {
            return;
        };
        self.bytes = self.bytes.saturating_sub(slot.token.expose_token().len());
        self.free.push(place);
        if let Ok(entry) = self.table.find_entry(slot.hash, |held| *held == place) {
            entry.remove();
        }
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCache(<redacted>)")
    }
}
