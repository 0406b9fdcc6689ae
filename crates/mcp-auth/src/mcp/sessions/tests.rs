use std::time::Duration;

use entra_claims::{Clock as _, ManualClock, dangerous};

use super::*;
use crate::shared::{MemoryStore, SealingKeys, SharedStore, SharedTier, StoreError};

fn session(n: usize) -> SessionDigest {
    SessionDigest::of(&n.to_be_bytes())
}

fn owner(n: u8) -> SessionOwner {
    SessionOwner::from_bytes([n; 32])
}

fn limited(limits: SessionLimits) -> MemorySessions {
    MemorySessions::new(limits).unwrap()
}

#[test]
fn a_limit_that_keeps_no_session_is_refused_by_name() {
    let limits = SessionLimits::default();
    for (limits, text) in [
        (
            limits.with_sessions(0),
            "the limit sessions cannot be 0: 1 or more are allowed",
        ),
        (
            limits.with_sessions_per_caller(0),
            "sessions of one caller cannot be 0",
        ),
        (
            limits.with_idle(Duration::ZERO),
            "time without use cannot be 0 s",
        ),
    ] {
        let error = MemorySessions::new(limits).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
}

#[test]
fn a_session_is_its_owners_until_it_is_forgotten() {
    let sessions = MemorySessions::default();
    assert_eq!(sessions.find(session(1)), None);
    sessions.insert(session(1), owner(1));
    assert_eq!(sessions.find(session(1)), Some(owner(1)));
    assert_eq!(sessions.find(session(2)), None);
    sessions.forget(session(1));
    assert_eq!(sessions.find(session(1)), None);
}

#[test]
fn a_session_without_use_is_forgotten_and_a_used_one_is_not() {
    let clock = Arc::new(ManualClock::at(0));
    let sessions = limited(SessionLimits::default().with_idle(Duration::from_secs(60)))
        .with_clock(Arc::clone(&clock) as _);
    sessions.insert(session(1), owner(1));
    sessions.insert(session(2), owner(1));
    for _ in 0..3 {
        clock.advance(Duration::from_secs(59));
        assert_eq!(sessions.find(session(1)), Some(owner(1)));
    }
    assert_eq!(sessions.find(session(2)), None);
    clock.advance(Duration::from_secs(60));
    assert_eq!(sessions.find(session(1)), None);
    assert_eq!(clock.monotonic(), Duration::from_secs(237));
    let state = sessions.state();
    assert!(state.order.is_empty() && state.owners.is_empty());
}

#[test]
fn what_is_unused_makes_room_first() {
    let clock = Arc::new(ManualClock::at(0));
    let sessions = MemorySessions::default().with_clock(Arc::clone(&clock) as _);
    sessions.insert(session(1), owner(1));
    clock.advance(Duration::from_secs(86_400));
    sessions.insert(session(2), owner(2));
    assert_eq!(sessions.state().sessions.len(), 1);
}

#[test]
fn one_caller_cannot_push_out_the_sessions_of_others() {
    let sessions = limited(
        SessionLimits::default()
            .with_sessions(200)
            .with_sessions_per_caller(3),
    );
    sessions.insert(session(0), owner(0));
    for n in 1..=1_000 {
        sessions.insert(session(n), owner(1));
    }
    assert_eq!(sessions.find(session(0)), Some(owner(0)));
    let held = (1..=1_000).filter(|n| sessions.find(session(*n)).is_some());
    assert_eq!(held.collect::<Vec<_>>(), [998, 999, 1_000]);
}

#[test]
fn a_full_memory_forgets_the_least_used() {
    let sessions = limited(
        SessionLimits::default()
            .with_sessions(3)
            .with_sessions_per_caller(3),
    );
    for n in 1..=3 {
        sessions.insert(session(usize::from(n)), owner(n));
    }
    assert!(sessions.find(session(1)).is_some());
    // A caller who has one loses it, a new one takes the place of the least used.
    sessions.insert(session(4), owner(3));
    assert_eq!(sessions.find(session(3)), None);
    sessions.insert(session(5), owner(5));
    assert_eq!(sessions.find(session(2)), None);
    assert!(sessions.find(session(1)).is_some());
    assert_eq!(sessions.state().sessions.len(), 3);
}

#[test]
fn the_memory_does_not_change_an_owner() {
    let memory = MemorySessions::default();
    assert!(memory.insert(session(1), owner(1)));
    assert!(!memory.insert(session(1), owner(2)));
    assert!(memory.insert(session(1), owner(1)));
    assert_eq!(memory.find(session(1)), Some(owner(1)));
    let state = memory.state();
    let sizes = (state.sessions.len(), state.order.len(), state.owners.len());
    assert_eq!(sizes, (1, 1, 1));
}

fn tier(store: impl SharedStore + 'static) -> SharedTier {
    SharedTier::new(store, SealingKeys::random().unwrap())
}

#[tokio::test]
async fn a_session_does_not_change_its_owner() {
    let token = include_str!("../../../../entra-claims/tests/data/token.txt");
    let token = dangerous::assume_verified(token).unwrap();
    for sessions in [
        Sessions::Memory(Arc::new(MemorySessions::default())),
        Sessions::Shared(SharedSessions::new(&tier(MemoryStore::default())).unwrap()),
    ] {
        assert_eq!(
            sessions.check(b"a", Some(&token)).await,
            Err(McpRequestError::Session)
        );
        assert_eq!(sessions.bind(b"a", Some(&token)).await, Ok(()));
        assert_eq!(
            sessions.bind(b"a", None).await,
            Err(McpRequestError::Session)
        );
        assert_eq!(sessions.bind(b"a", Some(&token)).await, Ok(()));
        assert_eq!(sessions.check(b"a", Some(&token)).await, Ok(()));
        assert_eq!(
            sessions.check(b"a", None).await,
            Err(McpRequestError::Session)
        );
        assert_eq!(sessions.remove(b"a").await, Ok(()));
        assert_eq!(
            sessions.check(b"a", Some(&token)).await,
            Err(McpRequestError::Session)
        );
    }
}

#[tokio::test]
async fn a_shared_session_that_is_used_is_kept_and_an_unused_one_is_not() {
    let clock = Arc::new(ManualClock::at(1_800_000_000));
    let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as _));
    let shared = SharedSessions::new(&tier(Arc::clone(&store))).unwrap();
    let shared = shared.with_clock(Arc::clone(&clock) as _);
    assert_eq!(shared.insert(session(1), owner(1)).await, Ok(true));
    let name = store.names().remove(0);
    for _ in 0..3 {
        let written = store.value(&name).unwrap().0;
        clock.advance(Duration::from_secs(3_599));
        assert_eq!(shared.find(session(1)).await, Ok(Some(owner(1))));
        assert_eq!(
            store.value(&name).unwrap().0,
            written,
            "not written each time"
        );
        clock.advance(Duration::from_secs(82_000));
        assert_eq!(shared.find(session(1)).await, Ok(Some(owner(1))));
        assert_ne!(store.value(&name).unwrap().0, written);
    }
    clock.advance(Duration::from_secs(86_400));
    assert_eq!(shared.find(session(1)).await, Ok(None));
}

/// A store that gives one session the record of another gives no session away.
#[tokio::test]
async fn a_record_opens_for_its_own_session_only() {
    let store = Arc::new(MemoryStore::default());
    let shared = SharedSessions::new(&tier(Arc::clone(&store))).unwrap();
    assert_eq!(shared.insert(session(1), owner(1)).await, Ok(true));
    let first = store.names().remove(0);
    let record = store.value(&first).unwrap().0;
    assert_eq!(shared.insert(session(2), owner(2)).await, Ok(true));
    for name in store.names().into_iter().filter(|name| *name != first) {
        store.overwrite(&name, record.clone());
    }
    assert_eq!(shared.find(session(2)).await, Ok(None));
    assert_eq!(shared.insert(session(2), owner(1)).await, Ok(false));
}

#[test]
fn owners_are_told_apart_and_say_nothing() {
    let token = include_str!("../../../../entra-claims/tests/data/token.txt");
    let token = dangerous::assume_verified(token).unwrap();
    let owner = SessionOwner::of(Some(&token));
    assert_eq!(owner, SessionOwner::of(Some(&token.clone())));
    assert_ne!(owner, SessionOwner::of(None));
    let shown = format!("{owner:?} {:?}", SessionDigest::of(b"s3cret"));
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(!shown.contains(&token.principal().object().to_string()));
    assert_ne!(hash(&["a", "bc"]), hash(&["ab", "c"]));
    assert_ne!(hash(&["a"]), hash(&["a", ""]));
}

fn hash(parts: &[&str]) -> SessionOwner {
    let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).collect();
    SessionOwner::from_bytes(owner::hashed("x", &parts))
}

/// Fails with what it holds, or does not answer at all.
#[derive(Debug)]
struct Broken(Option<StoreError>);

impl Broken {
    async fn answer<T>(&self) -> Result<T, StoreError> {
        match &self.0 {
            Some(error) => Err(error.clone()),
            None => std::future::pending().await,
        }
    }
}

#[async_trait::async_trait]
impl SharedStore for Broken {
    async fn get(&self, _: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.answer().await
    }

    async fn put(&self, _: &str, _: &[u8], _: Duration) -> Result<(), StoreError> {
        self.answer().await
    }

    async fn put_if_absent(&self, _: &str, _: &[u8], _: Duration) -> Result<bool, StoreError> {
        self.answer().await
    }

    async fn delete(&self, _: &str) -> Result<(), StoreError> {
        self.answer().await
    }

    async fn take(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.answer().await
    }

    async fn add(&self, _: &str, _: u64, _: Duration) -> Result<u64, StoreError> {
        self.answer().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_shared_store_that_fails_or_hangs_decides_nothing() {
    for broken in [Broken(Some(StoreError::failed("down"))), Broken(None)] {
        let sessions = Sessions::Shared(SharedSessions::new(&tier(broken)).unwrap());
        let unavailable = Err(McpRequestError::SessionsUnavailable);
        assert_eq!(sessions.bind(b"a", None).await, unavailable);
        assert_eq!(sessions.check(b"a", None).await, unavailable);
        assert_eq!(sessions.remove(b"a").await, unavailable);
    }
}
