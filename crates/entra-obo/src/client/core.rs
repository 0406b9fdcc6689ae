//! What all views of one client share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entra_claims::transport::HttpTransport;
use entra_claims::{Clock, PrincipalKey};
use foundry_scopes::ClientId;
use time::OffsetDateTime;

use crate::cache::flight::Flights;
use crate::cache::{Cache, Limits, Now};
use crate::stats::Counters;
use crate::throttle::Throttle;
use crate::{AccessToken, ClientCredential, ExchangeError, Stats};

pub(super) type Answer = Result<AccessToken, ExchangeError>;

pub(super) struct Parts {
    pub(super) client: ClientId,
    pub(super) credential: ClientCredential,
    pub(super) capabilities: Vec<String>,
    pub(super) limits: Limits,
    pub(super) transport: Arc<dyn HttpTransport>,
    pub(super) clock: Arc<dyn Clock>,
}

pub(super) struct Core {
    pub(super) parts: Parts,
    pub(super) cache: Cache,
    pub(super) flights: Arc<Flights<Answer>>,
    pub(super) throttle: Throttle,
    pub(super) counters: Counters,
}

impl Core {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            cache: Cache::new(parts.limits),
            parts,
            flights: Flights::new(),
            throttle: Throttle::default(),
            counters: Counters::default(),
        }
    }

    pub(super) fn now(&self) -> Now {
        Now::of(&*self.parts.clock)
    }

    pub(super) fn forget(&self, user: PrincipalKey) {
        self.cache.forget(user);
        self.flights.part(|owner| owner == user);
    }

    pub(super) fn clear(&self) {
        self.cache.clear();
        self.flights.part(|_| true);
    }

    pub(super) fn stats(&self) -> Stats {
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

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("client", &self.parts.client)
            .field("credential", &self.parts.credential)
            .field("limits", &self.parts.limits)
            .finish_non_exhaustive()
    }
}

/// A point in time after `now`, for messages and `Retry-After`.
pub(super) fn after(now: Now, wait: Duration) -> OffsetDateTime {
    let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
    unix(now.wall.saturating_add(seconds))
}

pub(super) fn unix(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
