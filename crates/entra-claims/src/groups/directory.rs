//! Group lookups: one at a time per user, with a bounded cache of the answers.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entra_parts::clock::{Clock, SystemClock};
use foundry_scopes::ObjectId;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::{GroupLimits, GroupSource, GroupSourceError, ResolvedGroups};
use crate::principal::{PrincipalKey, VerifiedToken};
use crate::reject::{Reason, Rejection};
use crate::require::Requirement;

/// How often a waiter starts over whose lookup went away without an outcome.
const ATTEMPTS: usize = 3;

/// The groups of users who are in more than a token holds. A handle: clones share what is
/// known.
///
/// See [the module](super) for what holds and for an example.
#[derive(Clone)]
pub struct GroupDirectory(Arc<Shared>);

struct Shared {
    source: Box<dyn GroupSource>,
    clock: Arc<dyn Clock>,
    limits: GroupLimits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cache: Cache,
    flights: HashMap<PrincipalKey, Flight>,
    /// How many lookups were started.
    started: u64,
}

/// A lookup under way, as those see it who wait for it.
#[derive(Clone)]
struct Flight {
    number: u64,
    outcome: watch::Receiver<Option<Outcome>>,
}

type Outcome = Result<ResolvedGroups, GroupSourceError>;

impl GroupDirectory {
    /// A directory that asks this source, with the default [`GroupLimits`].
    #[must_use]
    pub fn new(source: impl GroupSource + 'static) -> Self {
        Self::with_limits(source, GroupLimits::default())
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(source: impl GroupSource + 'static, limits: GroupLimits) -> Self {
        Self::with_clock(source, limits, Arc::new(SystemClock::new()))
    }

    /// The same on another clock, for tests.
    #[must_use]
    pub fn with_clock(
        source: impl GroupSource + 'static,
        limits: GroupLimits,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Shared {
            source: Box::new(source),
            clock,
            limits,
            state: Mutex::default(),
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
            let mut outcome = match self.0.look(token)? {
                Look::Known(groups) => return Ok(groups),
                Look::Wait(flight) => flight.outcome,
            };
            // Fails when the sender is gone without an outcome.
            let over = outcome.wait_for(Option::is_some).await;
            if let Some(outcome) = over.ok().and_then(|outcome| outcome.clone()) {
                return outcome.map_err(|error| unavailable(&error));
            }
        }
        Err(unavailable(&ABORTED))
    }

    /// Forgets what is known of a user, for example when a group was left. A lookup that is
    /// under way answers those who wait for it and is not kept.
    pub fn forget(&self, user: PrincipalKey) {
        let mut state = self.0.lock();
        state.cache.forget(user);
        state.flights.remove(&user);
    }
}

enum Look {
    Known(ResolvedGroups),
    Wait(Flight),
}

const ABORTED: GroupSourceError = GroupSourceError::new("the lookup of the groups ended early");
const LATE: GroupSourceError = GroupSourceError::new("the groups did not come in time");
const BUSY: GroupSourceError = GroupSourceError::new("too many lookups of groups at once");
const NO_RUNTIME: GroupSourceError = GroupSourceError::new("no tokio runtime to look groups up in");

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(self: &Arc<Self>, token: &VerifiedToken) -> Result<Look, Rejection> {
        let user = token.principal().key();
        let mut state = self.lock();
        let now = self.clock.monotonic();
        if let Some(groups) = state.cache.get(user, now, &self.limits) {
            return Ok(Look::Known(groups));
        }
        if let Some(flight) = state.flights.get(&user) {
            return Ok(Look::Wait(flight.clone()));
        }
        if state.flights.len() >= self.limits.lookups {
            return Err(unavailable(&BUSY));
        }
        let Ok(runtime) = Handle::try_current() else {
            return Err(unavailable(&NO_RUNTIME));
        };
        let (over, outcome) = watch::channel(None);
        state.started += 1;
        let number = state.started;
        let flight = Flight { number, outcome };
        state.flights.insert(user, flight.clone());
        let lookup = Lookup {
            shared: Arc::clone(self),
            user,
            number,
            outcome: None,
            over,
        };
        runtime.spawn(lookup.run(token.clone()));
        Ok(Look::Wait(flight))
    }
}

/// A lookup under way. However it ends, the next one can start.
struct Lookup {
    shared: Arc<Shared>,
    user: PrincipalKey,
    number: u64,
    outcome: Option<Result<Vec<ObjectId>, GroupSourceError>>,
    over: watch::Sender<Option<Outcome>>,
}

impl Lookup {
    async fn run(mut self, token: VerifiedToken) {
        let shared = Arc::clone(&self.shared);
        let asked = shared.source.groups(&token);
        let outcome = tokio::time::timeout(shared.limits.timeout, asked).await;
        self.outcome = Some(outcome.unwrap_or(Err(LATE)));
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        let outcome = match self.outcome.take() {
            None if std::thread::panicking() => Some(Err(ABORTED)),
            // The runtime went away with the task: whoever still waits has another one.
            outcome => outcome,
        };
        let outcome =
            outcome.map(|outcome| outcome.map(|groups| ResolvedGroups::new(self.user, groups)));
        if let Some(Err(error)) = &outcome {
            tracing::warn!(
                tenant = %self.user.tenant,
                object = %self.user.object,
                error = %error,
                "the groups of a user could not be looked up"
            );
        }
        let mut state = self.shared.lock();
        let flight = state.flights.get(&self.user);
        // Otherwise the user was forgotten meanwhile, and another lookup may be under way.
        if flight.is_some_and(|flight| flight.number == self.number) {
            state.flights.remove(&self.user);
            if let Some(Ok(groups)) = &outcome {
                let now = self.shared.clock.monotonic();
                state.cache.put(groups.clone(), now, &self.shared.limits);
            }
        }
        drop(state);
        self.over.send_replace(outcome);
    }
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

#[derive(Default)]
struct Cache {
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
    fn get(
        &self,
        user: PrincipalKey,
        now: Duration,
        limits: &GroupLimits,
    ) -> Option<ResolvedGroups> {
        let answer = self.answers.get(&user)?;
        let age = now.saturating_sub(answer.came);
        (age < limits.kept_for).then(|| answer.groups.clone())
    }

    fn put(&mut self, groups: ResolvedGroups, now: Duration, limits: &GroupLimits) {
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

    fn forget(&mut self, user: PrincipalKey) {
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
