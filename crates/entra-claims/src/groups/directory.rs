//! Group lookups: one at a time per user, with a bounded cache of the answers.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entra_parts::bounded::BoundedMap;
use entra_parts::clock::{AgingClock, Clock, SystemClock};
use entra_parts::flight::{Completer, Flights, Panicked, Waiter};
use entra_parts::lock::lock;
use tokio::runtime::Handle;

use super::{GroupLimits, GroupSource, GroupSourceError, ResolvedGroups};
use crate::principal::{PrincipalKey, VerifiedToken};
use crate::reject::{Reason, Rejection};
use crate::require::Requirement;
use crate::validate::ConfigError;

/// How often a waiter starts over whose lookup went away without an outcome.
const ATTEMPTS: usize = 3;

/// The groups of users who are in more than a token holds. A handle: clones share what is
/// known.
///
/// See [the module](super) for what holds and for an example.
#[derive(Clone)]
pub struct GroupDirectory(Arc<Shared>);

struct Shared {
    source: Arc<dyn GroupSource>,
    clock: Arc<dyn Clock>,
    limits: GroupLimits,
    known: Mutex<Known>,
    lookups: Arc<Flights<PrincipalKey, Outcome>>,
}

/// What is known, by user. The oldest answers go first; they weigh as many groups as they
/// hold.
type Known = BoundedMap<PrincipalKey, ResolvedGroups>;

type Outcome = Result<ResolvedGroups, GroupSourceError>;

impl GroupDirectory {
    /// A directory that asks this source, with the default [`GroupLimits`].
    #[must_use]
    pub fn new(source: impl GroupSource + 'static) -> Self {
        let clock = Arc::new(SystemClock::new());
        Self::build(Arc::new(source), clock, GroupLimits::default())
    }

    /// A directory that asks the same source with other limits; nothing is known to it yet.
    ///
    /// # Errors
    ///
    /// A limit that cannot work: answers kept for more than an hour, no lookup at all, no time
    /// for one.
    pub fn with_limits(self, limits: GroupLimits) -> Result<Self, ConfigError> {
        limits.check()?;
        let shared = &self.0;
        Ok(Self::build(
            Arc::clone(&shared.source),
            Arc::clone(&shared.clock),
            limits,
        ))
    }

    /// A directory that asks the same source on another clock, for tests; nothing is known to
    /// it yet.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self::build(Arc::clone(&self.0.source), clock, self.0.limits)
    }

    fn build(source: Arc<dyn GroupSource>, clock: Arc<dyn Clock>, limits: GroupLimits) -> Self {
        Self(Arc::new(Shared {
            source,
            clock: Arc::new(AgingClock::new(clock)),
            known: Mutex::new(Known::new(limits.users).with_weight(limits.groups)),
            limits,
            lookups: Flights::new(),
        }))
    }

    /// Decides as [`Requirement::check`] does, and asks for the user's groups where they
    /// decide and the token does not hold them.
    ///
    /// # Errors
    ///
    /// As of [`Requirement::check`]; and [`Reason::GroupsUnavailable`] where the groups cannot
    /// be had now.
    pub async fn check(&self, rule: &Requirement, token: &VerifiedToken) -> Result<(), Rejection> {
        match rule.check(token) {
            Err(refusal) if refusal.reason() == Reason::GroupsUnknown => {
                let groups = self.groups_of(token).await?;
                rule.check_with_groups(token, &groups)
            }
            decided => decided,
        }
    }

    /// All groups of the token's user, whatever the token lists: from memory, else from the
    /// source.
    ///
    /// # Errors
    ///
    /// [`Reason::GroupsUnavailable`] where they cannot be had now, of the class
    /// [`Unavailable`](crate::RejectionClass::Unavailable).
    pub async fn groups_of(&self, token: &VerifiedToken) -> Result<ResolvedGroups, Rejection> {
        for _ in 0..ATTEMPTS {
            let waiter = match self.0.look(token)? {
                Look::Known(groups) => return Ok(groups),
                Look::Wait(waiter) => waiter,
            };
            if let Some(outcome) = waiter.wait().await {
                return outcome.map_err(|error| unavailable(&error));
            }
        }
        Err(unavailable(&ABORTED))
    }

    /// Forgets what is known of a user, for example when a group was left. A lookup that is
    /// under way answers those who wait for it and is not kept.
    pub fn forget(&self, user: PrincipalKey) {
        // In this order: what ends between the two is removed, what ends later is not kept.
        self.0.lookups.detach(|known, ()| *known == user);
        lock(&self.0.known).remove(&user);
    }
}

enum Look {
    Known(ResolvedGroups),
    Wait(Waiter<PrincipalKey, Outcome>),
}

const ABORTED: GroupSourceError = GroupSourceError::new("the lookup of the groups ended early");
const LATE: GroupSourceError = GroupSourceError::new("the groups did not come in time");
const BUSY: GroupSourceError = GroupSourceError::new("too many lookups of groups at once");
const NO_RUNTIME: GroupSourceError = GroupSourceError::new("no tokio runtime to look groups up in");

impl Shared {
    fn look(self: &Arc<Self>, token: &VerifiedToken) -> Result<Look, Rejection> {
        let user = token.principal().key();
        if let Some(groups) = self.known(user) {
            return Ok(Look::Known(groups));
        }
        let most = self.limits.lookups;
        let Some((waiter, lookup)) = self.lookups.join_if_fewer(user, (), most) else {
            return Err(unavailable(&BUSY));
        };
        if let Some(lookup) = lookup {
            // Another lookup may have ended between the look and the joining.
            if let Some(groups) = self.known(user) {
                return Ok(Look::Known(groups));
            }
            let Ok(runtime) = Handle::try_current() else {
                return Err(unavailable(&NO_RUNTIME));
            };
            runtime.spawn(Arc::clone(self).look_up(lookup, token.clone()));
        }
        Ok(Look::Wait(waiter))
    }

    fn known(&self, user: PrincipalKey) -> Option<ResolvedGroups> {
        let now = self.clock.monotonic();
        lock(&self.known).get(&user, now).cloned()
    }

    /// Asks the source. A runtime that goes away drops this with the completer: its waiters
    /// have another one, and start again.
    async fn look_up(
        self: Arc<Self>,
        lookup: Completer<PrincipalKey, Outcome>,
        token: VerifiedToken,
    ) {
        let user = token.principal().key();
        let asked = async {
            let groups = self.source.groups(&token);
            tokio::time::timeout(self.limits.timeout, groups).await
        };
        let outcome = match lookup.drive(asked).await {
            Ok(Ok(outcome)) => outcome.map(|groups| ResolvedGroups::new(user, groups)),
            Ok(Err(_)) => Err(LATE),
            Err(Panicked) => Err(ABORTED),
        };
        if let Err(error) = &outcome {
            tracing::warn!(
                tenant = %user.tenant,
                object = %user.object,
                error = %error,
                "the groups of a user could not be looked up"
            );
        }
        lookup.complete_with(|current| {
            if let (true, Ok(groups)) = (current, &outcome) {
                keep(
                    &mut lock(&self.known),
                    groups,
                    self.clock.monotonic(),
                    &self.limits,
                );
            }
            outcome
        });
    }
}

fn keep(known: &mut Known, groups: &ResolvedGroups, now: Duration, limits: &GroupLimits) {
    let until = now.saturating_add(limits.kept_for);
    known.insert_weighing(groups.len(), groups.user(), groups.clone(), until, now);
}

fn unavailable(error: &GroupSourceError) -> Rejection {
    Rejection::unavailable(
        Reason::GroupsUnavailable,
        error.pause().max(Duration::from_secs(1)),
        error.message(),
    )
    .after_signature()
}

impl fmt::Debug for GroupDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupDirectory")
            .field("source", &self.0.source)
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
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

    fn cache(limits: &GroupLimits) -> Known {
        Known::new(limits.users).with_weight(limits.groups)
    }

    const START: Duration = Duration::from_secs(100);

    #[test]
    fn an_answer_is_found_by_tenant_and_object_until_it_is_too_old() {
        let limits = GroupLimits::default().with_kept_for(Duration::from_secs(10));
        let mut cache = cache(&limits);
        keep(&mut cache, &groups(user(1, 1), 3), START, &limits);
        let at = |seconds| START + Duration::from_secs(seconds);
        assert_eq!(cache.get(&user(1, 1), at(9)).unwrap().len(), 3);
        assert!(cache.get(&user(1, 1), at(10)).is_none());
        assert!(cache.get(&user(2, 1), at(0)).is_none());
        assert!(cache.get(&user(1, 2), at(0)).is_none());
        keep(&mut cache, &groups(user(1, 1), 2), at(10), &limits);
        assert_eq!(cache.get(&user(1, 1), at(19)).unwrap().len(), 2);
        cache.remove(&user(1, 1));
        assert!(cache.get(&user(1, 1), at(10)).is_none());
        assert_eq!((cache.weight(), cache.len()), (0, 0));
    }

    #[test]
    fn users_and_groups_are_bounded_and_the_oldest_goes_first() {
        let limits = GroupLimits::default().with_users(3).with_groups(10);
        let mut cache = cache(&limits);
        for object in 1..=5 {
            keep(&mut cache, &groups(user(1, object), 2), START, &limits);
        }
        let held = |cache: &Known| -> Vec<u128> {
            (1..=6)
                .filter(|object| cache.get(&user(1, *object), START).is_some())
                .collect()
        };
        assert_eq!(held(&cache), [3, 4, 5]);
        keep(&mut cache, &groups(user(1, 6), 8), START, &limits);
        assert_eq!(held(&cache), [5, 6]);
        assert_eq!(cache.weight(), 10);
        // Larger than the whole cache: no other entry is evicted for it.
        keep(&mut cache, &groups(user(1, 1), 11), START, &limits);
        assert_eq!(held(&cache), [5, 6]);
        assert_eq!(cache.len(), 2);
        // A second answer about the same user replaces the first.
        keep(&mut cache, &groups(user(1, 5), 1), START, &limits);
        assert_eq!((cache.weight(), cache.len()), (9, 2));
    }

    #[test]
    fn nothing_is_kept_where_nothing_may_be() {
        for limits in [
            GroupLimits::default().with_users(0),
            GroupLimits::default().with_kept_for(Duration::ZERO),
        ] {
            let mut cache = cache(&limits);
            keep(&mut cache, &groups(user(1, 1), 1), START, &limits);
            assert!(cache.get(&user(1, 1), START).is_none());
            assert!(cache.is_empty());
        }
    }
}
