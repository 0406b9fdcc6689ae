//! Single flight: concurrent callers with the same key share one request and its outcome.
//!
//! The work runs in a task of its own, which holds a [`Completer`]; each caller holds a
//! [`Waiter`]. What holds for all of them:
//!
//! - a caller that goes away neither ends nor poisons the work;
//! - an outcome, a failure too, goes to those who wait now and is not kept;
//! - work that ends without an outcome (a panic, a runtime that shut down) takes its flight
//!   off the map as its completer is dropped, and its waiters start again;
//! - work that is no longer driven (its runtime exists and stands still) does not answer when
//!   it is nudged, and is given up, by those who wait and by the next one who joins. How long
//!   the work takes does not matter.

use std::collections::HashMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::lock::lock;

/// Work that was not polled for so long is nudged.
const NUDGE: Duration = Duration::from_secs(5);

/// Work that does not answer a nudge for so long is given up.
const SILENCE: Duration = Duration::from_secs(20);

/// All flights of one kind, by key. Each has a tag: whose it is, or of which class.
pub struct Flights<K, T, G = ()> {
    map: Mutex<HashMap<K, Flight<T, G>>>,
    next: AtomicU64,
}

struct Flight<T, G> {
    number: u64,
    tag: G,
    link: Arc<Link<T>>,
}

/// What connects the work with those who wait for it.
struct Link<T> {
    progress: watch::Sender<Progress<T>>,
    pulse: Mutex<Pulse>,
    nudge: Notify,
}

#[derive(Clone)]
enum Progress<T> {
    Working,
    Done(T),
    /// Over without an outcome, or given up.
    Ended,
}

struct Pulse {
    /// When the work was polled last.
    heard: Instant,
    /// When it was nudged, unless it was polled since.
    nudged: Option<Instant>,
}

/// One caller's place: it gets the outcome.
pub struct Waiter<K: Clone + Eq + Hash, T, G = ()> {
    flights: Arc<Flights<K, T, G>>,
    key: K,
    number: u64,
    link: Arc<Link<T>>,
}

/// The duty to bring the outcome.
pub struct Completer<K: Clone + Eq + Hash, T, G = ()> {
    flights: Arc<Flights<K, T, G>>,
    key: K,
    number: u64,
    link: Arc<Link<T>>,
}

/// What joining a flight gives; the completer if it was opened.
pub type Joined<K, T, G> = (Waiter<K, T, G>, Option<Completer<K, T, G>>);

/// The work of a flight panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add")]
pub struct Panicked;

impl<K: Clone + Eq + Hash, T: Clone, G> Flights<K, T, G> {
    /// None yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            map: Mutex::default(),
            next: AtomicU64::new(0),
        })
    }

    /// Joins the flight of `key`, or opens one: then the completer comes with it.
    pub fn join(self: &Arc<Self>, key: K, tag: G) -> Joined<K, T, G> {
        let mut map = lock(&self.map);
        match self.joined(&mut map, &key) {
            Some(waiter) => (waiter, None),
            None => self.open(&mut map, key, tag),
        }
    }

    /// The same, but a flight is opened only if fewer than `most` with this tag are under
    /// way; else `None`.
    pub fn join_if_fewer(self: &Arc<Self>, key: K, tag: G, most: usize) -> Option<Joined<K, T, G>>
    where
        G: PartialEq,
    {
        let mut map = lock(&self.map);
        if let Some(waiter) = self.joined(&mut map, &key) {
            return Some((waiter, None));
        }
        // Fewer altogether are fewer with this tag.
        if map.len() >= most && map.values().filter(|flight| flight.tag == tag).count() >= most {
            return None;
        }
        Some(self.open(&mut map, key, tag))
    }

    /// A place on the flight of `key`, if it is under way.
    pub fn waiter(self: &Arc<Self>, key: &K) -> Option<Waiter<K, T, G>> {
        self.joined(&mut lock(&self.map), key)
    }

    /// How many are under way.
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.map).len()
    }

    /// Whether none is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes flights off the map: those who come later open others, and those who wait keep
    /// waiting for their outcome.
    pub fn detach(&self, which: impl Fn(&K, &G) -> bool) {
        lock(&self.map).retain(|key, flight| !which(key, &flight.tag));
    }

    fn joined(
        self: &Arc<Self>,
        map: &mut HashMap<K, Flight<T, G>>,
        key: &K,
    ) -> Option<Waiter<K, T, G>> {
        let flight = map.get(key)?;
        if flight.link.is_driven() {
            return Some(Waiter {
                flights: Arc::clone(self),
                key: key.clone(),
                number: flight.number,
                link: Arc::clone(&flight.link),
            });
        }
        flight.link.end();
        map.remove(key);
        None
    }

    fn open(
        self: &Arc<Self>,
        map: &mut HashMap<K, Flight<T, G>>,
        key: K,
        tag: G,
    ) -> Joined<K, T, G> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let link = Arc::new(Link {
            progress: watch::Sender::new(Progress::Working),
            pulse: Mutex::new(Pulse {
                heard: Instant::now(),
                nudged: None,
            }),
            nudge: Notify::new(),
        });
        let flight = Flight {
            number,
            tag,
            link: Arc::clone(&link),
        };
        map.insert(key.clone(), flight);
        let waiter = Waiter {
            flights: Arc::clone(self),
            key: key.clone(),
            number,
            link: Arc::clone(&link),
        };
        let completer = Completer {
            flights: Arc::clone(self),
            key,
            number,
            link,
        };
        (waiter, Some(completer))
    }
}

impl<K: Clone + Eq + Hash, T, G> Flights<K, T, G> {
    /// Takes a flight off the map, unless the key has another one by now.
    fn remove(&self, map: &mut HashMap<K, Flight<T, G>>, key: &K, number: u64) -> bool {
        let current = map.get(key).is_some_and(|flight| flight.number == number);
        if current {
            map.remove(key);
        }
        current
    }
}

impl<T> Link<T> {
    /// Whether the work answers; one that was not heard of for some time is nudged.
    fn is_driven(&self) -> bool {
        let mut pulse = lock(&self.pulse);
        match pulse.nudged {
            Some(nudged) => nudged.elapsed() < SILENCE,
            None if pulse.heard.elapsed() < NUDGE => true,
            None => {
                pulse.nudged = Some(Instant::now());
                self.nudge.notify_one();
                true
            }
        }
    }

    fn hear(&self) {
        let mut pulse = lock(&self.pulse);
        pulse.heard = Instant::now();
        pulse.nudged = None;
    }

    /// Over without an outcome, unless there is one.
    fn end(&self) {
        self.progress.send_if_modified(|progress| {
            let works = matches!(progress, Progress::Working);
            if works {
                *progress = Progress::Ended;
            }
            works
        });
    }
}

impl<K: Clone + Eq + Hash, T: Clone, G> Waiter<K, T, G> {
    /// The outcome; `None` when the flight ended without one or was given up.
    ///
    /// # Panics
    ///
    /// In a runtime without timers.
    pub async fn wait(self) -> Option<T> {
        let mut progress = self.link.progress.subscribe();
        loop {
            match tokio::time::timeout(NUDGE, over(&mut progress)).await {
                Ok(outcome) => return outcome,
                Err(_) if self.link.is_driven() => {}
                Err(_) => {
                    let mut map = lock(&self.flights.map);
                    self.flights.remove(&mut map, &self.key, self.number);
                    self.link.end();
                }
            }
        }
    }

    /// The same in any runtime, with or without timers: work that is no longer driven is
    /// given up only as another one joins.
    pub async fn wait_without_timer(self) -> Option<T> {
        over(&mut self.link.progress.subscribe()).await
    }
}

/// How a flight ends.
async fn over<T: Clone>(progress: &mut watch::Receiver<Progress<T>>) -> Option<T> {
    let over = progress.wait_for(|progress| !matches!(progress, Progress::Working));
    match &*over.await.ok()? {
        Progress::Done(outcome) => Some(outcome.clone()),
        Progress::Working | Progress::Ended => None,
    }
}

impl<K: Clone + Eq + Hash, T: Clone, G> Completer<K, T, G> {
    /// Runs the work, answers nudges meanwhile, and survives a panic of it.
    ///
    /// # Errors
    ///
    /// [`Panicked`].
    pub async fn drive<O>(&self, work: impl Future<Output = O>) -> Result<O, Panicked> {
        let mut work = pin!(work);
        let mut nudged = pin!(self.link.nudge.notified());
        poll_fn(|context| {
            self.link.hear();
            while nudged.as_mut().poll(context).is_ready() {
                nudged.set(self.link.nudge.notified());
            }
            // Nothing of the future is used again after it panicked.
            match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
                Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
                Ok(Poll::Pending) => Poll::Pending,
                Err(_) => Poll::Ready(Err(Panicked)),
            }
        })
        .await
    }

    /// Brings the outcome. The flight leaves the map first: who joins from now on looks for
    /// what was kept of the outcome before opening another.
    pub fn complete(self, outcome: T) {
        self.complete_with(|_| outcome);
    }

    /// The same, with an outcome that is made while the map is locked; `settle` learns
    /// whether the flight was still on it, so whether the outcome may be kept. It must not
    /// use the flights.
    pub fn complete_with(self, settle: impl FnOnce(bool) -> T) {
        let mut map = lock(&self.flights.map);
        let current = self.flights.remove(&mut map, &self.key, self.number);
        let outcome = settle(current);
        drop(map);
        self.link.progress.send_replace(Progress::Done(outcome));
    }
}

impl<K: Clone + Eq + Hash, T, G> Drop for Completer<K, T, G> {
    fn drop(&mut self) {
        let mut map = lock(&self.flights.map);
        self.flights.remove(&mut map, &self.key, self.number);
        drop(map);
        self.link.end();
    }
}

impl<K, T, G> fmt::Debug for Flights<K, T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights")
            .field("under_way", &lock(&self.map).len())
            .finish_non_exhaustive()
    }
}

impl<K: Clone + Eq + Hash, T, G> fmt::Debug for Waiter<K, T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("flight", &self.number)
            .finish_non_exhaustive()
    }
}

impl<K: Clone + Eq + Hash, T, G> fmt::Debug for Completer<K, T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completer")
            .field("flight", &self.number)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
