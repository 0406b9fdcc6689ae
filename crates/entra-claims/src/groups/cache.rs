//! The answers at hand: by tenant and object, bounded, the oldest goes first.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::{GroupLimits, ResolvedGroups};
use crate::PrincipalKey;

#[derive(Default)]
pub(super) struct Cache {
    answers: HashMap<PrincipalKey, Answer>,
    /// In the order in which they came, which is the order in which they expire.
    order: VecDeque<PrincipalKey>,
    groups: usize,
}

struct Answer {
    groups: ResolvedGroups,
    came: Duration,
}

impl Cache {
    /// The groups of this user, unless they are too old.
    pub(super) fn get(
        &self,
        user: PrincipalKey,
        now: Duration,
        limits: &GroupLimits,
    ) -> Option<ResolvedGroups> {
        let answer = self.answers.get(&user)?;
        let age = now.saturating_sub(answer.came);
        (age < limits.kept_for).then(|| answer.groups.clone())
    }

    pub(super) fn put(&mut self, groups: ResolvedGroups, now: Duration, limits: &GroupLimits) {
        let user = groups.user();
        self.forget(user);
        if groups.len() > limits.groups || limits.users == 0 || limits.kept_for.is_zero() {
            return;
        }
        self.groups += groups.len();
        self.order.push_back(user);
        self.answers.insert(user, Answer { groups, came: now });
        while self.answers.len() > limits.users || self.groups > limits.groups {
            let Some(oldest) = self.order.front().copied() else {
                return;
            };
            self.forget(oldest);
        }
    }

    pub(super) fn forget(&mut self, user: PrincipalKey) {
        if let Some(answer) = self.answers.remove(&user) {
            self.groups = self.groups.saturating_sub(answer.groups.len());
            // The oldest stands in front, and that is who is forgotten most often.
            if let Some(place) = self.order.iter().position(|known| *known == user) {
                self.order.remove(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use foundry_scopes::{ObjectId, TenantId};

    use super::*;

    fn user(tenant: u128, object: u128) -> PrincipalKey {
        PrincipalKey {
            tenant: TenantId::from_u128(tenant),
            object: ObjectId::from_u128(object),
        }
    }

    fn groups(of: PrincipalKey, count: u128) -> ResolvedGroups {
        ResolvedGroups::new(of, (1..=count).map(ObjectId::from_u128))
    }

    const START: Duration = Duration::from_secs(100);

    #[test]
    fn an_answer_is_found_by_tenant_and_object_until_it_is_too_old() {
        let limits = GroupLimits::default().kept_for(Duration::from_secs(10));
        let mut cache = Cache::default();
        cache.put(groups(user(1, 1), 3), START, &limits);
        let at = |seconds| START + Duration::from_secs(seconds);
        assert_eq!(cache.get(user(1, 1), at(9), &limits).unwrap().len(), 3);
        assert!(cache.get(user(1, 1), at(10), &limits).is_none());
        assert!(cache.get(user(2, 1), at(0), &limits).is_none());
        assert!(cache.get(user(1, 2), at(0), &limits).is_none());
        cache.put(groups(user(1, 1), 2), at(10), &limits);
        assert_eq!(cache.get(user(1, 1), at(19), &limits).unwrap().len(), 2);
        cache.forget(user(1, 1));
        assert!(cache.get(user(1, 1), at(10), &limits).is_none());
        assert_eq!((cache.groups, cache.order.len()), (0, 0));
    }

    #[test]
    fn users_and_groups_are_bounded_and_the_oldest_goes_first() {
        let limits = GroupLimits::default().users(3).groups(10);
        let mut cache = Cache::default();
        for object in 1..=5 {
            cache.put(groups(user(1, object), 2), START, &limits);
        }
        let held = |cache: &Cache| -> Vec<u128> {
            (1..=6)
                .filter(|object| cache.get(user(1, *object), START, &limits).is_some())
                .collect()
        };
        assert_eq!(held(&cache), [3, 4, 5]);
        cache.put(groups(user(1, 6), 8), START, &limits);
        assert_eq!(held(&cache), [5, 6]);
        assert_eq!(cache.groups, 10);
        // More than is kept at all: nobody else is pushed out for it.
        cache.put(groups(user(1, 1), 11), START, &limits);
        assert_eq!(held(&cache), [5, 6]);
        assert_eq!(cache.order.len(), 2);
        // A second answer about somebody replaces the first.
        cache.put(groups(user(1, 5), 1), START, &limits);
        assert_eq!((cache.groups, cache.order.len()), (9, 2));
    }

    #[test]
    fn nothing_is_kept_where_nothing_may_be() {
        for limits in [
            GroupLimits::default().users(0),
            GroupLimits::default().kept_for(Duration::ZERO),
        ] {
            let mut cache = Cache::default();
            cache.put(groups(user(1, 1), 1), START, &limits);
            assert!(cache.get(user(1, 1), START, &limits).is_none());
            assert!(cache.order.is_empty());
        }
    }

    #[test]
    fn an_hour_is_the_most() {
        let limits = GroupLimits::default().kept_for(Duration::MAX);
        let mut cache = Cache::default();
        cache.put(groups(user(1, 1), 1), START, &limits);
        let hour = Duration::from_secs(3600);
        assert!(cache.get(user(1, 1), START + hour, &limits).is_none());
    }
}
