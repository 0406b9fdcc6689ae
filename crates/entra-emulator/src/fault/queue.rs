//! The faults that wait for their requests.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::rule::{Facts, Fault};

/// Names one fault of one emulator, to remove it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FaultId(u64);

impl FaultId {
    pub(crate) fn new(number: u64) -> Self {
        Self(number)
    }

    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A fault that is not spent.
#[derive(Clone, Debug)]
pub struct PendingFault {
    id: FaultId,
    fault: Fault,
    passes: u32,
    /// Nothing means without end.
    left: Option<u32>,
    hits: u64,
}

impl PendingFault {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> FaultId {
        self.id
    }

    /// The fault as it was ordered.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// How many requests it has failed so far.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hits
    }
}

/// The faults of one emulator, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    last: u64,
    waiting: Vec<PendingFault>,
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) -> FaultId {
        let mut queue = self.lock();
        queue.last += 1;
        let id = FaultId(queue.last);
        queue.waiting.push(PendingFault {
            id,
            passes: fault.passes(),
            left: fault.budget(),
            hits: 0,
            fault,
        });
        id
    }

    /// The oldest fault that strikes this request. All that match count it, so that two
    /// with `nth` do not shift each other.
    pub(crate) fn take(&self, request: &Facts<'_>) -> Option<Fault> {
        let mut queue = self.lock();
        let mut struck = None;
        for pending in queue
            .waiting
            .iter_mut()
            .filter(|p| p.fault.matches(request))
        {
            if pending.passes > 0 {
                pending.passes -= 1;
            } else if struck.is_none() {
                pending.left = pending.left.map(|left| left.saturating_sub(1));
                pending.hits += 1;
                struck = Some(pending.fault.clone());
            }
        }
        queue.waiting.retain(|p| p.left != Some(0));
        struck
    }

    pub(crate) fn pending(&self) -> Vec<PendingFault> {
        self.lock().waiting.clone()
    }

    /// Whether there was one of that name.
    pub(crate) fn remove(&self, id: FaultId) -> bool {
        let mut queue = self.lock();
        let before = queue.waiting.len();
        queue.waiting.retain(|p| p.id != id);
        queue.waiting.len() < before
    }

    pub(crate) fn clear(&self) {
        self.lock().waiting.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(path: &str) -> Facts<'_> {
        Facts {
            method: "POST",
            path,
            ..Facts::default()
        }
    }

    #[test]
    fn a_fault_is_spent_after_its_number_of_requests() {
        let faults = Faults::default();
        faults.add(Fault::status("/token", 500).times(2));
        faults.add(Fault::status("/keys", 404));
        assert!(faults.take(&post("/t/oauth2/v2.0/token")).is_some());
        assert!(faults.take(&post("/t/oauth2/v2.0/token")).is_some());
        assert!(faults.take(&post("/t/oauth2/v2.0/token")).is_none());
        assert!(faults.take(&post("/t/discovery/keys")).is_some());
        assert!(faults.take(&post("/t/discovery/keys")).is_none());
    }

    #[test]
    fn the_nth_is_counted_among_those_that_match() {
        let faults = Faults::default();
        let id = faults.add(Fault::close("/token").nth(3).tenant("t").always());
        for (path, strikes) in [
            ("/t/token", false),
            ("/other/token", false),
            ("/t/token", false),
            ("/t/token", true),
            ("/other/token", false),
            ("/t/token", true),
        ] {
            assert_eq!(faults.take(&post(path)).is_some(), strikes, "{path}");
        }
        assert_eq!(faults.pending().first().map(PendingFault::hits), Some(2));
        assert!(faults.remove(id) && !faults.remove(id));
        assert!(faults.take(&post("/t/token")).is_none());
    }

    #[test]
    fn client_grant_and_method_narrow_it() {
        let faults = Faults::default();
        faults.add(
            Fault::close("/")
                .client_id("A")
                .grant_type("g")
                .method("post"),
        );
        let right = Facts {
            client_id: Some("a"),
            grant_type: Some("g"),
            ..post("/x")
        };
        for wrong in [
            Facts {
                client_id: Some("b"),
                ..right
            },
            Facts {
                client_id: None,
                ..right
            },
            Facts {
                grant_type: Some("h"),
                ..right
            },
            Facts {
                method: "GET",
                ..right
            },
        ] {
            assert!(faults.take(&wrong).is_none(), "{wrong:?}");
        }
        assert!(faults.take(&right).is_some());
    }
}
