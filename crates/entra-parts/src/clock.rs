//! Wall time and monotonic time, replaceable in tests.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The two times a validator needs: token times follow the wall clock, intervals the
/// monotonic one, so that a jump of the first never empties or freezes a cache.
pub trait Clock: Debug + Send + Sync {
    /// Seconds since the Unix epoch.
    fn wall(&self) -> i64;

    /// Time since some fixed point; never goes back.
    fn monotonic(&self) -> Duration;
}

/// The clocks of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// The system's clock; its monotonic time starts now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> i64 {
        let now = SystemTime::now();
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        match now.duration_since(UNIX_EPOCH) {
            Ok(since) => seconds(since),
            Err(before) => -seconds(before.duration()),
        }
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock for tests: it stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    wall: AtomicI64,
    monotonic_ns: AtomicU64,
}

impl ManualClock {
    /// A clock that shows `unix` seconds, with a monotonic time of zero.
    #[must_use]
    pub fn at(unix: i64) -> Self {
        Self {
            wall: AtomicI64::new(unix),
            monotonic_ns: AtomicU64::new(0),
        }
    }

    /// Moves both times forward.
    pub fn advance(&self, by: Duration) {
        let nanoseconds = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        self.monotonic_ns.fetch_add(nanoseconds, Ordering::SeqCst);
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        self.wall.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Sets the wall time alone, as an operator or a time server may.
    pub fn set_wall(&self, unix: i64) {
        self.wall.store(unix, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> i64 {
        self.wall.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.monotonic_ns.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_both_times_and_can_set_the_wall_time_alone() {
        let clock = ManualClock::at(1_700_000_000);
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.wall(), 1_700_000_060);
        assert_eq!(clock.monotonic(), Duration::from_secs(60));
        clock.set_wall(0);
        assert_eq!(clock.monotonic(), Duration::from_secs(60));
    }
}
