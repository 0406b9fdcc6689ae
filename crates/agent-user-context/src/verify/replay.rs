//! Records of used contexts, for routes on which one is good for one request.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entra_claims::{Clock, SystemClock};
use entra_parts::bounded::BoundedMap;
use entra_parts::clock::AgingClock;
use entra_parts::lock::lock;
use entra_parts::seal::{Binding, SealError};
use entra_parts::store::{SharedSpace, SharedTier};
use zeroize::Zeroizing;

use crate::claims::Id;
use crate::reason::ContextReason;

/// Which contexts were used, by issuer and `jti`. A handle.
///
/// Where a record cannot be kept (no room, the store does not answer) the request is refused: it could be a replay.
/// **An API with several instances needs the shared one**: in memory a context is good once per instance.
#[derive(Clone, Debug)]
pub struct ReplayRecords(Arc<Place>);

enum Place {
    Memory {
        used: Mutex<BoundedMap<(Box<str>, Id), ()>>,
        clock: AgingClock,
    },
    Shared(SharedSpace),
}

impl ReplayRecords {
    /// In the memory of this process, so many at most.
    #[must_use]
    pub fn in_memory(most: usize) -> Self {
        Self::in_memory_with_clock(most, Arc::new(SystemClock::new()))
    }

    /// The same, with another clock, for tests.
    #[must_use]
    pub fn in_memory_with_clock(most: usize, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Place::Memory {
            used: Mutex::new(BoundedMap::new(most)),
            clock: AgingClock::new(clock),
        }))
    }

    /// In a store that all instances share.
    ///
    /// # Errors
    ///
    /// [`SealError::Derivation`].
    pub fn shared(tier: &SharedTier) -> Result<Self, SealError> {
        Ok(Self(Arc::new(Place::Shared(
            tier.space("agent-user-context/replay/1")?,
        ))))
    }

    /// Records the use of a context, unless it is recorded already. Of two at once only one succeeds.
    pub(super) async fn record(
        &self,
        issuer: &str,
        jti: Id,
        keep: Duration,
    ) -> Result<(), ContextReason> {
        match &*self.0 {
            Place::Memory { used, clock } => {
                let now = clock.monotonic();
                let key = (issuer.into(), jti);
                let mut used = lock(used);
                if used.get(&key, now).is_some() {
                    return Err(ContextReason::Replayed);
                }
                match used.insert_if_room(key, (), now.saturating_add(keep), now) {
                    true => Ok(()),
                    false => Err(ContextReason::ReplayUndecided),
                }
            }
            Place::Shared(space) => {
                let binding = Binding::new("used").and(issuer).and(jti);
                match space
                    .put_if_absent(&binding, Zeroizing::new(vec![1]), keep)
                    .await
                {
                    Ok(true) => Ok(()),
                    Ok(false) => Err(ContextReason::Replayed),
                    Err(_) => Err(ContextReason::ReplayUndecided),
                }
            }
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory { .. } => "memory",
            Self::Shared(_) => "shared",
        })
    }
}
