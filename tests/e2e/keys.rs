//! Signing keys: fetched from the authority, rotated, and never in the way.

use cross_crate_tests::World;
use entra_claims::{Reason, RejectionClass};
use entra_emulator::{Fault, demo};

fn key_fetches(world: &World) -> usize {
    let journal = world.emulator().journal();
    journal.count(|entry| entry.path().ends_with("/discovery/v2.0/keys"))
}

#[tokio::test]
async fn a_new_key_is_accepted_with_its_first_token() {
    let world = World::start().await.unwrap();
    let authenticator = world.authenticator(demo::MCP_SERVER).unwrap();
    let before = world.token_of(demo::ALICE).unwrap().sign().unwrap();
    authenticator.authenticate(&before).await.unwrap();

    world.emulator().rotate_keys();
    let after = world.token_of(demo::ALICE).unwrap().sign().unwrap();
    authenticator.authenticate(&after).await.unwrap();
    assert_eq!(key_fetches(&world), 2);
    authenticator.authenticate(&before).await.unwrap();
}

#[tokio::test]
async fn many_first_calls_fetch_the_keys_once() {
    let world = World::start().await.unwrap();
    let authenticator = world.authenticator(demo::MCP_SERVER).unwrap();
    let token = world.token_of(demo::ALICE).unwrap().sign().unwrap();
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (authenticator, token) = (authenticator.clone(), token.clone());
            tokio::spawn(async move { authenticator.authenticate(&token).await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(key_fetches(&world), 1);
}

#[tokio::test]
async fn without_keys_the_answer_is_not_now_and_never_no() {
    let world = World::start().await.unwrap();
    let authenticator = world.authenticator(demo::MCP_SERVER).unwrap();
    let token = world.token_of(demo::ALICE).unwrap().sign().unwrap();
    world
        .emulator()
        .fail_next(Fault::status("/discovery/v2.0/keys", 503));
    let rejection = authenticator.authenticate(&token).await.unwrap_err();
    assert_eq!(rejection.reason(), Reason::KeysUnavailable);
    assert!(matches!(
        rejection.class(),
        RejectionClass::Unavailable { .. }
    ));
}
