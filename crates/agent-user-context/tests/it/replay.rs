//! Single use, in memory and in a store that instances share.

use std::sync::Arc;
use std::time::Duration;

use agent_user_context::{
    ContextReason as Reason, ContextUse, ContextVerifier, ReplayRecords, Sessions,
    UserSessions as _,
};
use async_trait::async_trait;
use entra_parts::seal::SealingKeys;
use entra_parts::store::{MemoryStore, SharedStore, SharedTier, StoreError};

use crate::support::*;

fn tier(world: &World, store: impl SharedStore + 'static) -> SharedTier {
    let keys = SealingKeys::parse("T5fI1kUq0PyfUJIn/PqUqoR0kDVKvTnIF4gWVG1Y4Zs=").unwrap();
    SharedTier::new(store, keys).with_clock(Arc::clone(&world.clock) as _)
}

fn with(world: &World, records: ReplayRecords) -> ContextVerifier {
    world
        .verifier_builder(ORDERS)
        .replay(records)
        .build()
        .unwrap()
}

async fn once(verifier: &ContextVerifier, context: &str) -> Option<Reason> {
    verify(verifier, AGENT_A, context, ContextUse::Once)
        .await
        .err()
}

#[tokio::test]
async fn a_context_is_good_for_one_write_and_for_many_reads() {
    let world = World::new();
    let verifier = world.orders();
    let context = world.orders_context().await;
    for _ in 0..3 {
        assert!(
            verify(
                &verifier,
                AGENT_A,
                context.expose(),
                ContextUse::UntilItEnds
            )
            .await
            .is_ok()
        );
    }
    assert_eq!(once(&verifier, context.expose()).await, None);
    assert_eq!(
        once(&verifier, context.expose()).await,
        Some(Reason::Replayed)
    );
    assert!(
        verify(
            &verifier,
            AGENT_A,
            context.expose(),
            ContextUse::UntilItEnds
        )
        .await
        .is_ok()
    );
    // Another one is another one.
    assert_eq!(
        once(&verifier, world.orders_context().await.expose()).await,
        None
    );
}

/// Until the end of its grace; later it has expired by itself.
#[tokio::test]
async fn a_used_context_is_remembered_for_as_long_as_it_is_taken() {
    let world = World::new();
    let verifier = world.orders();
    let context = world.orders_context().await;
    assert_eq!(once(&verifier, context.expose()).await, None);
    world.pass(89);
    assert_eq!(
        once(&verifier, context.expose()).await,
        Some(Reason::Replayed)
    );
    world.pass(1);
    assert_eq!(
        once(&verifier, context.expose()).await,
        Some(Reason::Expired)
    );
}

#[tokio::test]
async fn of_many_at_once_one_is_let_through() {
    let world = World::new();
    let store = Arc::new(MemoryStore::new(Arc::clone(&world.clock) as _));
    let shared = ReplayRecords::shared(&tier(&world, store)).unwrap();
    for records in [ReplayRecords::in_memory(100), shared] {
        let verifier = with(&world, records);
        let context = world.orders_context().await;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (verifier, context) = (verifier.clone(), context.clone());
            tasks.spawn(async move { once(&verifier, context.expose()).await });
        }
        let outcomes = tasks.join_all().await;
        assert_eq!(
            outcomes.iter().filter(|outcome| outcome.is_none()).count(),
            1
        );
        assert!(
            outcomes
                .iter()
                .flatten()
                .all(|reason| *reason == Reason::Replayed)
        );
    }
}

#[tokio::test]
async fn two_instances_share_what_was_used() {
    let world = World::new();
    let store = Arc::new(MemoryStore::new(Arc::clone(&world.clock) as _));
    let instance = || {
        with(
            &world,
            ReplayRecords::shared(&tier(&world, Arc::clone(&store))).unwrap(),
        )
    };
    let context = world.orders_context().await;
    assert_eq!(once(&instance(), context.expose()).await, None);
    assert_eq!(
        once(&instance(), context.expose()).await,
        Some(Reason::Replayed)
    );
    // And in memory they do not, which is why the documentation says so.
    let alone = || with(&world, ReplayRecords::in_memory(10));
    assert_eq!(once(&alone(), context.expose()).await, None);
}

#[tokio::test]
async fn where_no_record_can_be_kept_the_request_is_refused() {
    let world = World::new();
    let full = with(
        &world,
        ReplayRecords::in_memory_with_clock(1, Arc::clone(&world.clock) as _),
    );
    assert_eq!(
        once(&full, world.orders_context().await.expose()).await,
        None
    );
    let second = world.orders_context().await;
    assert_eq!(
        once(&full, second.expose()).await,
        Some(Reason::ReplayUndecided)
    );
    // There is room again when the first one has ended.
    world.pass(91);
    assert_eq!(
        once(&full, world.orders_context().await.expose()).await,
        None
    );

    let down = with(&world, ReplayRecords::shared(&tier(&world, Down)).unwrap());
    let context = world.orders_context().await;
    assert_eq!(
        once(&down, context.expose()).await,
        Some(Reason::ReplayUndecided)
    );
    assert!(Reason::ReplayUndecided.retry_after().is_some());
}

#[tokio::test]
async fn a_sign_out_at_one_instance_ends_the_session_for_all() {
    let world = World::new();
    let store = Arc::new(MemoryStore::new(Arc::clone(&world.clock) as _));
    let sessions = || Sessions::shared(&tier(&world, Arc::clone(&store))).unwrap();
    let (alice, bob) = (world.user(ALICE), world.user(BOB));
    let session = sessions()
        .open(&alice, Duration::from_secs(600))
        .await
        .unwrap();
    let (alice, bob) = (alice.principal().key(), bob.principal().key());
    assert_eq!(sessions().is_active(&session, alice).await, Ok(true));
    assert_eq!(sessions().is_active(&session, bob).await, Ok(false));
    sessions().end(&session).await.unwrap();
    assert_eq!(sessions().is_active(&session, alice).await, Ok(false));
    let down = Sessions::shared(&tier(&world, Down)).unwrap();
    assert!(down.is_active(&session, alice).await.is_err());
}

/// A session whose state cannot be said: no context.
#[tokio::test]
async fn while_the_sessions_cannot_be_asked_nothing_is_issued() {
    let world = World::new();
    let (turn, session) = world.turn_with_session(AGENT_A).await;
    let down = Sessions::shared(&tier(&world, Down)).unwrap();
    let issuer = agent_user_context::Issuer::builder(ISSUER, world.keys.clone(), down)
        .agent(agent_id(AGENT_A), all_scopes())
        .clock(Arc::clone(&world.clock) as _)
        .build()
        .unwrap();
    let refusal = issuer
        .renew_turn(&agents_token(AGENT_A), turn.expose())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::SessionUndecided);
    let started = issuer
        .start_turn(
            &world.user(ALICE),
            &session,
            agent_id(AGENT_A),
            &turn_scopes(),
        )
        .await;
    assert_eq!(started.unwrap_err().reason(), Reason::SessionUndecided);
}

#[tokio::test]
async fn sessions_in_memory_have_a_bound() {
    let world = World::new();
    let sessions = Sessions::in_memory(1);
    let alice = world.user(ALICE);
    assert!(
        sessions
            .open(&alice, Duration::from_secs(600))
            .await
            .is_ok()
    );
    assert!(
        sessions
            .open(&alice, Duration::from_secs(600))
            .await
            .is_err()
    );
}

#[derive(Debug)]
struct Down;

#[async_trait]
impl SharedStore for Down {
    async fn get(&self, _: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        Err(StoreError::failed("down"))
    }

    async fn put(&self, _: &str, _: &[u8], _: Duration) -> Result<(), StoreError> {
        Err(StoreError::failed("down"))
    }

    async fn put_if_absent(&self, _: &str, _: &[u8], _: Duration) -> Result<bool, StoreError> {
        Err(StoreError::failed("down"))
    }

    async fn delete(&self, _: &str) -> Result<(), StoreError> {
        Err(StoreError::failed("down"))
    }

    async fn take(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Err(StoreError::failed("down"))
    }

    async fn add(&self, _: &str, _: u64, _: Duration) -> Result<u64, StoreError> {
        Err(StoreError::failed("down"))
    }
}
