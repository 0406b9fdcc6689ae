//! Back-off after failed key fetches, and the cool-down for unknown key ids.

use std::time::Duration;

/// How long keys are used before a refresh starts.
pub(super) const REFRESH: Duration = Duration::from_secs(12 * 3600);
/// Up to this much later, at random.
pub(super) const REFRESH_JITTER: Duration = Duration::from_secs(36 * 60);
/// How long keys are used while refreshing fails, by default and at least.
pub(super) const MAX_STALE: Duration = Duration::from_secs(24 * 3600);
/// And at most.
pub(super) const LONGEST_STALE: Duration = Duration::from_secs(7 * 24 * 3600);
/// Between two fetches that unknown `kid`s cause, whether they succeed or not.
pub(super) const COOL_DOWN: Duration = Duration::from_secs(60);

/// The longest pause after failures while there are no keys: then every request waits.
const MAX_COLD: Duration = Duration::from_secs(2);
/// The longest pause after failures while there are keys.
const MAX_WARM: Duration = Duration::from_secs(60);

/// Back-off and cool-down, in monotonic time.
#[derive(Debug, Default)]
pub(super) struct Pace {
    failures: u32,
    not_before: Duration,
    unknown_kid_not_before: Duration,
}

impl Pace {
    pub(super) fn may_fetch(&self, now: Duration) -> bool {
        now >= self.not_before
    }

    /// Until the next fetch may start.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        at_least_a_second(self.not_before.saturating_sub(now))
    }

    pub(super) fn may_ask_for_unknown_kid(&self, now: Duration) -> bool {
        now >= self.unknown_kid_not_before
    }

    /// Takes the one fetch per cool-down that unknown `kid`s may cause.
    pub(super) fn claim_unknown_kid(&mut self, now: Duration) -> bool {
        let free = self.may_ask_for_unknown_kid(now);
        if free {
            self.unknown_kid_not_before = now + COOL_DOWN;
        }
        free
    }

    pub(super) fn unknown_kid_wait(&self, now: Duration) -> Duration {
        at_least_a_second(self.unknown_kid_not_before.saturating_sub(now))
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
        self.not_before = Duration::ZERO;
    }

    pub(super) fn failed(&mut self, now: Duration, warm: bool, asked: Option<Duration>) {
        let doubled = Duration::from_secs(1 << self.failures.min(6));
        let most = if warm { MAX_WARM } else { MAX_COLD };
        self.failures = self.failures.saturating_add(1);
        self.not_before = now + doubled.min(most).max(asked.unwrap_or_default());
    }
}

/// A pause that rounds to "at once" would make clients spin.
fn at_least_a_second(wait: Duration) -> Duration {
    wait.max(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(warm: bool) -> Vec<u64> {
        let mut pace = Pace::default();
        (0..9)
            .map(|_| {
                pace.failed(Duration::ZERO, warm, None);
                pace.not_before.as_secs()
            })
            .collect()
    }

    #[test]
    fn failures_back_off_to_two_seconds_without_keys_and_to_sixty_with() {
        assert_eq!(pauses(false), [1, 2, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!(pauses(true), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn a_success_ends_the_pause_and_the_doubling() {
        let mut pace = Pace::default();
        for _ in 0..5 {
            pace.failed(Duration::ZERO, true, None);
        }
        assert!(!pace.may_fetch(Duration::from_secs(1)));
        pace.succeeded();
        assert!(pace.may_fetch(Duration::ZERO));
        pace.failed(Duration::ZERO, true, None);
        assert!(pace.may_fetch(Duration::from_secs(1)));
    }

    #[test]
    fn the_rest_of_a_cool_down_is_told() {
        let mut pace = Pace::default();
        assert!(pace.claim_unknown_kid(Duration::ZERO));
        let wait = |now| pace.unknown_kid_wait(Duration::from_secs(now)).as_secs();
        assert_eq!([wait(0), wait(20), wait(59), wait(60)], [60, 40, 1, 1]);
    }

    /// 5 % of 12 hours.
    #[test]
    fn the_spread_is_a_twentieth_of_the_interval() {
        assert_eq!(REFRESH_JITTER * 20, REFRESH);
        assert_eq!(REFRESH.as_secs(), 43_200);
    }

    #[test]
    fn a_longer_pause_that_was_asked_for_counts() {
        let mut pace = Pace::default();
        pace.failed(Duration::ZERO, false, Some(Duration::from_secs(30)));
        assert!(!pace.may_fetch(Duration::from_secs(29)));
        assert!(pace.may_fetch(Duration::from_secs(30)));
    }

    #[test]
    fn unknown_kids_cause_one_fetch_per_cool_down() {
        let mut pace = Pace::default();
        assert!(pace.claim_unknown_kid(Duration::ZERO));
        assert!(!pace.claim_unknown_kid(Duration::from_secs(59)));
        assert!(pace.claim_unknown_kid(Duration::from_secs(60)));
    }
}
