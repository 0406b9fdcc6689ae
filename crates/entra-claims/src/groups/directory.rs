//! Lookups: one at a time per user, in a task of its own.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foundry_scopes::ObjectId;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::cache::Cache;
use super::{GroupLimits, GroupSource, GroupSourceError, ResolvedGroups};
use crate::{Clock, PrincipalKey, Reason, Rejection, Requirement, SystemClock, VerifiedToken};

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
