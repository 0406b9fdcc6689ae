//! What every flow shares: the cache, the flights, who has to wait, the figures, the clock.
//!
//! A flow says what a token is found by ([`Call::key`]) and how it is asked for ([`Work`]).
//! Everything that must hold for all flows is here, once.

mod call;

use std::sync::Arc;
use std::time::Duration;

use entra_claims::{Clock, PrincipalKey};
use time::OffsetDateTime;

pub(crate) use call::{Call, Got, Work};

use crate::cache::flight::Flights;
use crate::cache::{Cache, Limits, Now};
use crate::stats::Counters;
use crate::throttle::Throttle;
use crate::{AccessToken, ExchangeError, Stats, ThrottleScope};

pub(crate) type Answer = Result<AccessToken, ExchangeError>;

#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) cache: Cache,
    pub(crate) counters: Counters,
    flights: Arc<Flights<Answer>>,
    throttle: Throttle,
    throttle_scope: ThrottleScope,
    clock: Arc<dyn Clock>,
}

impl Engine {
    pub(crate) fn new(
        limits: Limits,
        throttle_scope: ThrottleScope,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            cache: Cache::new(limits),
            counters: Counters::default(),
            flights: Flights::new(),
            throttle: Throttle::default(),
            throttle_scope,
            clock,
        }
    }

    pub(crate) fn now(&self) -> Now {
        Now::of(&*self.clock)
    }

    pub(crate) fn forget(&self, user: PrincipalKey) {
        self.cache.forget(user);
        self.flights.part(|owner| owner == Some(user));
    }

    pub(crate) fn clear(&self) {
        self.cache.clear();
        self.flights.part(|_| true);
    }

    pub(crate) fn stats(&self) -> Stats {
        let cache = self.cache.figures();
        Stats {
            entries: cache.entries,
            bytes: cache.bytes,
            in_flight: self.flights.len(),
            hits: cache.hits,
            misses: cache.misses,
            evictions: cache.evictions,
            requests: self.counters.requests.get(),
            coalesced: self.counters.coalesced.get(),
            refreshes: self.counters.refreshes.get(),
            throttled: self.counters.throttled.get(),
        }
    }
}

/// A point in time after `now`, for messages and `Retry-After`.
pub(crate) fn after(now: Now, wait: Duration) -> OffsetDateTime {
    let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
    unix(now.wall.saturating_add(seconds))
}

pub(crate) fn unix(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
