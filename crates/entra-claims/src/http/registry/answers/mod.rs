//! Bounded cache of a tenant registry's answers: known tenants apart from the others, so that no
//! number of strangers takes their place.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use entra_parts::bounded::{BoundedMap, FOREVER};
use entra_parts::lock::lock;
use foundry_scopes::TenantId;

use super::TenantCacheLimits;

const SHARDS: usize = 16;
/// The pause after a failure, doubling from the one to the other.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What can be said of a tenant without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CachedAnswer {
    /// Admitted; whether its answer should be renewed soon.
    Known { due: bool },
    /// Denied.
    Unknown,
    /// Asking failed a moment ago; until the next try.
    Unreachable(Duration),
    /// Nothing: the registry must be asked; whether the tenant was known before.
    Ask { known_before: bool },
}

/// All answers, by tenant.
pub(super) struct Answers {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    limits: TenantCacheLimits,
}

struct Shard {
    known: BoundedMap<TenantId, Known>,
    strangers: BoundedMap<TenantId, Stranger>,
}

/// A tenant that the registry knew when it was last asked.
#[derive(Clone, Copy)]
struct Known {
    asked: Duration,
    failed: Failures,
}

/// One that it did not know, or was never asked about with success.
#[derive(Clone, Copy)]
enum Stranger {
    Unknown { until: Duration },
    Unasked(Failures),
}

#[derive(Clone, Copy, Default)]
struct Failures {
    count: u32,
    retry_at: Duration,
}

impl Failures {
    fn one_more(self, now: Duration) -> Self {
        let pause = FIRST_PAUSE * (1 << self.count.min(5));
        Self {
            count: self.count.saturating_add(1),
            retry_at: now + pause.min(LONGEST_PAUSE),
        }
    }
}

impl Answers {
    pub(super) fn new(limits: TenantCacheLimits) -> Self {
        let most = limits.tenants.div_ceil(SHARDS);
        let shard = || {
            Mutex::new(Shard {
                known: BoundedMap::new(most),
                strangers: BoundedMap::new(most),
            })
        };
        Self {
            shards: std::array::from_fn(|_| shard()),
            hasher: RandomState::new(),
            limits,
        }
    }

    /// What is at answer at this monotonic time.
    pub(super) fn cached(&self, tenant: TenantId, now: Duration) -> CachedAnswer {
        let mut shard = self.shard(tenant);
        if let Some(known) = shard.known.touch(&tenant, now) {
            let age = now.saturating_sub(known.asked);
            let paused = now < known.failed.retry_at;
            if age < self.limits.known_for {
                let due = age >= self.limits.known_for * 4 / 5 && !paused;
                return CachedAnswer::Known { due };
            }
            if paused {
                return match age < self.limits.known_for + self.limits.stale_for {
                    true => CachedAnswer::Known { due: false },
                    false => CachedAnswer::Unreachable(known.failed.retry_at - now),
                };
            }
            return CachedAnswer::Ask { known_before: true };
        }
        match shard.strangers.touch(&tenant, now) {
            Some(Stranger::Unknown { until }) if now < *until => CachedAnswer::Unknown,
            Some(Stranger::Unasked(failed)) if now < failed.retry_at => {
                CachedAnswer::Unreachable(failed.retry_at - now)
            }
            _ => CachedAnswer::Ask {
                known_before: false,
            },
        }
    }

    /// The registry answered.
    pub(super) fn answered(&self, tenant: TenantId, known: bool, now: Duration) {
        let mut shard = self.shard(tenant);
        shard.forget(tenant);
        if known {
            let failed = Failures::default();
            let known = Known { asked: now, failed };
            shard.known.insert(tenant, known, FOREVER, now);
        } else {
            let until = now + self.limits.unknown_for;
            let stranger = Stranger::Unknown { until };
            shard.strangers.insert(tenant, stranger, FOREVER, now);
        }
    }

    /// It did not. What is at answer then is the answer, and never a denial.
    pub(super) fn failed(&self, tenant: TenantId, now: Duration) -> CachedAnswer {
        let mut shard = self.shard(tenant);
        if let Some(known) = shard.known.touch(&tenant, now) {
            known.failed = known.failed.one_more(now);
        } else {
            let before = match shard.strangers.get(&tenant, now) {
                Some(Stranger::Unasked(failures)) => *failures,
                _ => Failures::default(),
            };
            let failures = Stranger::Unasked(before.one_more(now));
            shard.strangers.insert(tenant, failures, FOREVER, now);
        }
        drop(shard);
        self.cached(tenant, now)
    }

    pub(super) fn forget(&self, tenant: TenantId) {
        self.shard(tenant).forget(tenant);
    }

    /// Known tenants, and others.
    #[cfg(test)]
    pub(super) fn counts(&self) -> (usize, usize) {
        self.shards.iter().fold((0, 0), |(known, others), shard| {
            let shard = shard.lock().unwrap();
            (known + shard.known.len(), others + shard.strangers.len())
        })
    }

    fn shard(&self, tenant: TenantId) -> MutexGuard<'_, Shard> {
        // Randomly keyed, so that nobody can pick tenants that meet in one shard.
        let place = self.hasher.hash_one(tenant) as usize % SHARDS;
        let [first, ..] = &self.shards;
        let shard = self.shards.get(place).unwrap_or(first);
        lock(shard)
    }
}

impl Shard {
    fn forget(&mut self, tenant: TenantId) {
        self.known.remove(&tenant);
        self.strangers.remove(&tenant);
    }
}

#[cfg(test)]
mod tests;
