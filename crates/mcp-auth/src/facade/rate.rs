//! Rate limit of token requests that the facade forwards: of one client address, of this process, and of all instances.

use std::sync::Mutex;
use std::time::Duration;

use entra_claims::{Clock as _, SystemClock};
use entra_parts::bounded::BoundedMap;
use entra_parts::lock::lock;
use entra_parts::seal::Binding;
use entra_parts::store::SharedSpace;
use tokio::time::Instant;

use super::client_address::ClientAddress;
use crate::resource::FacadeLimits;

/// The limit in force: the generic cell rate algorithm (ITU-T I.371), one point in time.
pub(super) struct Limiter {
    total: Rate,
    /// Of one client address.
    share: Rate,
    due: Mutex<Due>,
    fleet: Option<Fleet>,
}

/// So many each second on the average, and so many at once.
#[derive(Clone, Copy)]
struct Rate {
    interval: Duration,
    tolerance: Duration,
}

/// When the next request would come if all came evenly.
struct Due {
    total: Duration,
    addresses: BoundedMap<ClientAddress, Duration>,
    start: Instant,
}

/// One address takes a quarter of the rate and of the burst at most.
const SHARE: u32 = 4;

/// So many addresses are told apart.
const ADDRESSES: usize = 10_000;

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
        let (each_second, burst) = (limits.requests_per_second(), limits.burst());
        Self {
            total: Rate::new(each_second, burst),
            share: Rate::new(each_second.div_ceil(SHARE), burst.div_ceil(SHARE)),
            due: Mutex::new(Due {
                total: Duration::ZERO,
                addresses: BoundedMap::new(ADDRESSES),
                start: Instant::now(),
            }),
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
    pub(super) async fn take(&self, client: Option<ClientAddress>) -> Result<(), Duration> {
        self.take_here(client)?;
        match &self.fleet {
            Some(fleet) => fleet.take().await,
            None => Ok(()),
        }
    }

    /// What is refused counts neither for the address nor for all.
    fn take_here(&self, client: Option<ClientAddress>) -> Result<(), Duration> {
        let mut due = lock(&self.due);
        let now = due.start.elapsed();
        let own = client.map(|client| {
            let due = due.addresses.get(&client, now).copied();
            (client, due.unwrap_or_default())
        });
        let own = match own {
            Some((client, due)) => Some((client, self.share.next(due, now)?)),
            None => None,
        };
        due.total = self.total.next(due.total, now)?;
        if let Some((client, next)) = own {
            // An address whose requests have all come due is like one that never came.
            due.addresses.insert(client, next, next, now);
        }
        Ok(())
    }
}

impl Rate {
    fn new(each_second: u32, burst: u32) -> Self {
        let interval = Duration::from_secs(1) / each_second.max(1);
        Self {
            interval,
            tolerance: interval * burst.saturating_sub(1),
        }
    }

    /// When the request after this one is due, or how long this one has to wait.
    fn next(self, due: Duration, now: Duration) -> Result<Duration, Duration> {
        let next = due.max(now);
        let ahead = next.saturating_sub(now);
        if ahead > self.tolerance {
            return Err(ahead - self.tolerance);
        }
        Ok(next + self.interval)
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
    use std::net::IpAddr;

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
            assert_eq!(limiter.take_here(None), Ok(()));
        }
        assert_eq!(limiter.take_here(None), Err(Duration::from_millis(100)));
        tokio::time::advance(Duration::from_millis(99)).await;
        assert!(limiter.take_here(None).is_err());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(limiter.take_here(None), Ok(()));
        assert!(limiter.take_here(None).is_err());
        // What was refused does not count.
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(
            (0..100).filter(|_| limiter.take_here(None).is_ok()).count(),
            5
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_largest_and_the_smallest_limits_are_limits() {
        let wide = limiter(u32::MAX, u32::MAX);
        assert!((0..1000).all(|_| wide.take_here(None).is_ok()));
        let slow = limiter(1, 1);
        assert!(slow.take_here(None).is_ok() && slow.take_here(None).is_err());
    }

    /// One address leaves room for the others, and what it is refused takes nothing from them.
    #[tokio::test(start_paused = true)]
    async fn an_address_has_a_quarter_of_all() {
        let limiter = limiter(20, 40);
        let client = |n: u8| Some(ClientAddress::from(IpAddr::from([203, 0, 113, n])));
        let taken = |n: u8| {
            (0..1_000)
                .filter(|_| limiter.take_here(client(n)).is_ok())
                .count()
        };
        assert_eq!(taken(1), 10);
        assert_eq!(taken(2), 10);
        assert_eq!(
            limiter.take_here(client(1)),
            Err(Duration::from_millis(200))
        );
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(taken(1), 5);
        // Those of before have come due; what is left is for others.
        assert_eq!([3, 4, 5, 6].map(taken), [10, 10, 10, 5]);
        assert!(limiter.take_here(None).is_err());
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(taken(1), 10);
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
            taken += usize::from(instances[n % 2].take(None).await.is_ok());
        }
        // A window may end in between.
        assert!(taken == 1_000 || taken >= 1_050, "{taken}");
        assert_eq!(of("b").take(None).await, Ok(()));
    }
}
