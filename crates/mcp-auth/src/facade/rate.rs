//! Rate limit of token requests that the facade forwards: of this process, and of all instances.

use std::sync::Mutex;
use std::time::Duration;

use entra_claims::{Clock as _, SystemClock};
use entra_parts::lock::lock;
use entra_parts::seal::Binding;
use entra_parts::store::SharedSpace;
use tokio::time::Instant;

use crate::resource::FacadeLimits;

/// The limit in force: the generic cell rate algorithm (ITU-T I.371), one point in time.
pub(super) struct Limiter {
    interval: Duration,
    tolerance: Duration,
    /// When the next request would come if all came evenly.
    due: Mutex<Instant>,
    fleet: Option<Fleet>,
}

/// The requests of all instances, counted in windows.
struct Fleet {
    space: SharedSpace,
    /// The facade's issuer: several may share a store.
    facade: String,
    /// How many a window takes.
    most: u64,
}

/// Long enough that an addition per request is all that the store has to do.
const WINDOW: Duration = Duration::from_secs(10);

impl Limiter {
    pub(super) fn new(limits: FacadeLimits, shared: Option<(&SharedSpace, String)>) -> Self {
        // Zero does not pass the builder of the resource.
        let interval = Duration::from_secs(1) / limits.requests_per_second().max(1);
        Self {
            interval,
            tolerance: interval * limits.burst().saturating_sub(1),
            due: Mutex::new(Instant::now()),
            fleet: shared.map(|(space, facade)| Fleet {
                space: space.clone(),
                facade,
                most: u64::from(limits.requests_per_second().max(1))
                    .saturating_mul(WINDOW.as_secs())
                    .max(u64::from(limits.burst())),
            }),
        }
    }

    /// Takes one request in, or says when to come again. While the store does not answer, only the
    /// requests of this process count.
    pub(super) async fn take(&self) -> Result<(), Duration> {
        self.take_here()?;
        match &self.fleet {
            Some(fleet) => fleet.take().await,
            None => Ok(()),
        }
    }

    fn take_here(&self) -> Result<(), Duration> {
        let now = Instant::now();
        let mut due = lock(&self.due);
        let next = (*due).max(now);
        let ahead = next.duration_since(now);
        if ahead > self.tolerance {
            return Err(ahead - self.tolerance);
        }
        *due = next + self.interval;
        Ok(())
    }
}

impl Fleet {
    async fn take(&self) -> Result<(), Duration> {
        let now = SystemClock::new().wall().unsigned_abs();
        let (window, passed) = (now / WINDOW.as_secs(), now % WINDOW.as_secs());
        let place = Binding::new("window")
            .and(&self.facade)
            .and(window.to_be_bytes());
        match self.space.add(&place, 1, WINDOW * 2).await {
            Ok(sum) if sum > self.most => Err(WINDOW - Duration::from_secs(passed)),
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::debug!(target: "mcp_auth::facade", %error, "requests of other instances are not counted");
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::{MemoryStore, SealingKeys, SharedTier};

    fn limiter(per_second: u32, burst: u32) -> Limiter {
        let limits = FacadeLimits::default();
        Limiter::new(
            limits
                .with_requests_per_second(per_second)
                .with_burst(burst),
            None,
        )
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_at_once_and_then_so_many_each_second() {
        let limiter = limiter(10, 5);
        for _ in 0..5 {
            assert_eq!(limiter.take_here(), Ok(()));
        }
        assert_eq!(limiter.take_here(), Err(Duration::from_millis(100)));
        tokio::time::advance(Duration::from_millis(99)).await;
        assert!(limiter.take_here().is_err());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(limiter.take_here(), Ok(()));
        assert!(limiter.take_here().is_err());
        // What was refused does not count.
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!((0..100).filter(|_| limiter.take_here().is_ok()).count(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn the_largest_and_the_smallest_limits_are_limits() {
        let wide = limiter(u32::MAX, u32::MAX);
        assert!((0..1000).all(|_| wide.take_here().is_ok()));
        let slow = limiter(1, 1);
        assert!(slow.take_here().is_ok() && slow.take_here().is_err());
    }

    /// Two instances with one budget: what one takes, the other has not.
    #[tokio::test]
    async fn instances_share_a_budget() {
        let tier = SharedTier::new(MemoryStore::default(), SealingKeys::random().unwrap());
        let space = tier.space("test").unwrap();
        let limits = FacadeLimits::default()
            .with_requests_per_second(1)
            .with_burst(1_000);
        let of = |facade: &str| Limiter::new(limits, Some((&space, facade.to_owned())));
        let instances = [of("a"), of("a")];
        let mut taken = 0;
        for n in 0..2_100 {
            taken += usize::from(instances[n % 2].take().await.is_ok());
        }
        // A window may end in between.
        assert!(taken == 1_000 || taken >= 1_050, "{taken}");
        assert_eq!(of("b").take().await, Ok(()));
    }
}
