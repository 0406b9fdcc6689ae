//! Budget of key fetches and waiters that all authorities of an authenticator share.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entra_parts::clock::Clock;
use entra_parts::lock::lock;

use super::pace::COOL_DOWN;
use crate::reject::{Reason, Rejection};

/// Fetches that unknown `kid`s may cause in a minute, over all tenants of a list: each of them
/// has a cool-down of its own besides, and a made-up token can name any of them.
const FETCHES: usize = 16;
/// Requests that may wait for a fetch that an unknown `kid` caused.
const NEWER: usize = 1024;
/// Requests that may wait for the first keys.
const FIRST: usize = 16 * 1024;

/// How many fetches and waiters there may be.
pub(super) struct FetchBudget {
    clock: Arc<dyn Clock>,
    /// When the latest fetches for unknown `kid`s began.
    fetches: Mutex<VecDeque<Duration>>,
    first: AtomicUsize,
    newer: AtomicUsize,
}

/// What a request waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Any keys.
    Keys,
    /// Keys newer than the ones that lack its `kid`.
    NewerKeys,
}

/// One of the places among those who wait.
pub(super) struct Place<'a>(&'a AtomicUsize);

impl FetchBudget {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            fetches: Mutex::default(),
            first: AtomicUsize::new(0),
            newer: AtomicUsize::new(0),
        })
    }

    /// Takes one of the fetches that unknown `kid`s may cause.
    ///
    /// # Errors
    ///
    /// None is left: how long until there is one.
    pub(super) fn claim_unknown_kid(&self) -> Result<(), Duration> {
        let now = self.clock.monotonic();
        let mut fetches = lock(&self.fetches);
        while let Some(oldest) = fetches.front() {
            let age = now.saturating_sub(*oldest);
            if age < COOL_DOWN {
                break;
            }
            fetches.pop_front();
        }
        if let (true, Some(oldest)) = (fetches.len() >= FETCHES, fetches.front()) {
            let left = COOL_DOWN.saturating_sub(now.saturating_sub(*oldest));
            return Err(left.max(Duration::from_secs(1)));
        }
        fetches.push_back(now);
        Ok(())
    }

    /// A place among those who wait, until it is dropped.
    ///
    /// # Errors
    ///
    /// All are taken.
    pub(super) fn place(&self, need: Need) -> Result<Place<'_>, Rejection> {
        let (places, most, why) = match need {
            Need::Keys => (&self.first, FIRST, "many requests wait for the first keys"),
            Need::NewerKeys => (
                &self.newer,
                NEWER,
                "many tokens name a key that is not known",
            ),
        };
        if places.fetch_add(1, Ordering::Relaxed) >= most {
            places.fetch_sub(1, Ordering::Relaxed);
            return Err(overloaded(Duration::from_secs(1), why));
        }
        Ok(Place(places))
    }
}

/// It cannot be decided now.
pub(super) fn overloaded(wait: Duration, why: &'static str) -> Rejection {
    Rejection::unavailable(Reason::Overloaded, wait, why)
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for FetchBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchBudget").finish_non_exhaustive()
    }
}
