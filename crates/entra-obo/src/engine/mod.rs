//! Engine of all token flows: cache, shared store, single flight, throttling, statistics, clock.
//!
//! A flow says what a token is found by ([`Call::key`]) and how it is asked for ([`Work`]).
//! Everything that must hold for all flows is here, once.

mod call;
mod challenged;
mod task;

pub(crate) use call::{Call, Work};
pub(crate) use task::TokenResponse;

use std::sync::Arc;
use std::time::Duration;

use entra_claims::transport::{HttpTransport, TransportError};
use entra_claims::{Clock, PrincipalKey};
use entra_parts::flight::{Completer, Flights};
use http::{Request, Response};
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tracing::Instrument as _;

use crate::cache::{Cache, CacheLimits, Key, Now};
use crate::error::ExchangeError;
use crate::meter;
use crate::meter::{Counters, Stats};
use crate::store::{SharedCache, StoreCounters, StoreError};
use crate::throttle::{Throttle, ThrottleKey, ThrottleScope};
use crate::token::AccessToken;
use challenged::Challenged;

pub(crate) type Answer = Result<AccessToken, ExchangeError>;

/// The duty to bring an answer to all who wait for it.
type AnswerCompleter = Completer<Key, Answer, Option<PrincipalKey>>;

/// So many different challenges of one application's downstream are answered in 60 s.
const CHALLENGES_PER_ENTRY: usize = 8;

#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) cache: Cache,
    pub(crate) counters: Counters,
    /// Tokens of applications that were asked for with claims, each in an entry of its own.
    pub(crate) challenged: Challenged,
    /// Entries of applications that were replaced, since the API itself asked for claims.
    pub(crate) replaced: Challenged,
    shared: Option<Arc<SharedCache>>,
    flights: Arc<Flights<Key, Answer, Option<PrincipalKey>>>,
    throttle: Throttle,
    throttle_scope: ThrottleScope,
    clock: Arc<dyn Clock>,
}

impl Engine {
    pub(crate) fn new(
        limits: CacheLimits,
        throttle_scope: ThrottleScope,
        clock: Arc<dyn Clock>,
        shared: Option<SharedCache>,
    ) -> Self {
        Self {
            cache: Cache::new(limits),
            counters: Counters::default(),
            challenged: Challenged::new(CHALLENGES_PER_ENTRY),
            replaced: Challenged::new(1),
            shared: shared.map(Arc::new),
            flights: Flights::new(),
            throttle: Throttle::default(),
            throttle_scope,
            clock,
        }
    }

    pub(crate) fn now(&self) -> Now {
        Now::of(&*self.clock)
    }

    /// Here at once, whatever becomes of the rest; then in the shared store, by a task that
    /// goes on if the caller does not wait.
    pub(crate) async fn forget(&self, user: PrincipalKey) -> Result<(), StoreError> {
        self.cache.forget(user);
        self.flights.detach(|_, owner| *owner == Some(user));
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        shared.remember_forgotten(user, self.now());
        let shared = Arc::clone(shared);
        let runtime = Handle::try_current()
            .map_err(|_| StoreError::failed("it is asked from outside of a tokio runtime"))?;
        match runtime
            .spawn(async move { shared.forget(user).await })
            .await
        {
            Ok(forgotten) => forgotten.map(drop),
            Err(_) => Err(StoreError::failed("the task was interrupted")),
        }
    }

    /// # Errors
    ///
    /// [`ErrorKind::Throttled`](crate::ErrorKind::Throttled), which is counted.
    fn not_throttled(
        &self,
        who: &ThrottleKey,
        flow: &'static str,
        now: Now,
    ) -> Result<(), ExchangeError> {
        let Some(left) = self.throttle.remaining(who, now) else {
            return Ok(());
        };
        self.counters.throttled.count();
        meter::throttled(flow);
        let until = after(now, left);
        Err(ExchangeError::throttled(until))
    }

    pub(crate) fn clear(&self) {
        self.cache.clear();
        self.challenged.clear();
        self.replaced.clear();
        self.flights.detach(|_, _| true);
    }

    pub(crate) fn stats(&self) -> Stats {
        let cache = self.cache.figures();
        let none = StoreCounters::default();
        let remote = self.shared.as_deref().map_or(&none, SharedCache::counters);
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
            remote_hits: remote.hits.get(),
            remote_misses: remote.misses.get(),
            remote_rejected: remote.rejected.get(),
            remote_failures: remote.failures.get(),
            remote_left_out: remote.left_out.get(),
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

#[cfg(test)]
mod tests;

impl Engine {
    /// `id` is the `client-request-id`, where the endpoint takes one.
    pub(crate) async fn send(
        &self,
        transport: &dyn HttpTransport,
        request: Request<Vec<u8>>,
        flow: &'static str,
        id: Option<&str>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        self.counters.requests.count();
        let span = tracing::info_span!(
            "token_request",
            client_request_id = id,
            status = tracing::field::Empty,
        );
        let answer = transport.send(request);
        let answer = answer.instrument(span.clone()).await;
        let status = meter::status(&answer);
        span.record("status", status);
        meter::request(flow, status);
        answer
    }
}
