//! Throttling after `Retry-After`: per user and downstream, or per client by choice.
//!
//! The official clients throttle by client and scope, so one user's 429 stops all users.

use std::sync::Mutex;
use std::time::Duration;

use entra_claims::PrincipalKey;
use entra_parts::bounded::BoundedMap;
use entra_parts::lock::lock;

use crate::cache::Now;
use crate::cache::key::Prefix;

/// Above this many, those held back first are let go: at worst the endpoint says 429 once
/// more.
const LIMIT: usize = 10_000;

/// Who is held back, and until when.
#[derive(Debug)]
pub(crate) struct Throttle(Mutex<BoundedMap<ThrottleKey, Duration>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ThrottleKey {
    downstream: Prefix,
    user: Option<PrincipalKey>,
}

/// Whom a `Retry-After` of Entra ID holds back.
///
/// ```
/// use entra_obo::ThrottleScope;
///
/// assert_eq!(ThrottleScope::default(), ThrottleScope::User);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ThrottleScope {
    /// The one user at the one downstream that it was said to. Others go on.
    #[default]
    User,
    /// Every user of this client at that downstream: fewer requests that would be refused
    /// too, at the price that one user's excess stops all.
    Client,
}

impl ThrottleScope {
    pub(crate) fn key(self, downstream: Prefix, user: Option<PrincipalKey>) -> ThrottleKey {
        let user = match self {
            Self::User => user,
            Self::Client => None,
        };
        ThrottleKey { downstream, user }
    }
}

impl Throttle {
    /// How long `who` still has to wait. Follows the monotonic clock: a wait is an
    /// interval.
    pub(crate) fn remaining(&self, who: &ThrottleKey, now: Now) -> Option<Duration> {
        let mut waiting = lock(&self.0);
        match waiting.get(who, now.monotonic) {
            Some(until) => until.checked_sub(now.monotonic),
            None => {
                waiting.remove(who);
                None
            }
        }
    }

    pub(crate) fn hold(&self, who: ThrottleKey, wait: Duration, now: Now) {
        let until = now.monotonic.saturating_add(wait);
        lock(&self.0).insert(who, until, until, now.monotonic);
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self(Mutex::new(BoundedMap::new(LIMIT)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::key::tests::prefix;
    use foundry_scopes::{ObjectId, TenantId};

    fn user(n: u128) -> PrincipalKey {
        PrincipalKey {
            tenant: TenantId::from_u128(1),
            object: ObjectId::from_u128(n + 1),
        }
    }

    fn at(seconds: u64) -> Now {
        Now {
            wall: 0,
            monotonic: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn a_wait_is_one_users_at_one_downstream_and_ends() {
        let throttle = Throttle::default();
        let who = ThrottleScope::User.key(prefix(1), Some(user(1)));
        throttle.hold(who, Duration::from_secs(30), at(100));
        assert_eq!(
            throttle.remaining(&who, at(101)),
            Some(Duration::from_secs(29))
        );
        assert_eq!(
            throttle.remaining(&ThrottleScope::User.key(prefix(1), Some(user(2))), at(101)),
            None
        );
        assert_eq!(
            throttle.remaining(&ThrottleScope::User.key(prefix(2), Some(user(1))), at(101)),
            None
        );
        assert_eq!(throttle.remaining(&who, at(130)), None);
        assert_eq!(lock(&throttle.0).len(), 0);
    }

    #[test]
    fn the_number_of_those_who_wait_is_bounded() {
        let throttle = Throttle::default();
        let hold = |n: usize, wait: u64| {
            let who = ThrottleScope::User.key(prefix(1), Some(user(n as u128)));
            throttle.hold(who, Duration::from_secs(wait), at(0));
        };
        (0..LIMIT + 100).for_each(|n| hold(n, 1000 + n as u64));
        assert_eq!(lock(&throttle.0).len(), LIMIT);
        let longest = ThrottleScope::User.key(prefix(1), Some(user((LIMIT + 99) as u128)));
        assert!(throttle.remaining(&longest, at(1)).is_some());
    }
}
