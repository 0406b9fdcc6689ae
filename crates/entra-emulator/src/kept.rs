//! Values by their text, oldest first, bounded by number and by bytes.

use std::collections::{HashMap, VecDeque};

/// More of one kind than any test needs; a binary that runs for days must not grow without end.
pub(crate) const KEPT: usize = 10_000;

/// What one kind may hold of what others sent: a page in a browser can send without a sign-in.
pub(crate) const BYTES: usize = 16 * 1024 * 1024;

/// The oldest go when there are too many, or when they are too large together.
pub(crate) struct Kept<T> {
    by_text: HashMap<String, (T, usize)>,
    /// Also of some that were removed since.
    oldest_first: VecDeque<String>,
    bytes: usize,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            by_text: HashMap::new(),
            oldest_first: VecDeque::new(),
            bytes: 0,
        }
    }
}

impl<T> Kept<T> {
    /// `size`: the bytes of what others sent in it.
    pub(crate) fn insert(&mut self, text: String, value: T, size: usize) {
        self.remove(&text);
        self.bytes = self.bytes.saturating_add(size);
        self.by_text.insert(text.clone(), (value, size));
        self.oldest_first.push_back(text);
        while self.oldest_first.len() > KEPT || self.bytes > BYTES {
            self.drop_oldest();
        }
    }

    pub(crate) fn get(&self, text: &str) -> Option<&T> {
        self.by_text.get(text).map(|(value, _)| value)
    }

    pub(crate) fn get_mut(&mut self, text: &str) -> Option<&mut T> {
        self.by_text.get_mut(text).map(|(value, _)| value)
    }

    pub(crate) fn remove(&mut self, text: &str) -> Option<T> {
        let (value, size) = self.by_text.remove(text)?;
        self.bytes = self.bytes.saturating_sub(size);
        Some(value)
    }

    pub(crate) fn oldest(&mut self) -> Option<&T> {
        while self
            .oldest_first
            .front()
            .is_some_and(|text| !self.by_text.contains_key(text))
        {
            self.oldest_first.pop_front();
        }
        self.get(self.oldest_first.front()?)
    }

    pub(crate) fn drop_oldest(&mut self) {
        if let Some(text) = self.oldest_first.pop_front() {
            self.remove(&text);
        }
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &T)> {
        let all = self.oldest_first.iter();
        all.filter_map(|text| Some((text, self.get(text)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_by_number_and_by_bytes() {
        let mut kept = Kept::default();
        for number in 0..=KEPT {
            kept.insert(number.to_string(), number, 10);
        }
        assert_eq!(kept.iter().count(), KEPT);
        assert!(kept.get("0").is_none() && kept.get("1").is_some());
        assert_eq!(kept.bytes, KEPT * 10);
        for number in 0..40 {
            kept.insert(format!("large {number}"), number, BYTES / 16);
        }
        assert!(kept.bytes <= BYTES);
        assert!(kept.get("large 39").is_some() && kept.get("large 20").is_none());
        assert_eq!(kept.remove("large 39"), Some(39));
        assert_eq!(kept.iter().count(), kept.by_text.len());
        let left = kept.bytes;
        kept.insert("large 38".to_owned(), 1, 7);
        assert_eq!(
            kept.bytes,
            left - BYTES / 16 + 7,
            "one of the same name is replaced"
        );
    }
}
