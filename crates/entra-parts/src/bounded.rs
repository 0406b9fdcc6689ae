//! A map with limits: entries expire, and the oldest goes first when it is full.
//!
//! Entries stand in the order in which they were inserted or last [touched](BoundedMap::touch),
//! in a list that runs through a slab, so every operation but a sweep takes constant time.
//! Times are monotonic and come from the caller.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::time::Duration;

/// Does not expire.
pub const FOREVER: Duration = Duration::MAX;

/// A map that holds a number of entries and a weight at most.
pub struct BoundedMap<K, V> {
    places: HashMap<K, usize>,
    slots: Vec<Option<Slot<K, V>>>,
    free: Vec<usize>,
    oldest: Option<usize>,
    newest: Option<usize>,
    weight: usize,
    most_entries: usize,
    most_weight: usize,
}

struct Slot<K, V> {
    key: K,
    value: V,
    weight: usize,
    /// The monotonic time at which it expires.
    until: Duration,
    older: Option<usize>,
    newer: Option<usize>,
}

impl<K: Clone + Eq + Hash, V> BoundedMap<K, V> {
    /// Room for so many entries.
    #[must_use]
    pub fn new(entries: usize) -> Self {
        Self {
            places: HashMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            oldest: None,
            newest: None,
            weight: 0,
            most_entries: entries,
            most_weight: usize::MAX,
        }
    }

    /// The same, of so much weight altogether.
    #[must_use]
    pub fn with_weight(mut self, weight: usize) -> Self {
        self.most_weight = weight;
        self
    }

    /// Puts a value in, in the place of one with the same key, and makes it the newest. The
    /// oldest entries go until it fits. False if it can never fit: then nothing goes but the
    /// value that had its key.
    pub fn insert(&mut self, key: K, value: V, until: Duration, now: Duration) -> bool {
        self.insert_weighing(1, key, value, until, now)
    }

    /// [`insert`](Self::insert) for a value of this weight.
    pub fn insert_weighing(
        &mut self,
        weight: usize,
        key: K,
        value: V,
        until: Duration,
        now: Duration,
    ) -> bool {
        self.remove(&key);
        if self.most_entries == 0 || weight > self.most_weight || until <= now {
            return false;
        }
        while !self.has_room(weight) {
            match self.oldest {
                Some(oldest) => drop(self.take_out(oldest)),
                None => return false,
            }
        }
        self.put_in(key, value, weight, until);
        true
    }

    /// Puts a value in if there is room once the expired entries are gone; nothing that lives
    /// is evicted for it. A value with the same key is replaced.
    pub fn insert_if_room(&mut self, key: K, value: V, until: Duration, now: Duration) -> bool {
        self.remove(&key);
        if !self.has_room(1) {
            self.remove_expired(now);
        }
        if !self.has_room(1) {
            return false;
        }
        self.put_in(key, value, 1, until);
        true
    }

    /// Removes an entry.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.places.get(key).copied()?;
        self.take_out(place)
    }

    /// Removes all entries that have expired. Looks at each.
    pub fn remove_expired(&mut self, now: Duration) {
        let expired: Vec<usize> = self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.as_ref().is_some_and(|slot| slot.until <= now))
            .map(|(place, _)| place)
            .collect();
        for place in expired {
            self.take_out(place);
        }
    }

    /// Makes an entry the newest and gives it, unless it has expired.
    pub fn touch<Q: Eq + Hash + ?Sized>(&mut self, key: &Q, now: Duration) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.places.get(key).copied()?;
        if self.newest != Some(place) {
            self.unlink(place);
            self.link(place);
        }
        let slot = self.slot_mut(place)?;
        (now < slot.until).then_some(&mut slot.value)
    }

    /// An entry to change, unless it has expired. Its place does not change.
    pub fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q, now: Duration) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.places.get(key).copied()?;
        let slot = self.slot_mut(place)?;
        (now < slot.until).then_some(&mut slot.value)
    }

    /// An entry, unless it has expired.
    #[must_use]
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q, now: Duration) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.places.get(key).copied()?;
        let slot = self.slot(place)?;
        (now < slot.until).then_some(&slot.value)
    }

    /// All entries that have not expired, in no order.
    pub fn iter(&self, now: Duration) -> impl Iterator<Item = (&K, &V)> {
        let slots = self.slots.iter().flatten();
        slots
            .filter(move |slot| now < slot.until)
            .map(|slot| (&slot.key, &slot.value))
    }

    /// How many entries there are, expired ones too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// What all entries weigh.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.weight
    }

    fn has_room(&self, weight: usize) -> bool {
        self.places.len() < self.most_entries
            && self
                .weight
                .checked_add(weight)
                .is_some_and(|sum| sum <= self.most_weight)
    }

    fn put_in(&mut self, key: K, value: V, weight: usize, until: Duration) {
        let slot = Slot {
            key: key.clone(),
            value,
            weight,
            until,
            older: None,
            newer: None,
        };
        let free = self.free.pop();
        let place = free.unwrap_or(self.slots.len());
        match self.slots.get_mut(place) {
            Some(empty) => *empty = Some(slot),
            None => self.slots.push(Some(slot)),
        }
        self.places.insert(key, place);
        self.weight += weight;
        self.link(place);
    }

    fn take_out(&mut self, place: usize) -> Option<V> {
        self.unlink(place);
        let slot = self.slots.get_mut(place)?.take()?;
        self.places.remove(&slot.key);
        self.weight -= slot.weight;
        self.free.push(place);
        Some(slot.value)
    }

    /// Makes it the newest.
    fn link(&mut self, place: usize) {
        let older = self.newest.replace(place);
        if let Some(slot) = self.slot_mut(place) {
            slot.older = older;
            slot.newer = None;
        }
        match older.and_then(|older| self.slot_mut(older)) {
            Some(older) => older.newer = Some(place),
            None => self.oldest = Some(place),
        }
    }

    fn unlink(&mut self, place: usize) {
        let Some(slot) = self.slot(place) else { return };
        let (older, newer) = (slot.older, slot.newer);
        match older.and_then(|older| self.slot_mut(older)) {
            Some(older) => older.newer = newer,
            None => self.oldest = newer,
        }
        match newer.and_then(|newer| self.slot_mut(newer)) {
            Some(newer) => newer.older = older,
            None => self.newest = older,
        }
    }

    fn slot(&self, place: usize) -> Option<&Slot<K, V>> {
        self.slots.get(place)?.as_ref()
    }

    fn slot_mut(&mut self, place: usize) -> Option<&mut Slot<K, V>> {
        self.slots.get_mut(place)?.as_mut()
    }
}

impl<K, V> fmt::Debug for BoundedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedMap")
            .field("entries", &self.places.len())
            .field("most_entries", &self.most_entries)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn keys(map: &BoundedMap<u32, u32>, now: Duration) -> Vec<u32> {
        let mut keys: Vec<_> = map.iter(now).map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn the_oldest_goes_first_and_what_is_touched_is_the_newest() {
        let mut map = BoundedMap::new(3);
        for key in 1..=3 {
            assert!(map.insert(key, key, FOREVER, NOW));
        }
        assert_eq!(map.touch(&1, NOW), Some(&mut 1));
        assert!(map.insert(4, 4, FOREVER, NOW));
        assert_eq!(keys(&map, NOW), [1, 3, 4]);
        // A look that is no touch changes no order.
        assert_eq!(map.get(&3, NOW), Some(&3));
        *map.get_mut(&3, NOW).unwrap() = 30;
        assert!(map.insert(5, 5, FOREVER, NOW));
        assert_eq!(keys(&map, NOW), [1, 4, 5]);
        // Replaced, an entry is the newest, and nothing else goes.
        assert!(map.insert(1, 10, FOREVER, NOW));
        assert_eq!((map.len(), map.get(&1, NOW)), (3, Some(&10)));
        assert!(map.insert(6, 6, FOREVER, NOW));
        assert_eq!(keys(&map, NOW), [1, 5, 6]);
        for key in [5, 1, 6] {
            assert!(map.remove(&key).is_some() && map.remove(&key).is_none());
        }
        assert!(map.is_empty() && map.weight() == 0);
        assert_eq!((map.oldest, map.newest), (None, None));
        assert_eq!(map.slots.len(), 3, "places are used again");
    }

    #[test]
    fn weight_is_bounded_and_what_can_never_fit_pushes_nothing_out() {
        let mut map = BoundedMap::new(10).with_weight(10);
        for key in 1..=5 {
            assert!(map.insert_weighing(2, key, key, FOREVER, NOW));
        }
        assert!(map.insert_weighing(3, 6, 6, FOREVER, NOW));
        assert_eq!((keys(&map, NOW), map.weight()), (vec![3, 4, 5, 6], 9));
        assert!(!map.insert_weighing(11, 7, 7, FOREVER, NOW));
        assert!(!map.insert_weighing(usize::MAX, 7, 7, FOREVER, NOW));
        assert_eq!(keys(&map, NOW), [3, 4, 5, 6]);
        // Not even what was there with its key stays: it was replaced.
        assert!(!map.insert_weighing(11, 3, 3, FOREVER, NOW));
        assert_eq!((keys(&map, NOW), map.weight()), (vec![4, 5, 6], 7));
        assert!(!BoundedMap::new(0).insert(1, 1, FOREVER, NOW));
    }

    #[test]
    fn what_has_expired_is_not_found_and_makes_room() {
        let mut map = BoundedMap::new(2);
        assert!(map.insert(1, 1, at(110), NOW));
        assert!(map.insert(2, 2, at(120), NOW));
        assert_eq!(map.get(&1, at(109)), Some(&1));
        assert_eq!(map.get(&1, at(110)), None);
        assert_eq!(map.get_mut(&1, at(110)), None);
        assert_eq!(map.touch(&1, at(110)), None);
        assert_eq!(keys(&map, at(110)), [2]);
        assert!(!map.insert_if_room(3, 3, FOREVER, at(109)));
        assert_eq!(map.len(), 2, "nothing that lives is evicted");
        assert!(map.insert_if_room(3, 3, FOREVER, at(110)));
        assert_eq!(keys(&map, at(110)), [2, 3]);
        map.remove_expired(at(120));
        assert_eq!(map.len(), 1);
        assert!(!map.insert(4, 4, NOW, NOW), "expired from the start");
    }

    #[test]
    fn a_long_run_keeps_list_and_places_together() {
        let mut map = BoundedMap::new(50);
        let mut order: Vec<u32> = Vec::new();
        let mut number = 1_u32;
        for _ in 0..20_000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let key = (number >> 8) % 80;
            match number >> 30 {
                0 => {
                    map.remove(&key);
                    order.retain(|known| *known != key);
                }
                1 => {
                    if map.touch(&key, NOW).is_some() {
                        order.retain(|known| *known != key);
                        order.push(key);
                    }
                }
                _ => {
                    assert!(map.insert(key, key, FOREVER, NOW));
                    order.retain(|known| *known != key);
                    order.push(key);
                    if order.len() > 50 {
                        order.remove(0);
                    }
                }
            }
            assert_eq!(map.len(), order.len());
        }
        let mut walked = Vec::new();
        let mut place = map.oldest;
        while let Some(slot) = place.and_then(|place| map.slot(place)) {
            walked.push(slot.key);
            place = slot.newer;
        }
        assert_eq!(walked, order);
    }
}
