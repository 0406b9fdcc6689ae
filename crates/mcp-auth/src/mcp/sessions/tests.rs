use entra_claims::{Clock as _, ManualClock, dangerous};

use super::*;

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

#[tokio::test]
async fn a_session_does_not_change_its_owner() {
    let token = include_str!("../../../../entra-claims/tests/data/token.txt");
    let token = dangerous::assume_verified(token).unwrap();
    let memory = Arc::new(MemorySessions::default());
    for sessions in [
        Sessions::Memory(Arc::clone(&memory)),
        Sessions::Shared(Arc::new(Behind(memory))),
    ] {
        let id = format!("{sessions:?}");
        assert_eq!(sessions.bind(id.as_bytes(), Some(&token)).await, Ok(()));
        assert_eq!(
            sessions.bind(id.as_bytes(), None).await,
            Err(McpRequestError::Session)
        );
        assert_eq!(sessions.check(id.as_bytes(), Some(&token)).await, Ok(()));
        assert_eq!(
            sessions.check(id.as_bytes(), None).await,
            Err(McpRequestError::Session)
        );
    }
}

/// A memory behind the trait; it would change an owner.
#[derive(Debug)]
struct Behind(Arc<MemorySessions>);

#[async_trait::async_trait]
impl SessionStore for Behind {
    async fn bind(&self, id: SessionDigest, owner: SessionOwner) -> Result<(), SessionStoreError> {
        self.0.forget(id);
        self.0.insert(id, owner);
        Ok(())
    }

    async fn owner(&self, id: SessionDigest) -> Result<Option<SessionOwner>, SessionStoreError> {
        Ok(self.0.find(id))
    }

    async fn remove(&self, id: SessionDigest) -> Result<(), SessionStoreError> {
        self.0.forget(id);
        Ok(())
    }
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

#[derive(Debug)]
struct Broken(Option<SessionStoreError>);

#[async_trait::async_trait]
impl SessionStore for Broken {
    async fn bind(&self, _: SessionDigest, _: SessionOwner) -> Result<(), SessionStoreError> {
        self.owner(session(0)).await.map(drop)
    }

    async fn owner(&self, _: SessionDigest) -> Result<Option<SessionOwner>, SessionStoreError> {
        match &self.0 {
            Some(error) => Err(error.clone()),
            None => std::future::pending().await,
        }
    }

    async fn remove(&self, _: SessionDigest) -> Result<(), SessionStoreError> {
        self.owner(session(0)).await.map(drop)
    }
}

#[tokio::test(start_paused = true)]
async fn a_shared_store_that_fails_or_hangs_decides_nothing() {
    for broken in [Broken(Some(SessionStoreError::new("down"))), Broken(None)] {
        let sessions = Sessions::Shared(Arc::new(broken));
        assert_eq!(
            sessions.bind(b"a", None).await,
            Err(McpRequestError::SessionsUnavailable)
        );
        assert_eq!(
            sessions.check(b"a", None).await,
            Err(McpRequestError::SessionsUnavailable)
        );
        assert_eq!(
            sessions.remove(b"a").await,
            Err(McpRequestError::SessionsUnavailable)
        );
    }
}
