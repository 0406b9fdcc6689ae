//! What the client did so far, in figures.

use std::sync::atomic::{AtomicU64, Ordering};

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
    /// replies, or somebody who tries.
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
