//! One flight per key: concurrent identical requests share one answer.
//!
//! The work runs in its own task, which holds a [`Landing`]. Whoever waits holds a
//! [`Seat`]. A waiter that goes away changes nothing. A task that ends without an answer
//! (a panic, a runtime shut down) takes its flight off the map as its landing is dropped,
//! and its waiters learn that and start again. A task that nobody drives any more (its
//! runtime exists and stands still) gives no sign, and is given up; how long the work takes
//! does not matter. Answers, failures too, go to those who wait now; nobody who comes later
//! sees them here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entra_claims::PrincipalKey;
use tokio::sync::watch;

use super::Key;
use crate::sync::lock;

/// Work gives a sign so often.
pub(crate) const SIGN_EVERY: Duration = Duration::from_secs(5);

/// Without a sign for so long nobody drives the work any more.
const SILENCE: Duration = Duration::from_secs(25);

#[derive(Debug)]
pub(crate) struct Flights<T> {
    map: Mutex<HashMap<Key, Flight<T>>>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Flight<T> {
    number: u64,
    owner: Option<PrincipalKey>,
    answer: watch::Receiver<Sign<T>>,
}

#[derive(Clone, Debug)]
enum Sign<T> {
    Works,
    Landed(T),
}

/// A place among those who wait.
#[derive(Debug)]
pub(crate) struct Seat<T> {
    flights: Arc<Flights<T>>,
    key: Key,
    number: u64,
    answer: watch::Receiver<Sign<T>>,
}

/// The duty to bring an answer.
#[derive(Debug)]
pub(crate) struct Landing<T> {
    flights: Arc<Flights<T>>,
    key: Key,
    number: u64,
    answer: watch::Sender<Sign<T>>,
}

impl<T: Clone> Flights<T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            map: Mutex::default(),
            next: AtomicU64::new(0),
        })
    }

    /// Joins the flight of `key`, or opens one: then the landing is there too.
    pub(crate) fn board(
        self: &Arc<Self>,
        key: Key,
        owner: Option<PrincipalKey>,
    ) -> (Seat<T>, Option<Landing<T>>) {
        let mut map = lock(&self.map);
        if let Some(flight) = map.get(&key) {
            return (self.seat(key, flight.number, flight.answer.clone()), None);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = watch::channel(Sign::Works);
        let flight = Flight {
            number,
            owner,
            answer: answer.clone(),
        };
        map.insert(key, flight);
        let landing = Landing {
            flights: Arc::clone(self),
            key,
            number,
            answer: sender,
        };
        (self.seat(key, number, answer), Some(landing))
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.map).len()
    }

    /// Those who come later start anew; those who wait keep waiting for their answer.
    pub(crate) fn part(&self, leave: impl Fn(Option<PrincipalKey>) -> bool) {
        lock(&self.map).retain(|_, flight| !leave(flight.owner));
    }

    fn seat(self: &Arc<Self>, key: Key, number: u64, answer: watch::Receiver<Sign<T>>) -> Seat<T> {
        Seat {
            flights: Arc::clone(self),
            key,
            number,
            answer,
        }
    }

    /// Takes a flight off the map, unless the key has another one by now.
    fn remove(&self, key: &Key, number: u64) {
        let mut map = lock(&self.map);
        if map.get(key).is_some_and(|flight| flight.number == number) {
            map.remove(key);
        }
    }
}

impl<T: Clone> Seat<T> {
    /// The answer; `None` when the flight ended without one.
    pub(crate) async fn wait(mut self) -> Option<T> {
        loop {
            if let Sign::Landed(answer) = &*self.answer.borrow_and_update() {
                return Some(answer.clone());
            }
            match tokio::time::timeout(SILENCE, self.answer.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => {
                    self.flights.remove(&self.key, self.number);
                    return None;
                }
            }
        }
    }
}

impl<T> Landing<T> {
    /// Brings the answer. The flight leaves the map first: whoever boards from now on
    /// looks into the cache before starting another.
    pub(crate) fn land(self, answer: T)
    where
        T: Clone,
    {
        self.flights.remove(&self.key, self.number);
        self.answer.send_replace(Sign::Landed(answer));
    }

    /// Tells those who wait that the work goes on.
    pub(crate) fn sign(&self) {
        self.answer.send_replace(Sign::Works);
    }
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        let mut map = lock(&self.flights.map);
        if map
            .get(&self.key)
            .is_some_and(|flight| flight.number == self.number)
        {
            map.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::key::tests::key;
    use foundry_scopes::{ObjectId, TenantId};

    const USER: Option<PrincipalKey> = Some(PrincipalKey {
        tenant: TenantId::from_u128(1),
        object: ObjectId::from_u128(2),
    });

    #[tokio::test]
    async fn everyone_on_board_gets_the_answer_and_the_map_is_empty() {
        let flights = Flights::new();
        let (leader, landing) = flights.board(key(1), USER);
        let (follower, second) = flights.board(key(1), USER);
        assert!(second.is_none());
        assert_eq!(flights.len(), 1);
        landing.unwrap().land(7);
        assert_eq!(flights.len(), 0);
        assert_eq!(leader.wait().await, Some(7));
        assert_eq!(follower.wait().await, Some(7));
        assert!(
            flights.board(key(1), USER).1.is_some(),
            "answers are not kept"
        );
    }

    #[tokio::test]
    async fn a_flight_that_ends_without_an_answer_says_so_and_leaves_the_map() {
        let flights = Flights::<u8>::new();
        let (seat, landing) = flights.board(key(1), USER);
        drop(landing);
        assert_eq!(flights.len(), 0);
        assert_eq!(seat.wait().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flight_that_never_ends_is_given_up_and_does_not_hurt_its_successor() {
        let flights = Flights::new();
        let (seat, stuck) = flights.board(key(1), USER);
        assert_eq!(seat.wait().await, None);
        assert_eq!(flights.len(), 0);
        let (seat, landing) = flights.board(key(1), USER);
        drop(stuck);
        assert_eq!(flights.len(), 1, "the old flight removed the new one");
        landing.unwrap().land(8);
        assert_eq!(seat.wait().await, Some(8));
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_gives_signs_is_waited_for_however_long_it_takes() {
        let flights = Flights::new();
        let (seat, landing) = flights.board(key(1), USER);
        let landing = landing.unwrap();
        tokio::spawn(async move {
            for _ in 0..100 {
                tokio::time::sleep(SILENCE - Duration::from_millis(1)).await;
                landing.sign();
            }
            landing.land(7);
        });
        assert_eq!(seat.wait().await, Some(7));
        assert_eq!(flights.len(), 0);
    }

    #[tokio::test]
    async fn a_parted_flight_still_answers_those_on_board() {
        let flights = Flights::new();
        let (seat, landing) = flights.board(key(1), USER);
        flights.part(|owner| owner == USER);
        assert!(flights.board(key(1), USER).1.is_some());
        landing.unwrap().land(9);
        assert_eq!(seat.wait().await, Some(9));
    }
}
