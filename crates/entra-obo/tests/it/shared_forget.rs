//! Forgetting a user in all processes, and rotating the keys.

use crate::support::store::*;
use crate::support::*;
use entra_obo::store::{SealingKeys, StoreError};

async fn ask(world: &World) {
    let assertion = token(TENANT, 1, "");
    let got = world
        .api
        .token_on_behalf_of(&assertion_of(&assertion))
        .await
        .unwrap();
    assert_eq!(got.expose(), expected(&assertion, SCOPE));
    world.settle().await;
}

async fn forget(world: &World) -> Result<(), StoreError> {
    world.client.forget(user(1).principal()).await
}

#[tokio::test]
async fn a_user_who_is_forgotten_in_one_process_is_in_all() {
    let fleet = Fleet::new(Endpoint::granting());
    let (one, two) = (fleet.process(), fleet.process());
    ask(&one).await;
    one.api.token_on_behalf_of(&user(2)).await.unwrap();
    one.settle().await;
    forget(&two).await.unwrap();
    ask(&two).await;
    assert_eq!(fleet.endpoint.calls(), 3, "a token from before was found");
    assert_eq!(two.client.stats().remote_rejected, 0, "it is no forgery");
    // What was asked for since is shared again, and others were not touched.
    let three = fleet.process();
    ask(&three).await;
    three.api.token_on_behalf_of(&user(2)).await.unwrap();
    assert_eq!(fleet.endpoint.calls(), 3);
}

#[tokio::test]
async fn what_is_under_way_while_a_user_is_forgotten_is_not_kept() {
    // The user's first token, and one more under an epoch that is there already.
    for known in [false, true] {
        let fleet = Fleet::new(Endpoint::granting());
        let (one, two) = (fleet.process(), fleet.process());
        if known {
            let other = one
                .client
                .downstream(scopes("api://downstream/orders.write"));
            other.unwrap().token_on_behalf_of(&user(1)).await.unwrap();
            one.settle().await;
        }
        let before = fleet.endpoint.calls();
        let closed = fleet.endpoint.gate.write().await;
        let api = one.api.clone();
        let waiter = tokio::spawn(async move { api.token_on_behalf_of(&user(1)).await });
        while fleet.endpoint.calls() == before {
            tokio::task::yield_now().await;
        }
        forget(&two).await.unwrap();
        drop(closed);
        waiter.await.unwrap().unwrap();
        one.settle().await;
        let calls = fleet.endpoint.calls();
        ask(&fleet.process()).await;
        assert_eq!(fleet.endpoint.calls(), calls + 1, "{known}");
    }
}

#[tokio::test]
async fn an_epoch_that_is_lost_makes_misses_and_brings_nothing_back() {
    let fleet = Fleet::new(Endpoint::granting());
    let one = fleet.process();
    ask(&one).await;
    let token = fleet.token_name();
    let epochs = || {
        fleet
            .memory()
            .names()
            .into_iter()
            .filter(|name| *name != token)
    };
    forget(&fleet.process()).await.unwrap();
    // Evicted, after the user was forgotten: the old token is still there.
    for name in epochs() {
        use entra_obo::store::SharedStore;
        fleet.memory().delete(&name).await.unwrap();
    }
    assert!(fleet.memory().value(&token).is_some());
    ask(&fleet.process()).await;
    assert_eq!(fleet.endpoint.calls(), 2);
    // It has another epoch by now.
    ask(&fleet.process()).await;
    assert_eq!(fleet.endpoint.calls(), 2);
}

#[tokio::test]
async fn an_epoch_of_somebody_else_is_none() {
    let fleet = Fleet::new(Endpoint::granting());
    let one = fleet.process();
    ask(&one).await;
    let token = fleet.token_name();
    let mine = fleet
        .memory()
        .names()
        .into_iter()
        .find(|name| *name != token)
        .unwrap();
    one.api.token_on_behalf_of(&user(2)).await.unwrap();
    one.settle().await;
    // Of the four values the shorter two are epochs.
    let length = fleet.memory().value(&mine).unwrap().0.len();
    let theirs = fleet
        .memory()
        .names()
        .into_iter()
        .find(|name| *name != mine && fleet.memory().value(name).unwrap().0.len() == length);
    let (theirs, _) = fleet.memory().value(&theirs.unwrap()).unwrap();
    fleet.memory().overwrite(&mine, theirs);
    let two = fleet.process();
    ask(&two).await;
    assert_eq!(two.client.stats().remote_rejected, 1);
    assert_eq!(fleet.endpoint.calls(), 3);
    // What stood in its place is gone: sharing works again.
    ask(&fleet.process()).await;
    ask(&fleet.process()).await;
    assert_eq!(fleet.endpoint.calls(), 4);
}

#[tokio::test]
async fn while_the_store_cannot_be_told_this_process_takes_nothing_from_it() {
    let fleet = Fleet::new(Endpoint::granting());
    let one = fleet.process();
    ask(&one).await;
    fleet.store.set(Mode::WritesFail);
    assert_eq!(forget(&one).await, Err(StoreError::failed("OOM")));
    ask(&one).await;
    assert_eq!(fleet.endpoint.calls(), 2, "a token from before was found");
    // As soon as it works again, all processes know.
    fleet.store.set(Mode::Works);
    one.client.clear();
    ask(&one).await;
    assert_eq!(fleet.endpoint.calls(), 3);
    ask(&fleet.process()).await;
    assert_eq!(fleet.endpoint.calls(), 3);
}

#[tokio::test]
async fn dropping_the_call_does_not_undo_it() {
    let fleet = Fleet::new(Endpoint::granting());
    let one = fleet.process();
    ask(&one).await;
    DropAfter::new(forget(&one), 1).await;
    while fleet.store.puts() < 3 {
        tokio::task::yield_now().await;
    }
    ask(&fleet.process()).await;
    assert_eq!(fleet.endpoint.calls(), 2);
}

#[tokio::test]
async fn without_a_store_there_is_nothing_to_tell() {
    let world = World::new(Endpoint::granting());
    assert_eq!(forget(&world).await, Ok(()));
}

#[tokio::test]
async fn keys_are_rotated_without_losing_what_is_stored() {
    let fleet = Fleet::new(Endpoint::granting());
    let (old, new) = (secret(1), secret(2));
    let steps = [
        SealingKeys::new(old.clone()),
        SealingKeys::new(old.clone()).also_reading(new.clone()),
        SealingKeys::new(new.clone()).also_reading(old.clone()),
    ];
    for keys in &steps {
        ask(&fleet.process_with(keys.clone())).await;
    }
    assert_eq!(fleet.endpoint.calls(), 1);
    // The old one is gone: what only it opens is a miss, and no failure.
    let last = fleet.process_with(SealingKeys::new(new.clone()));
    ask(&last).await;
    assert_eq!(fleet.endpoint.calls(), 2);
    let stats = last.client.stats();
    assert_eq!((stats.remote_rejected, stats.remote_failures), (0, 0));
    // From here it is shared under the new one.
    ask(&fleet.process_with(SealingKeys::new(new))).await;
    assert_eq!(fleet.endpoint.calls(), 2);
}

#[tokio::test]
async fn forgetting_reaches_processes_at_another_step_of_a_rotation() {
    let (old, new) = (secret(1), secret(2));
    let before = SealingKeys::new(old.clone()).also_reading(new.clone());
    let after = SealingKeys::new(new).also_reading(old);
    for (first, second) in [(&before, &after), (&after, &before)] {
        let fleet = Fleet::new(Endpoint::granting());
        ask(&fleet.process_with(first.clone())).await;
        forget(&fleet.process_with(second.clone())).await.unwrap();
        ask(&fleet.process_with(first.clone())).await;
        assert_eq!(fleet.endpoint.calls(), 2);
    }
}

#[tokio::test]
async fn processes_with_different_secrets_have_nothing_in_common() {
    let fleet = Fleet::new(Endpoint::granting());
    ask(&fleet.process_with(keys(1))).await;
    let names = fleet.memory().names();
    ask(&fleet.process_with(keys(2))).await;
    assert_eq!(fleet.endpoint.calls(), 2);
    let added = fleet
        .memory()
        .names()
        .into_iter()
        .filter(|name| !names.contains(name));
    assert_eq!(added.count(), names.len());
}

/// A failover to a replica that lags, or a snapshot that is restored: the store has everything of
/// before again, the epoch too.
#[tokio::test]
async fn what_is_forgotten_stays_forgotten_in_a_store_that_is_rolled_back() {
    let fleet = Fleet::new(Endpoint::granting());
    let (one, other) = (fleet.process(), fleet.process());
    ask(&one).await;
    one.api.token_on_behalf_of(&user(2)).await.unwrap();
    one.settle().await;
    let names = fleet.memory().names();
    let snapshot: Vec<_> = (names.iter().cloned())
        .map(|name| (fleet.memory().value(&name).unwrap().0, name))
        .collect();
    let roll_back = || {
        for (value, name) in &snapshot {
            fleet.memory().overwrite(name, value.clone());
        }
    };
    let calls = || fleet.endpoint.calls();
    assert_eq!(calls(), 2);
    forget(&one).await.unwrap();
    roll_back();

    ask(&one).await;
    assert_eq!(calls(), 3, "the old token was not taken");
    assert_eq!(one.client.stats().remote_rejected, 1);
    // Another epoch was written: the old token is gone for all, and the new one is not.
    ask(&other).await;
    assert_eq!(calls(), 3);
    // Of other users nothing was forgotten.
    let cold = fleet.process();
    cold.api.token_on_behalf_of(&user(2)).await.unwrap();
    assert_eq!(calls(), 3);

    // Every time, for as long as a token from before may live.
    forget(&one).await.unwrap();
    roll_back();
    ask(&one).await;
    assert_eq!(calls(), 4);

    // What is asked for later is shared as ever.
    one.clock.advance(std::time::Duration::from_secs(301));
    one.api
        .with_claims(
            entra_obo::ClaimsChallenge::from_json(r#"{"access_token":{"nbf":{"value":"1"}}}"#)
                .unwrap(),
        )
        .token_on_behalf_of(&user(1))
        .await
        .unwrap();
    one.settle().await;
    one.client.clear();
    ask_any(&one).await;
    assert_eq!(calls(), 5);
}

async fn ask_any(world: &World) {
    world.api.token_on_behalf_of(&user(1)).await.unwrap();
    world.settle().await;
}
