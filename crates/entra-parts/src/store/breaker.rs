//! Circuit breaker: a store that fails is left out, so that it costs callers no time.

use std::sync::Mutex;
use std::time::Duration;

use crate::lock::lock;

/// So many failures in a row open it.
const FAILURES: u32 = 5;

/// Between two looks whether the store is back.
const PROBE_EVERY: Duration = Duration::from_secs(5);

/// Counts failures in a row. Follows the monotonic clock: a probe comes after an interval.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// Set while it is open.
    probe_at: Option<Duration>,
}

/// What to do with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Ask the store.
    Ask,
    /// Go on without the store, and let a task ask it meanwhile: one per interval.
    Probe,
    /// Go on without the store.
    LeaveOut,
}

impl Breaker {
    pub(super) fn admit(&self, now: Duration) -> Admission {
        let mut state = lock(&self.0);
        match state.probe_at {
            None => Admission::Ask,
            Some(at) if now < at => Admission::LeaveOut,
            Some(_) => {
                state.probe_at = Some(now.saturating_add(PROBE_EVERY));
                Admission::Probe
            }
        }
    }

    /// Whether this closed it.
    pub(super) fn succeeded(&self) -> bool {
        std::mem::take(&mut *lock(&self.0)).probe_at.is_some()
    }

    /// Whether this opened it.
    pub(super) fn failed(&self, now: Duration) -> bool {
        let mut state = lock(&self.0);
        state.failures = state.failures.saturating_add(1);
        let opens = state.failures >= FAILURES && state.probe_at.is_none();
        if opens {
            state.probe_at = Some(now.saturating_add(PROBE_EVERY));
        }
        opens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_a_success_closes_it() {
        let breaker = Breaker::default();
        for _ in 0..4 {
            assert!(!breaker.failed(at(0)));
        }
        assert!(!breaker.succeeded());
        for _ in 0..4 {
            assert!(!breaker.failed(at(0)));
        }
        assert_eq!(breaker.admit(at(0)), Admission::Ask);
        assert!(breaker.failed(at(0)));
        assert!(!breaker.failed(at(0)), "it opens once");
        assert_eq!(breaker.admit(at(0)), Admission::LeaveOut);
        assert!(breaker.succeeded());
        assert_eq!(breaker.admit(at(0)), Admission::Ask);
    }

    #[test]
    fn while_it_is_open_one_call_in_five_seconds_probes() {
        let breaker = Breaker::default();
        (0..5).for_each(|_| {
            breaker.failed(at(100));
        });
        assert_eq!(breaker.admit(at(104)), Admission::LeaveOut);
        assert_eq!(breaker.admit(at(105)), Admission::Probe);
        assert_eq!(breaker.admit(at(105)), Admission::LeaveOut);
        breaker.failed(at(105));
        assert_eq!(breaker.admit(at(109)), Admission::LeaveOut);
        assert_eq!(breaker.admit(at(110)), Admission::Probe);
    }
}
