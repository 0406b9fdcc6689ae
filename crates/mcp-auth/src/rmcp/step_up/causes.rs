//! Challenges that were sent, for one 401 per cause: in bounded memory, and in a shared store.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use entra_claims::{Clock, Principal};
use entra_parts::bounded::BoundedMap;
use entra_parts::lock::lock;
use entra_parts::seal::{Binding, SealError};
use entra_parts::store::{SharedSpace, SharedTier};
use foundry_scopes::{ClientId, ObjectId, ScopeSet, TenantId};
use zeroize::Zeroizing;

/// More users are not remembered; those who do not fit are answered in words.
const USERS: usize = 10_000;

/// More causes at one downstream are not remembered, likewise.
const CAUSES: usize = 8;

/// A bounded memory: for each caller and downstream, what a 401 was sent for and until
/// when that counts.
///
/// A client that cannot satisfy a challenge signs in again, comes back with the same, and
/// would do so for ever. Full, it errs to the side of telling the user in words.
///
/// What this process sent is in its memory, so that a success costs the store nothing unless
/// there is something to forget there. While the store does not answer, the memory decides.
#[derive(Debug)]
pub(super) struct Causes {
    clock: Arc<dyn Clock>,
    ttl: Duration,
    sent: Mutex<Sent>,
    shared: Option<SharedSpace>,
}

/// Causes by caller and downstream, each with the time until when it counts.
type Sent = BoundedMap<CallerAtDownstream, Vec<(String, Duration)>>;

/// A caller, through a client application, at a downstream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CallerAtDownstream {
    tenant: TenantId,
    object: ObjectId,
    client: ClientId,
    scopes: String,
}

impl Causes {
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        ttl: Duration,
        shared: Option<&SharedTier>,
    ) -> Result<Self, SealError> {
        let shared = shared.map(|tier| tier.space("mcp-auth/sent-challenges/1"));
        Ok(Self {
            clock,
            ttl,
            sent: Mutex::new(Sent::new(USERS)),
            shared: shared.transpose()?,
        })
    }

    /// Whether this cause may be answered by a 401; if so, it was the last time for now.
    pub(super) async fn take(&self, who: &Principal, scopes: &ScopeSet, cause: &str) -> bool {
        let line = CallerAtDownstream::new(who, scopes);
        if !self.take_here(&line, cause) {
            return false;
        }
        let Some(shared) = &self.shared else {
            return true;
        };
        let place = line.place(cause);
        let sent = shared.put_if_absent(&place, Zeroizing::default(), self.ttl);
        sent.await.unwrap_or_else(|error| {
            tracing::debug!(target: "mcp_auth::exchange", %error, "sent challenges are known here only");
            true
        })
    }

    /// No 401 was sent after all.
    pub(super) async fn give_back(&self, who: &Principal, scopes: &ScopeSet, cause: &str) {
        let now = self.clock.monotonic();
        let line = CallerAtDownstream::new(who, scopes);
        if let Some(causes) = self.sent().get_mut(&line, now) {
            causes.retain(|(known, _)| known != cause);
        }
        self.forget_shared(&line, vec![cause.to_owned()]).await;
    }

    /// The caller got a token there: what was missing is no longer.
    pub(super) async fn forget(&self, who: &Principal, scopes: &ScopeSet) {
        let (line, causes) = {
            let mut sent = self.sent();
            if sent.is_empty() {
                return;
            }
            let line = CallerAtDownstream::new(who, scopes);
            let Some(causes) = sent.remove(&line) else {
                return;
            };
            (line, causes)
        };
        let causes = causes.into_iter().map(|(cause, _)| cause).collect();
        self.forget_shared(&line, causes).await;
    }

    fn take_here(&self, line: &CallerAtDownstream, cause: &str) -> bool {
        let now = self.clock.monotonic();
        let mut sent = self.sent();
        let mut causes = sent.remove(line).unwrap_or_default();
        causes.retain(|(_, until)| *until > now);
        let may = causes.len() < CAUSES && !causes.iter().any(|(known, _)| known == cause);
        let until = now.saturating_add(self.ttl);
        if may {
            causes.push((cause.to_owned(), until));
        }
        let lasts = causes.iter().map(|(_, until)| *until).max();
        let kept = lasts.is_some_and(|lasts| sent.insert_if_room(line.clone(), causes, lasts, now));
        may && kept
    }

    /// What stays in a store that does not answer is gone in ten minutes.
    async fn forget_shared(&self, line: &CallerAtDownstream, causes: Vec<String>) {
        if let Some(shared) = &self.shared {
            for cause in causes {
                if let Err(error) = shared.delete(&line.place(&cause)).await {
                    tracing::debug!(target: "mcp_auth::exchange", %error, "a sent challenge stays");
                }
            }
        }
    }

    fn sent(&self) -> MutexGuard<'_, Sent> {
        // Nothing that could panic runs under the lock.
        lock(&self.sent)
    }
}

impl CallerAtDownstream {
    fn new(who: &Principal, scopes: &ScopeSet) -> Self {
        Self {
            tenant: who.tenant(),
            object: who.object(),
            client: who.client(),
            scopes: scopes.to_string(),
        }
    }

    fn place(&self, cause: &str) -> Binding {
        let (tenant, object) = (self.tenant.to_string(), self.object.to_string());
        [
            &*tenant,
            &*object,
            &*self.client.to_string(),
            &self.scopes,
            cause,
        ]
        .iter()
        .fold(Binding::new("challenge"), Binding::and)
    }
}
