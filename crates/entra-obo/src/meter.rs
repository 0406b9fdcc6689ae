//! Counters, statistics and metrics: `Stats` for the application, and the `metrics` facade
//! where the feature of that name is on.
//!
//! Labels have few values: none of them comes from a token, a user or a tenant. The crate's
//! page lists the names.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use entra_claims::transport::TransportError;
use http::Response;

/// The cache in memory was asked: `hit`, `due` (served, and a refresh begins) or `miss`.
pub(crate) fn cache(flow: &'static str, outcome: &'static str) {
    count(
        "entra_obo_cache_total",
        &[("flow", flow), ("outcome", outcome)],
    );
}

/// The shared store was asked.
pub(crate) fn shared_store(outcome: &'static str) {
    count("entra_obo_shared_store_total", &[("outcome", outcome)]);
}

/// A call waits for another call's request.
pub(crate) fn coalesced(flow: &'static str) {
    count("entra_obo_coalesced_total", &[("flow", flow)]);
}

/// A refresh ahead of expiry begins.
pub(crate) fn refresh(flow: &'static str) {
    count("entra_obo_refreshes_total", &[("flow", flow)]);
}

/// A call was refused because the endpoint had asked for patience.
pub(crate) fn throttled(flow: &'static str) {
    count("entra_obo_throttled_total", &[("flow", flow)]);
}

/// A request to the endpoint ended, as [`status`] says it.
pub(crate) fn request(flow: &'static str, status: &'static str) {
    count(
        "entra_obo_requests_total",
        &[("flow", flow), ("status", status)],
    );
}

/// All that it took to get a token, or not to get one: `ok`, or the kind of the error.
pub(crate) fn exchange(flow: &'static str, outcome: &'static str, took: Duration) {
    let labels = &[("flow", flow), ("outcome", outcome)];
    count("entra_obo_exchanges_total", labels);
    #[cfg(feature = "metrics")]
    metrics::histogram!("entra_obo_exchange_seconds", labels).record(took);
    #[cfg(not(feature = "metrics"))]
    let _ = took;
}

/// An API refused a token: for want of `claims`, or as `invalid_token`.
#[cfg(any(feature = "tower", feature = "reqwest"))]
pub(crate) fn refused_by_api(reason: &'static str, outcome: &'static str) {
    count(
        "entra_obo_api_refusals_total",
        &[("reason", reason), ("outcome", outcome)],
    );
}

/// How a request ended, in few words.
pub(crate) fn status<B>(answer: &Result<Response<B>, TransportError>) -> &'static str {
    match answer {
        Ok(response) => match response.status().as_u16() {
            429 => "429",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        },
        Err(TransportError::Timeout) => "timeout",
        Err(_) => "unreachable",
    }
}

#[cfg(feature = "metrics")]
fn count(name: &'static str, labels: &[(&'static str, &'static str)]) {
    metrics::counter!(name, labels).increment(1);
}

#[cfg(not(feature = "metrics"))]
fn count(_: &'static str, _: &[(&'static str, &'static str)]) {}

/// Figures of a client since it was made, for metrics. Clients of
/// [`for_tenant`](crate::ExchangeClient::for_tenant) count together.
///
/// ```
/// use entra_obo::Stats;
///
/// fn hit_ratio(stats: &Stats) -> f64 {
///     stats.hits as f64 / (stats.hits + stats.misses).max(1) as f64
/// }
/// assert_eq!(hit_ratio(&Stats::default()), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Tokens held now.
    pub entries: usize,
    /// About how many bytes they take.
    pub bytes: usize,
    /// Requests to the endpoint under way now.
    pub in_flight: usize,
    /// Calls answered from the cache.
    pub hits: u64,
    /// Calls that found nothing usable in the cache.
    pub misses: u64,
    /// Entries given up for room.
    pub evictions: u64,
    /// Requests sent to the endpoint, repetitions included.
    pub requests: u64,
    /// Calls that waited for another call's request.
    pub coalesced: u64,
    /// Refreshes started ahead of expiry.
    pub refreshes: u64,
    /// Calls refused because the endpoint had asked for patience.
    pub throttled: u64,
    /// Look-ups that found a token in the shared store.
    pub remote_hits: u64,
    /// Look-ups that found none there.
    pub remote_misses: u64,
    /// Values of the shared store that were not sealed for what was asked for: of another
    /// name, changed, cut, or of unknown keys. More than a few mean a store that mixes up its
    /// replies, or an attack.
    pub remote_rejected: u64,
    /// Calls of the shared store that failed or took too long.
    pub remote_failures: u64,
    /// Calls that went on without the shared store, while it was left out after failures.
    pub remote_left_out: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: Counter,
    pub(crate) coalesced: Counter,
    pub(crate) refreshes: Counter,
    pub(crate) throttled: Counter,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
