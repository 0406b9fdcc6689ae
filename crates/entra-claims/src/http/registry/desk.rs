//! Where a registry is asked: one lookup per tenant, in a task of its own.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entra_parts::clock::Clock;
use foundry_scopes::TenantId;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tracing::Instrument;

use super::answers::{Answers, Hand};
use super::{MOST_LOOKUPS, TenantCacheLimits, TenantRegistry, TenantRegistryError};
use crate::http::meter;
use crate::reject::{Detail, Reason, Rejection};

/// How often a waiter starts over whose lookup ended without an outcome.
const ATTEMPTS: usize = 3;

/// The registry and what is kept of its answers. A handle.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Shared>);

struct Shared {
    registry: Arc<dyn TenantRegistry>,
    clock: Arc<dyn Clock>,
    limits: TenantCacheLimits,
    answers: Answers,
    flights: Mutex<Flights>,
}

#[derive(Default)]
struct Flights {
    by_tenant: HashMap<TenantId, Flight>,
    /// Of tenants that were not known: known ones never wait for a place.
    strangers: usize,
    next: u64,
}

struct Flight {
    number: u64,
    outcome: watch::Receiver<Option<Hand>>,
    known_before: bool,
}

impl Desk {
    pub(crate) fn new(
        registry: Arc<dyn TenantRegistry>,
        clock: Arc<dyn Clock>,
        limits: TenantCacheLimits,
    ) -> Self {
        Self(Arc::new(Shared {
            registry,
            clock,
            limits,
            answers: Answers::new(limits),
            flights: Mutex::default(),
        }))
    }

    /// What can be said of `tenant` at once. An answer that is due is renewed meanwhile.
    pub(crate) fn at_hand(&self, tenant: TenantId) -> Hand {
        let hand = self.0.at_hand(tenant);
        if hand == (Hand::Known { due: true }) {
            // Without a place or a runtime the next request tries.
            let _ = self.start(tenant, true);
        }
        hand
    }

    /// Asks for `tenant`, of a token whose signature held.
    pub(crate) async fn admit(&self, tenant: TenantId) -> Result<(), Rejection> {
        let mut hand = self.at_hand(tenant);
        for _ in 0..ATTEMPTS {
            let known_before = match hand {
                Hand::Known { .. } => return Ok(()),
                Hand::Unknown => return Err(not_registered(tenant)),
                Hand::Unreachable(wait) => return Err(unavailable(wait, "the last lookup failed")),
                Hand::Ask { known_before } => known_before,
            };
            let mut outcome = self.start(tenant, known_before)?;
            // Ends when the sender is dropped, with or without an outcome.
            while outcome.borrow().is_none() && outcome.changed().await.is_ok() {}
            let ended = *outcome.borrow();
            hand = ended.unwrap_or(Hand::Ask { known_before });
        }
        Err(unavailable(SECOND, "the lookup ended early"))
    }

    /// Forgets what is known of `tenant`; a lookup under way counts for those who wait for it
    /// and is not kept.
    pub(crate) fn forget(&self, tenant: TenantId) {
        self.0.flights().end(tenant, None);
        self.0.answers.forget(tenant);
    }

    /// The lookup that is under way, or a new one.
    fn start(
        &self,
        tenant: TenantId,
        known_before: bool,
    ) -> Result<watch::Receiver<Option<Hand>>, Rejection> {
        let mut flights = self.0.flights();
        if let Some(flight) = flights.by_tenant.get(&tenant) {
            return Ok(flight.outcome.clone());
        }
        if !known_before && flights.strangers >= MOST_LOOKUPS {
            return Err(unavailable(SECOND, "many tenants are being looked up"));
        }
        let Ok(runtime) = Handle::try_current() else {
            return Err(unavailable(
                SECOND,
                "no tokio runtime to ask the registry in",
            ));
        };
        let (told, outcome) = watch::channel(None);
        flights.next += 1;
        let number = flights.next;
        flights.strangers += usize::from(!known_before);
        flights.by_tenant.insert(
            tenant,
            Flight {
                number,
                outcome: outcome.clone(),
                known_before,
            },
        );
        drop(flights);
        let lookup = Lookup {
            shared: Arc::clone(&self.0),
            tenant,
            number,
            answer: None,
            told,
        };
        let span = tracing::debug_span!("entra_claims.ask_registry", %tenant);
        runtime.spawn(lookup.run().instrument(span));
        Ok(outcome)
    }
}

impl Shared {
    fn flights(&self) -> MutexGuard<'_, Flights> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at_hand(&self, tenant: TenantId) -> Hand {
        self.answers.at_hand(tenant, self.clock.monotonic())
    }
}

impl Flights {
    /// Whether the lookup was there, if a number is given the one of that number.
    fn end(&mut self, tenant: TenantId, number: Option<u64>) -> bool {
        let is_it = |flight: &&Flight| number.is_none_or(|number| flight.number == number);
        if self.by_tenant.get(&tenant).filter(is_it).is_none() {
            return false;
        }
        if let Some(flight) = self.by_tenant.remove(&tenant) {
            self.strangers -= usize::from(!flight.known_before);
        }
        true
    }
}

/// A lookup under way. However it ends, the next one can start.
struct Lookup {
    shared: Arc<Shared>,
    tenant: TenantId,
    number: u64,
    answer: Option<Result<bool, TenantRegistryError>>,
    told: watch::Sender<Option<Hand>>,
}

impl Lookup {
    async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let asked = shared.registry.contains(self.tenant);
        let answer = tokio::time::timeout(shared.limits.deadline, asked).await;
        self.answer = Some(answer.unwrap_or_else(|_| {
            Err(TenantRegistryError::new(
                "the registry took longer than its deadline",
            ))
        }));
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        let (shared, tenant) = (&self.shared, self.tenant);
        let answer = match self.answer.take() {
            None if std::thread::panicking() => {
                Some(Err(TenantRegistryError::new("the registry panicked")))
            }
            // The runtime went away with the task: whoever still waits has another one.
            answer => answer,
        };
        match &answer {
            Some(Ok(true)) => meter::looked_up("known"),
            Some(Ok(false)) => meter::looked_up("unknown"),
            Some(Err(error)) => {
                meter::looked_up("failed");
                tracing::warn!(%tenant, %error, "the tenant registry cannot be asked");
            }
            None => {}
        }
        // Under the lock until the answer is in place: who finds no lookup finds the answer.
        let mut flights = shared.flights();
        let current = flights.end(tenant, Some(self.number));
        let now = shared.clock.monotonic();
        let hand = match answer {
            Some(Ok(known)) => {
                if current {
                    shared.answers.answered(tenant, known, now);
                }
                if known {
                    Hand::Known { due: false }
                } else {
                    Hand::Unknown
                }
            }
            Some(Err(_)) if current => shared.answers.failed(tenant, now),
            Some(Err(_)) => Hand::Unreachable(SECOND),
            None => return,
        };
        drop(flights);
        self.told.send_replace(Some(hand));
    }
}

const SECOND: Duration = Duration::from_secs(1);

fn not_registered(tenant: TenantId) -> Rejection {
    let detail = Detail::found(&tenant.to_string())
        .needed("a tenant that the registry knows")
        .hint("add the tenant to the registry, or sign in to one that is in it");
    Rejection::with(Reason::TenantNotRegistered, detail).after_signature()
}

fn unavailable(wait: Duration, why: &'static str) -> Rejection {
    Rejection::unavailable(Reason::RegistryUnavailable, wait.max(SECOND), why).after_signature()
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk")
            .field("registry", &self.0.registry)
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}
