//! Rate limit of token requests that the facade forwards.

use std::sync::Mutex;
use std::time::Duration;

use entra_parts::lock::lock;
use tokio::time::Instant;

use crate::resource::FacadeLimits;

/// The limit in force: the generic cell rate algorithm (ITU-T I.371), one point in time.
pub(super) struct Limiter {
    interval: Duration,
    tolerance: Duration,
    /// When the next request would come if all came evenly.
    due: Mutex<Instant>,
}

impl Limiter {
    pub(super) fn new(limits: FacadeLimits) -> Self {
        // Zero does not pass the builder of the resource.
        let interval = Duration::from_secs(1) / limits.requests_per_second().max(1);
        Self {
            interval,
            tolerance: interval * limits.burst().saturating_sub(1),
            due: Mutex::new(Instant::now()),
        }
    }

    /// Takes one request in, or says when to come again.
    pub(super) fn take(&self) -> Result<(), Duration> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(per_second: u32, burst: u32) -> Limiter {
        let limits = FacadeLimits::default();
        Limiter::new(
            limits
                .with_requests_per_second(per_second)
                .with_burst(burst),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_at_once_and_then_so_many_each_second() {
        let limiter = limiter(10, 5);
        for _ in 0..5 {
            assert_eq!(limiter.take(), Ok(()));
        }
        assert_eq!(limiter.take(), Err(Duration::from_millis(100)));
        tokio::time::advance(Duration::from_millis(99)).await;
        assert!(limiter.take().is_err());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(limiter.take(), Ok(()));
        assert!(limiter.take().is_err());
        // What was refused does not count.
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!((0..100).filter(|_| limiter.take().is_ok()).count(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn the_largest_and_the_smallest_limits_are_limits() {
        let wide = limiter(u32::MAX, u32::MAX);
        assert!((0..1000).all(|_| wide.take().is_ok()));
        let slow = limiter(1, 1);
        assert!(slow.take().is_ok() && slow.take().is_err());
    }
}
