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

fn closing(n: usize) -> closing::Closing {
    let (parts, ()) = http::Request::new(()).into_parts();
    Endpoint::of(&parts)
        .closing(n.to_string().as_bytes())
        .unwrap()
}

/// As `initialize` does it.
fn open(live: &Arc<LiveSessions>, n: usize, owner: SessionOwner) -> bool {
    match live.reserve(owner, Share::User) {
        Ok(place) => live.insert(place, session(n), closing(n)),
        Err(_) => false,
    }
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
            limits.with_sessions_per_user(0),
            "sessions of one user cannot be 0",
        ),
        (
            limits.with_sessions_per_application(0),
            "sessions of one application cannot be 0",
        ),
        (
            limits.with_idle(Duration::ZERO),
            "time without use cannot be 0 s",
        ),
    ] {
        let error = LiveSessions::new(limits).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
}

#[test]
fn a_session_is_its_owners_until_it_is_forgotten() {
    let sessions = Arc::new(LiveSessions::default());
    assert_eq!(sessions.find(session(1)), None);
    assert!(open(&sessions, 1, owner(1)));
    assert_eq!(sessions.find(session(1)), Some(owner(1)));
    assert_eq!(sessions.find(session(2)), None);
    sessions.forget(session(1));
    assert_eq!(sessions.find(session(1)), None);
    assert_eq!(sessions.sizes(), [0; 4]);
}

#[test]
fn a_session_without_use_is_refused_and_closed_and_a_used_one_is_not() {
    let clock = Arc::new(ManualClock::at(0));
    let sessions = LiveSessions::new(SessionLimits::default().with_idle(Duration::from_secs(60)));
    let sessions = Arc::new(sessions.unwrap().with_clock(Arc::clone(&clock) as _));
    assert!(open(&sessions, 1, owner(1)) && open(&sessions, 2, owner(1)));
    for _ in 0..3 {
        clock.advance(Duration::from_secs(59));
        assert_eq!(sessions.find(session(1)), Some(owner(1)));
    }
    assert_eq!(sessions.find(session(2)), None);
    let idle = sessions.take_idle(8);
    assert_eq!(idle.len(), 1);
    assert_eq!((idle[0].session, idle[0].owner), (session(2), owner(1)));
    assert_eq!(sessions.find(session(1)), Some(owner(1)));
    clock.advance(Duration::from_secs(60));
    assert_eq!(sessions.find(session(1)), None);
    assert_eq!(sessions.take_idle(8).len(), 1);
    assert_eq!(sessions.sizes(), [0; 4]);
    assert_eq!(clock.monotonic(), Duration::from_secs(237));
}

#[test]
fn a_few_are_closed_at_once() {
    let clock = Arc::new(ManualClock::at(0));
    let sessions = LiveSessions::default().with_clock(Arc::clone(&clock) as _);
    let sessions = Arc::new(sessions);
    for n in 0..20 {
        assert!(open(&sessions, n, owner(1)));
    }
    clock.advance(Duration::from_secs(86_400));
    let counts: Vec<_> = (0..4).map(|_| sessions.take_idle(8).len()).collect();
    assert_eq!(counts, [8, 8, 4, 0]);
}

/// None is evicted: who has a share of sessions waits, or ends one.
#[test]
fn a_callers_share_is_bounded_and_live_sessions_stay() {
    let clock = Arc::new(ManualClock::at(0));
    let limits = SessionLimits::default()
        .with_sessions(5)
        .with_sessions_per_user(2)
        .with_sessions_per_application(3);
    let sessions = LiveSessions::new(limits).unwrap();
    let sessions = Arc::new(sessions.with_clock(Arc::clone(&clock) as _));
    let first = sessions.reserve(owner(1), Share::User).unwrap();
    let second = sessions.reserve(owner(1), Share::User).unwrap();
    // Places count before a session is open.
    let full = sessions.reserve(owner(1), Share::User).unwrap_err();
    assert_eq!(full, Full::Share(Duration::ZERO));
    drop(second);
    assert!(sessions.insert(first, session(1), closing(1)));
    assert!(open(&sessions, 2, owner(1)));
    clock.advance(Duration::from_secs(400));
    let full = sessions.reserve(owner(1), Share::User).unwrap_err();
    assert_eq!(full, Full::Share(Duration::from_secs(86_000)));
    // The same share is larger for an application, and the total holds for all.
    let jobs: Vec<_> = (0..3)
        .map(|_| sessions.reserve(owner(2), Share::Application).unwrap())
        .collect();
    assert_eq!(
        sessions.reserve(owner(3), Share::User).unwrap_err(),
        Full::Total
    );
    drop(jobs);
    assert!(open(&sessions, 3, owner(3)));
    for (n, of) in [(1, 1), (2, 1), (3, 3)] {
        assert_eq!(sessions.find(session(n)), Some(owner(of)), "{n}");
    }
    sessions.forget(session(1));
    assert!(open(&sessions, 4, owner(1)));
    assert_eq!(sessions.sizes(), [3, 3, 2, 0]);
}

#[test]
fn the_memory_does_not_change_an_owner() {
    let memory = Arc::new(LiveSessions::default());
    assert!(open(&memory, 1, owner(1)));
    assert!(!open(&memory, 1, owner(2)));
    assert!(open(&memory, 1, owner(1)));
    assert_eq!(memory.find(session(1)), Some(owner(1)));
    assert_eq!(memory.sizes(), [1, 1, 1, 0]);
}

fn tier(store: impl SharedStore + 'static) -> SharedTier {
    SharedTier::new(store, SealingKeys::random().unwrap())
}

fn endpoint() -> Endpoint {
    Endpoint::of(&http::Request::new(()).into_parts().0)
}

impl Sessions {
    fn sharing(store: impl SharedStore + 'static) -> Self {
        Self {
            shared: Some(SharedSessions::new(&tier(store)).unwrap()),
            ..Self::default()
        }
    }

    async fn open(&self, id: &[u8], token: Option<&VerifiedToken>) -> Result<(), McpRequestError> {
        let place = self.reserve(token)?;
        self.bind(place, id, &endpoint(), token).await
    }

    async fn ask(&self, id: &[u8], token: Option<&VerifiedToken>) -> Result<(), McpRequestError> {
        self.check(id, endpoint, token).await
    }
}

#[tokio::test]
async fn a_session_does_not_change_its_owner() {
    let token = include_str!("../../../../entra-claims/tests/data/token.txt");
    let token = dangerous::assume_verified(token).unwrap();
    let unknown = Err(McpRequestError::Session);
    for sessions in [
        Sessions::default(),
        Sessions::sharing(MemoryStore::default()),
    ] {
        assert_eq!(sessions.ask(b"a", Some(&token)).await, unknown);
        assert_eq!(sessions.open(b"a", Some(&token)).await, Ok(()));
        assert_eq!(sessions.open(b"a", None).await, unknown);
        assert_eq!(sessions.open(b"a", Some(&token)).await, Ok(()));
        assert_eq!(sessions.ask(b"a", Some(&token)).await, Ok(()));
        assert_eq!(sessions.ask(b"a", None).await, unknown);
        assert_eq!(sessions.remove(b"a").await, Ok(()));
        assert_eq!(sessions.ask(b"a", Some(&token)).await, unknown);
        assert_eq!(sessions.live.sizes(), [0; 4]);
    }
}

/// What one instance has not seen used for a day another one may have.
#[tokio::test]
async fn a_session_that_another_instance_uses_is_not_closed() {
    let clock = Arc::new(ManualClock::at(1_800_000_000));
    let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as _));
    let tier = tier(Arc::clone(&store));
    let instance = || {
        let live = LiveSessions::default().with_clock(Arc::clone(&clock) as _);
        let shared = SharedSessions::new(&tier).unwrap();
        Sessions {
            live: Arc::new(live),
            shared: Some(shared.with_clock(Arc::clone(&clock) as _)),
        }
    };
    let (one, two) = (instance(), instance());
    one.open(b"a", None).await.unwrap();
    one.open(b"b", None).await.unwrap();
    clock.advance(Duration::from_secs(50_000));
    assert_eq!(two.ask(b"a", None).await, Ok(()));
    assert_eq!(two.live.sizes()[0], 1, "the server there holds it too");
    clock.advance(Duration::from_secs(40_000));
    let mut closed = Vec::new();
    for idle in one.take_idle() {
        if !one.is_used_elsewhere(&idle).await {
            closed.push(idle.session);
        }
    }
    assert_eq!(closed, [SessionDigest::of(b"b")]);
    assert_eq!(one.ask(b"a", None).await, Ok(()));
    assert_eq!(one.ask(b"b", None).await, Err(McpRequestError::Session));
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
        let sessions = Sessions::sharing(broken);
        let unavailable = Err(McpRequestError::SessionsUnavailable);
        assert_eq!(sessions.open(b"a", None).await, unavailable);
        assert_eq!(sessions.ask(b"a", None).await, unavailable);
        assert_eq!(sessions.remove(b"a").await, unavailable);
        assert_eq!(sessions.live.sizes(), [0; 4], "the place is given back");
    }
}
