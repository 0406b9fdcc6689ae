//! The emulator's own time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time that every `iat`, `nbf` and `exp`, every code and every refresh token of one
/// emulator follows. Handles are cheap to clone and share the time.
///
/// ```
/// use entra_emulator::EmulatorClock;
/// use std::time::Duration;
///
/// let clock = EmulatorClock::new();
/// clock.freeze_at(1_800_000_000);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), 1_800_000_060);
/// ```
#[derive(Clone, Debug, Default)]
pub struct EmulatorClock(Arc<Mutex<Mode>>);

#[derive(Clone, Copy, Debug)]
enum Mode {
    /// The system's time, moved by this many seconds.
    Running {
        offset: i64,
    },
    Frozen {
        at: i64,
    },
}

impl Mode {
    fn now(self) -> i64 {
        match self {
            Self::Running { offset } => system_now().saturating_add(offset),
            Self::Frozen { at } => at,
        }
    }
}

impl Default for Mode {
    fn default() -> Self {
        Self::Running { offset: 0 }
    }
}

impl EmulatorClock {
    /// The system's time, until it is told otherwise.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the time forward; fractions of a second are dropped.
    pub fn advance(&self, by: Duration) {
        self.shift(i64::try_from(by.as_secs()).unwrap_or(i64::MAX));
    }

    /// Moves the time back; fractions of a second are dropped.
    pub fn rewind(&self, by: Duration) {
        self.shift(i64::try_from(by.as_secs()).map_or(i64::MIN, |s| -s));
    }

    /// Sets the time; it runs on from there, or stands still if it did before.
    pub fn set(&self, unix_seconds: i64) {
        let mut mode = self.lock();
        *mode = match *mode {
            Mode::Running { .. } => Mode::Running {
                offset: unix_seconds.saturating_sub(system_now()),
            },
            Mode::Frozen { .. } => Mode::Frozen { at: unix_seconds },
        };
    }

    /// Sets the time and lets it stand still there.
    pub fn freeze_at(&self, unix_seconds: i64) {
        *self.lock() = Mode::Frozen { at: unix_seconds };
    }

    /// Lets the time stand still where it is.
    pub fn freeze(&self) {
        let mut mode = self.lock();
        let at = mode.now();
        *mode = Mode::Frozen { at };
    }

    /// Lets a frozen time run on from where it stands.
    pub fn resume(&self) {
        let mut mode = self.lock();
        let offset = mode.now().saturating_sub(system_now());
        *mode = Mode::Running { offset };
    }

    /// Whether the time stands still.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        matches!(*self.lock(), Mode::Frozen { .. })
    }

    /// Goes back to the system's time.
    pub fn reset(&self) {
        *self.lock() = Mode::default();
    }

    /// The time in Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.lock().now()
    }

    fn shift(&self, seconds: i64) {
        let mut mode = self.lock();
        match &mut *mode {
            Mode::Running { offset: value } | Mode::Frozen { at: value } => {
                *value = value.saturating_add(seconds);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Mode> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn system_now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|d| i64::try_from(d.as_secs()).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let clock = EmulatorClock::new();
        clock.freeze_at(100);
        clock.advance(Duration::from_secs(5));
        clock.rewind(Duration::from_secs(1));
        assert_eq!(clock.now(), 104);
        clock.set(7);
        assert_eq!(clock.clone().now(), 7);
    }

    #[test]
    fn what_is_frozen_runs_on_from_there() {
        let clock = EmulatorClock::new();
        clock.freeze_at(100);
        clock.resume();
        assert!(!clock.is_frozen() && (100..200).contains(&clock.now()));
        clock.freeze();
        assert!(clock.is_frozen() && (100..200).contains(&clock.now()));
    }

    #[test]
    fn a_running_clock_keeps_its_distance() {
        let clock = EmulatorClock::new();
        let far = system_now() + 1_000_000;
        clock.set(far);
        assert!(clock.now() >= far);
        clock.reset();
        assert!(clock.now() < far);
    }
}
