//! Several credentials of one client, tried in order: while one is rotated, the old and
//! the new one are valid side by side, and nobody has to switch at the same moment.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::ClientCredential;

#[derive(Debug)]
pub(crate) struct Credentials {
    all: Vec<ClientCredential>,
    /// The one that worked last.
    current: AtomicUsize,
}

impl Credentials {
    pub(crate) fn new(all: Vec<ClientCredential>) -> Self {
        Self {
            all,
            current: AtomicUsize::new(0),
        }
    }

    /// All, beginning with the one that worked last, with their places.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (usize, &ClientCredential)> {
        let current = self.current.load(Ordering::Relaxed);
        let (before, from) = self.all.split_at(current.min(self.all.len()));
        let from = from
            .iter()
            .enumerate()
            .map(move |(i, one)| (current + i, one));
        from.chain(before.iter().enumerate())
    }

    pub(crate) fn worked(&self, place: usize) {
        self.current.store(place, Ordering::Relaxed);
    }

    pub(crate) fn problem(&self) -> Option<&'static str> {
        self.all.iter().find_map(ClientCredential::problem)
    }

    /// Their kinds, as cache keys carry them.
    pub(crate) fn kinds(&self) -> String {
        let kinds: Vec<_> = self.all.iter().map(ClientCredential::kind).collect();
        kinds.join("+")
    }
}
