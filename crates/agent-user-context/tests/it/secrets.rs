//! Contexts and keys are not printed.

use agent_user_context::{ContextUse, SessionId};

use crate::rights::{Everything, read_orders};
use crate::support::*;

#[tokio::test]
async fn nothing_prints_a_context_or_a_key() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    let call = world
        .call(AGENT_A, &turn, ORDERS, &["orders.read"])
        .await
        .unwrap();
    let context = world.outcome(call.expose()).await.unwrap();
    let acting = context
        .authorize(&read_orders(), &Everything)
        .await
        .unwrap();
    let verifier = world.orders();
    let wrong = verifier
        .verify(&agents_token(AGENT_B), call.expose(), ContextUse::Once)
        .await
        .unwrap_err();
    let printed = format!(
        "{turn:?} {call:?} {context:?} {acting:?} {acting} {wrong:?} {wrong} {} {:?} {:?} {:?} {:?}",
        wrong.explain(),
        world.issuer,
        world.keys,
        world.signer,
        verifier,
    );
    for text in [
        turn.expose(),
        call.expose(),
        agents_token(AGENT_A).expose_token(),
    ] {
        for part in text.split('.') {
            assert!(!printed.contains(part), "{printed}");
        }
    }
}

/// For the log: agent, user and a hash of the context's id, and no more.
#[tokio::test]
async fn a_refusal_explains_itself_with_ids() {
    let world = World::new();
    let call = world.orders_context().await;
    let refusal = world
        .orders()
        .verify(&agents_token(AGENT_B), call.expose(), ContextUse::Once)
        .await
        .unwrap_err();
    let line = refusal.explain();
    assert!(
        line.contains(&ALICE.to_string()) && line.contains(&agent_id(AGENT_B).to_string()),
        "{line}"
    );
    assert!(!line.contains('\n'));
    assert!(!refusal.to_string().contains(&ALICE.to_string()));
    // Before the signature held, whose it says to be is not repeated.
    let forged = format!("{}x", call.expose());
    let refusal = world
        .orders()
        .verify(&agents_token(AGENT_A), &forged, ContextUse::Once)
        .await
        .unwrap_err();
    assert!(!refusal.explain().contains(&ALICE.to_string()));
}

#[test]
fn session_names_are_read_back() {
    let session = SessionId::random().unwrap();
    assert_eq!(SessionId::parse(&session.to_string()), Some(session));
    assert_eq!(SessionId::parse("x"), None);
}
