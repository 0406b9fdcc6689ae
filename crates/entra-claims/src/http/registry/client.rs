//! Client of a tenant registry: one lookup per tenant, in a task of its own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entra_parts::clock::{AgingClock, Clock};
use entra_parts::flight::{Completer, Flights, Panicked, Waiter};
use foundry_scopes::TenantId;
use tokio::runtime::Handle;
use tracing::Instrument;

use super::answers::{Answers, CachedAnswer};
use super::{MOST_LOOKUPS, TenantCacheLimits, TenantRegistry, TenantRegistryError};
use crate::http::meter;
use crate::reject::{Detail, Reason, Rejection};

/// How often a waiter starts over whose lookup ended without an outcome.
const ATTEMPTS: usize = 3;

/// The registry and what is kept of its answers. A handle.
#[derive(Clone)]
pub(crate) struct RegistryClient(Arc<Shared>);

struct Shared {
    registry: Arc<dyn TenantRegistry>,
    clock: Arc<dyn Clock>,
    limits: TenantCacheLimits,
    answers: Answers,
    lookups: Arc<Flights<TenantId, CachedAnswer, Standing>>,
}

/// What a tenant was when its lookup began.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Its lookup never waits for a place.
    Known,
    Stranger,
}

impl RegistryClient {
    pub(crate) fn new(
        registry: Arc<dyn TenantRegistry>,
        clock: Arc<dyn Clock>,
        limits: TenantCacheLimits,
    ) -> Self {
        Self(Arc::new(Shared {
            registry,
            clock: Arc::new(AgingClock::new(clock)),
            limits,
            answers: Answers::new(limits),
            lookups: Flights::new(),
        }))
    }

    /// What can be said of `tenant` at once. An answer that is due is renewed meanwhile.
    pub(crate) fn cached(&self, tenant: TenantId) -> CachedAnswer {
        let answer = self.0.cached(tenant);
        if answer == (CachedAnswer::Known { due: true }) {
            // Without a place or a runtime the next request tries.
            let _ = self.start(tenant, true);
        }
        answer
    }

    /// The answer about `tenant`, of a token whose signature held: `None` if the registry has
    /// to be asked.
    pub(crate) fn admit_now(&self, tenant: TenantId) -> Option<Result<(), Rejection>> {
        match self.cached(tenant) {
            CachedAnswer::Ask { .. } => None,
            answer => Some(verdict(tenant, answer)),
        }
    }

    /// Asks for `tenant`, of a token whose signature held.
    pub(crate) async fn admit(&self, tenant: TenantId) -> Result<(), Rejection> {
        let mut answer = self.cached(tenant);
        for _ in 0..ATTEMPTS {
            let CachedAnswer::Ask { known_before } = answer else {
                return verdict(tenant, answer);
            };
            let waiter = self.start(tenant, known_before)?;
            let ended = waiter.wait().await;
            answer = ended.unwrap_or(CachedAnswer::Ask { known_before });
        }
        Err(unavailable(SECOND, "the lookup ended early"))
    }

    /// Forgets what is known of `tenant`; a lookup under way counts for those who wait for it
    /// and is not kept.
    pub(crate) fn forget(&self, tenant: TenantId) {
        // In this order: what ends between the two is removed, what ends later is not kept.
        self.0.lookups.detach(|known, _| *known == tenant);
        self.0.answers.forget(tenant);
    }

    /// The lookup that is under way, or a new one.
    fn start(
        &self,
        tenant: TenantId,
        known_before: bool,
    ) -> Result<Waiter<TenantId, CachedAnswer, Standing>, Rejection> {
        let (standing, most) = match known_before {
            true => (Standing::Known, usize::MAX),
            false => (Standing::Stranger, MOST_LOOKUPS),
        };
        let joined = self.0.lookups.join_if_fewer(tenant, standing, most);
        let Some((waiter, lookup)) = joined else {
            return Err(unavailable(SECOND, "many tenants are being looked up"));
        };
        if let Some(lookup) = lookup {
            let Ok(runtime) = Handle::try_current() else {
                return Err(unavailable(
                    SECOND,
                    "no tokio runtime to ask the registry in",
                ));
            };
            let span = tracing::debug_span!("entra_claims.ask_registry", %tenant);
            let shared = Arc::clone(&self.0);
            runtime.spawn(shared.look_up(tenant, lookup).instrument(span));
        }
        Ok(waiter)
    }
}

impl Shared {
    fn cached(&self, tenant: TenantId) -> CachedAnswer {
        self.answers.cached(tenant, self.clock.monotonic())
    }

    /// Asks the registry. A runtime that goes away drops this with the completer: its waiters
    /// have another one, and start again.
    async fn look_up(
        self: Arc<Self>,
        tenant: TenantId,
        lookup: Completer<TenantId, CachedAnswer, Standing>,
    ) {
        let asked = async {
            let contains = self.registry.contains(tenant);
            tokio::time::timeout(self.limits.deadline, contains).await
        };
        let answer = match lookup.drive(asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(TenantRegistryError::new(
                "the registry took longer than its deadline",
            )),
            Err(Panicked) => Err(TenantRegistryError::new("the registry panicked")),
        };
        match &answer {
            Ok(true) => meter::looked_up("known"),
            Ok(false) => meter::looked_up("unknown"),
            Err(error) => {
                meter::looked_up("failed");
                tracing::warn!(%tenant, %error, "the tenant registry cannot be asked");
            }
        }
        // Until the answer is in place: who finds no lookup finds the answer.
        lookup.complete_with(|current| {
            let now = self.clock.monotonic();
            match answer {
                Ok(known) => {
                    if current {
                        self.answers.answered(tenant, known, now);
                    }
                    match known {
                        true => CachedAnswer::Known { due: false },
                        false => CachedAnswer::Unknown,
                    }
                }
                Err(_) if current => self.answers.failed(tenant, now),
                Err(_) => CachedAnswer::Unreachable(SECOND),
            }
        });
    }
}

const SECOND: Duration = Duration::from_secs(1);

fn verdict(tenant: TenantId, answer: CachedAnswer) -> Result<(), Rejection> {
    match answer {
        CachedAnswer::Known { .. } => Ok(()),
        CachedAnswer::Unknown => Err(not_registered(tenant)),
        CachedAnswer::Unreachable(wait) => Err(unavailable(wait, "the last lookup failed")),
        CachedAnswer::Ask { .. } => Err(unavailable(SECOND, "the registry was not asked")),
    }
}

fn not_registered(tenant: TenantId) -> Rejection {
    let detail = Detail::found(&tenant.to_string())
        .needed("a tenant that the registry knows")
        .hint("add the tenant to the registry, or sign in to one that is in it");
    Rejection::with(Reason::TenantNotRegistered, detail).after_signature()
}

fn unavailable(wait: Duration, why: &'static str) -> Rejection {
    Rejection::unavailable(Reason::RegistryUnavailable, wait.max(SECOND), why).after_signature()
}

impl fmt::Debug for RegistryClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryClient")
            .field("registry", &self.0.registry)
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}
