//! Wall time and monotonic time, replaceable in tests.

use std::fmt::Debug;
use std::sync::Arc;
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

/// The same clock, with a monotonic time that also moves on when the wall time jumps forward.
///
/// Most systems stop the monotonic clock while the machine sleeps or a virtual machine is
/// suspended. What was kept with it, signing keys for example, would be as young afterwards as
/// before. Here an age is never less than by either clock: for whatever must not be trusted
/// longer than a time. A wall clock that is set back changes nothing.
#[derive(Debug)]
pub struct AgingClock {
    clock: Arc<dyn Clock>,
    /// Wall time less monotonic time when it was last looked at, in seconds.
    offset: AtomicI64,
    /// All jumps so far, in seconds.
    jumped: AtomicU64,
}

/// Both times are cut to seconds, so their difference swings by one.
const SWING: u64 = 1;

/// A year: nothing is kept as long, and a clock that is set to nonsense counts no more.
const LONGEST_JUMP: u64 = 366 * 86_400;

impl AgingClock {
    /// Follows this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            offset: AtomicI64::new(offset(clock.wall(), clock.monotonic())),
            jumped: AtomicU64::new(0),
            clock,
        }
    }

    /// The wall time and the monotonic time, where both are needed: a system's clock is read
    /// twice and not three times.
    #[must_use]
    pub fn both(&self) -> (i64, Duration) {
        let (wall, monotonic) = (self.clock.wall(), self.clock.monotonic());
        (wall, self.aged(wall, monotonic))
    }

    fn aged(&self, wall: i64, monotonic: Duration) -> Duration {
        let (now, last) = (offset(wall, monotonic), self.offset.load(Ordering::Relaxed));
        // Without a jump nothing is written: readers share nothing.
        let jump = now.saturating_sub(last);
        if jump.unsigned_abs() > SWING {
            let taken = self
                .offset
                .compare_exchange(last, now, Ordering::SeqCst, Ordering::SeqCst);
            if let (Ok(_), Ok(forward)) = (taken, u64::try_from(jump)) {
                self.jumped
                    .fetch_add(forward.min(LONGEST_JUMP), Ordering::SeqCst);
            }
        }
        let jumped = Duration::from_secs(self.jumped.load(Ordering::Relaxed));
        monotonic.saturating_add(jumped)
    }
}

fn offset(wall: i64, monotonic: Duration) -> i64 {
    let seconds = i64::try_from(monotonic.as_secs()).unwrap_or(i64::MAX);
    wall.saturating_sub(seconds)
}

impl Clock for AgingClock {
    fn wall(&self) -> i64 {
        self.clock.wall()
    }

    fn monotonic(&self) -> Duration {
        self.both().1
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

    #[test]
    fn an_age_follows_the_clock_that_moved_more() {
        let manual = Arc::new(ManualClock::at(1_000));
        let aging = AgingClock::new(Arc::clone(&manual) as _);
        let seconds = || aging.monotonic().as_secs();
        manual.advance(Duration::from_secs(10));
        assert_eq!(seconds(), 10);
        // The machine slept: only the wall clock went on.
        manual.set_wall(1_010 + 3_600);
        assert_eq!(seconds(), 3_610);
        manual.advance(Duration::from_secs(5));
        assert_eq!(seconds(), 3_615);
        // Set back, and on again from there.
        manual.set_wall(0);
        assert_eq!(seconds(), 3_615);
        manual.advance(Duration::from_secs(5));
        assert_eq!((seconds(), aging.wall()), (3_620, 5));
    }
}
