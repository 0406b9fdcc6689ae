//! Bounded cache of verified tokens.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard};

use entra_parts::lock::lock;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::principal::VerifiedToken;

const SHARDS: usize = 16;

/// How much an authenticator's memory of verified tokens holds. The default is 16,384
/// tokens and 64 MiB, whichever is reached first.
///
/// What was verified is accepted again until it expires or its key is withdrawn, **also if it
/// was revoked meanwhile**. That is so for any check of signature and times: Entra ID's
/// access tokens cannot be looked up. The memory changes what a request costs and not what
/// is accepted.
///
/// ```
/// use entra_claims::TokenCacheLimits;
///
/// let small = TokenCacheLimits::default().with_entries(1000).with_bytes(8 * 1024 * 1024);
/// assert_ne!(small, TokenCacheLimits::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenCacheLimits {
    entries: usize,
    bytes: usize,
}

impl TokenCacheLimits {
    /// At most so many tokens. They are spread over sixteen parts, each of which holds a
    /// sixteenth, rounded up. With zero no token is remembered: each is verified again.
    #[must_use]
    pub const fn with_entries(mut self, entries: usize) -> Self {
        self.entries = entries;
        self
    }

    /// At most so many bytes of tokens and their claims.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// How much one shard holds.
    fn per_shard(self) -> Limits {
        Limits {
            entries: self.entries.div_ceil(SHARDS),
            bytes: self.bytes.div_ceil(SHARDS),
        }
    }
}

impl Default for TokenCacheLimits {
    fn default() -> Self {
        Self {
            entries: 16 * 1024,
            bytes: 64 * 1024 * 1024,
        }
    }
}

/// How much one shard holds.
#[derive(Clone, Copy)]
struct Limits {
    entries: usize,
    bytes: usize,
}

/// Of an entry, beside the token and its claims: places, counts and the decoded caller.
const OVERHEAD: usize = 512;

/// What a token takes.
fn weight(token: &VerifiedToken) -> usize {
    token.expose_token().len() + token.claims().as_json().len() + OVERHEAD
}

/// A bounded map from a token's text to the verified token.
///
/// An entry is found by a randomly keyed hash and by comparing the whole token, so neither
/// a forged signature nor a found collision meets another token's entry. Only full
/// verification fills it.
pub(super) struct TokenCache {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    limits: Limits,
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
    pub(super) fn new(limits: TokenCacheLimits) -> Self {
        Self::limited(limits.per_shard())
    }

    fn limited(limits: Limits) -> Self {
        Self {
            limits,
            shards: Default::default(),
            hasher: RandomState::default(),
        }
    }

    /// The entry of `token`, with the generation of the keys it was verified with.
    pub(super) fn get(&self, token: &[u8]) -> Option<(VerifiedToken, u64)> {
        let (hash, mut shard) = self.shard(token)?;
        let place = shard.find(hash, token)?;
        let slot = shard.slots.get_mut(place)?.as_mut()?;
        slot.used = true;
        Some((slot.token.clone(), slot.generation))
    }

    pub(super) fn insert(&self, token: VerifiedToken, generation: u64) {
        if let Some((hash, mut shard)) = self.shard(token.expose_token().as_bytes()) {
            let slot = Slot {
                hash,
                token,
                generation,
                used: false,
            };
            shard.insert(slot, self.limits);
        }
    }

    pub(super) fn remove(&self, token: &[u8]) {
        if let Some((hash, mut shard)) = self.shard(token)
            && let Some(place) = shard.find(hash, token)
        {
            shard.evict(place);
        }
    }

    /// The hash is over the end of the token, a part of its signature that no other verified
    /// token has: what lies before is compared and need not be read twice. Tokens that were
    /// not verified are never kept, so a client cannot fill one slot on purpose.
    fn shard(&self, token: &[u8]) -> Option<(u64, MutexGuard<'_, Shard>)> {
        const END: usize = 64;
        let end = token.get(token.len().saturating_sub(END)..)?;
        let hash = self.hasher.hash_one(end);
        // The table takes its place from the low bits and its tag from the high ones.
        let shard = self.shards.get((hash >> 32) as usize % SHARDS)?;
        Some((hash, lock(shard)))
    }
}

impl Shard {
    fn find(&self, hash: u64, token: &[u8]) -> Option<usize> {
        let slots = &self.slots;
        let is_it = |place: &usize| {
            slots
                .get(*place)
                .and_then(Option::as_ref)
                .is_some_and(|slot| {
                    let held = slot.token.expose_token().as_bytes();
                    slot.hash == hash && is_same(held, token)
                })
        };
        self.table.find(hash, is_it).copied()
    }

    fn insert(&mut self, slot: Slot, limits: Limits) {
        let hash = slot.hash;
        let size = weight(&slot.token);
        if limits.entries == 0 || size > limits.bytes {
            return;
        }
        if let Some(place) = self.find(hash, slot.token.expose_token().as_bytes()) {
            self.evict(place);
        }
        while self.table.len() >= limits.entries
            || (self.bytes + size > limits.bytes && !self.table.is_empty())
        {
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
        self.bytes = self.bytes.saturating_sub(weight(&slot.token));
        self.free.push(place);
        if let Ok(entry) = self.table.find_entry(slot.hash, |held| *held == place) {
            entry.remove();
        }
    }
}

/// Looks at all bytes, wherever the first difference is: how long it takes says nothing of a
/// token that is held. Without a way out the loop becomes one over many bytes at a time, which a
/// library's comparison byte by byte is not: of a hit that was the largest part.
fn is_same(held: &[u8], token: &[u8]) -> bool {
    const WIDTH: usize = 128;
    let ((held_rows, held_rest), (rows, rest)) =
        (held.as_chunks::<WIDTH>(), token.as_chunks::<WIDTH>());
    let mut differ = [0; WIDTH];
    for (held, row) in held_rows.iter().zip(rows) {
        for ((differ, one), other) in differ.iter_mut().zip(held).zip(row) {
            *differ |= one ^ other;
        }
    }
    let pairs = held_rest.iter().zip(rest);
    let rest = pairs.fold(0, |differ, (one, other)| differ | (one ^ other));
    let differ = differ.iter().fold(rest, |all, one| all | one);
    held.len() == token.len() && std::hint::black_box(differ) == 0
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCache(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use base64_simd::URL_SAFE_NO_PAD;

    use super::*;

    fn token(id: usize, filler: usize) -> VerifiedToken {
        let payload = format!(
            r#"{{"tid":"8eaef023-2b34-4da1-9baa-8bc8c9d6a490","oid":"{id:08x}-0000-4000-8000-000000000000",
            "azp":"22223333-cccc-4444-dddd-5555eeee6666","scp":"s","exp":1,"x":"{}"}}"#,
            "x".repeat(filler)
        );
        let payload = URL_SAFE_NO_PAD.encode_to_string(payload);
        // As long as a signature's end, which is what a token is looked up by.
        let signature = URL_SAFE_NO_PAD.encode_to_string(format!("{id:048}"));
        crate::dangerous::assume_verified(&format!("e30.{payload}.{signature}")).unwrap()
    }

    fn held(cache: &TokenCache) -> (usize, usize) {
        cache.shards.iter().fold((0, 0), |(entries, bytes), shard| {
            let shard = shard.lock().unwrap();
            let sum: usize = shard
                .slots
                .iter()
                .flatten()
                .map(|slot| weight(&slot.token))
                .sum();
            assert_eq!(shard.bytes, sum);
            assert_eq!(shard.table.len(), shard.slots.iter().flatten().count());
            assert_eq!(shard.slots.len(), shard.table.len() + shard.free.len());
            (entries + shard.table.len(), bytes + sum)
        })
    }

    #[test]
    fn what_is_inserted_is_found_once_and_removed() {
        let cache = TokenCache::new(TokenCacheLimits::default());
        let one = token(1, 0);
        assert!(cache.get(one.expose_token().as_bytes()).is_none());
        cache.insert(one.clone(), 7);
        cache.insert(one.clone(), 8);
        let (found, generation) = cache.get(one.expose_token().as_bytes()).unwrap();
        assert_eq!(
            (found.principal().key(), generation),
            (one.principal().key(), 8)
        );
        assert!(cache.get(token(2, 0).expose_token().as_bytes()).is_none());
        assert_eq!(held(&cache).0, 1);
        cache.remove(one.expose_token().as_bytes());
        assert!(cache.get(one.expose_token().as_bytes()).is_none());
        assert_eq!(held(&cache), (0, 0));
    }

    const SMALL: Limits = Limits {
        entries: 8,
        bytes: 40_000,
    };

    #[test]
    fn entries_are_bounded() {
        let cache = TokenCache::limited(SMALL);
        for id in 0..1000 {
            let token = token(id, 0);
            let text = token.expose_token().to_owned();
            cache.insert(token, 0);
            assert!(cache.get(text.as_bytes()).is_some(), "the newest is kept");
        }
        assert_eq!(held(&cache).0, SHARDS * SMALL.entries);
    }

    #[test]
    fn bytes_are_bounded() {
        let cache = TokenCache::limited(SMALL);
        for id in 0..1000 {
            cache.insert(token(id, 10_000), 0);
        }
        let (entries, bytes) = held(&cache);
        assert!(bytes <= SHARDS * SMALL.bytes, "{bytes}");
        assert_eq!(entries, SHARDS, "one of 24 kB in every shard");
    }

    #[test]
    fn what_is_too_large_is_not_kept_and_evicts_nothing() {
        let cache = TokenCache::limited(SMALL);
        for id in 0..100 {
            cache.insert(token(id, 0), 0);
        }
        let before = held(&cache);
        cache.insert(token(100, 20_000), 0);
        assert_eq!(held(&cache), before);
    }

    /// Should two tokens ever end alike, each still meets its own entry.
    #[test]
    fn what_ends_alike_is_told_apart() {
        let cache = TokenCache::new(TokenCacheLimits::default());
        let (one, other) = (token(1, 0), token(1, 9));
        cache.insert(one.clone(), 0);
        assert!(cache.get(other.expose_token().as_bytes()).is_none());
        cache.insert(other.clone(), 0);
        for token in [one, other] {
            let (found, _) = cache.get(token.expose_token().as_bytes()).unwrap();
            assert_eq!(found.expose_token(), token.expose_token());
        }
        assert_eq!(held(&cache).0, 2);
    }

    #[test]
    fn a_memory_of_nothing_holds_nothing() {
        let cache = TokenCache::new(TokenCacheLimits::default().with_entries(0));
        cache.insert(token(1, 0), 0);
        assert_eq!(held(&cache), (0, 0));
    }

    /// What is used between two rounds of the hand stays.
    #[test]
    fn the_hot_entry_survives() {
        let cache = TokenCache::limited(SMALL);
        let hot = token(1_000_000, 0);
        cache.insert(hot.clone(), 0);
        for id in 0..2000 {
            cache.insert(token(id, 0), 0);
            assert!(
                cache.get(hot.expose_token().as_bytes()).is_some(),
                "after {id}"
            );
        }
    }
}
