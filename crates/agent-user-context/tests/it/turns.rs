//! Turns at the issuer: begun, renewed, over.

use std::time::Duration;

use agent_user_context::{ContextReason as Reason, ContextUse, SessionId};
use entra_claims::dangerous::TestToken;
use foundry_scopes::ClientId;
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_turn_begins_with_a_persons_token_and_with_nothing_else() {
    let world = World::new();
    let expires = world.now() + 3600;
    for token in [
        TestToken::app(),
        TestToken::agent(),
        TestToken::agent_user_account(),
    ] {
        let token = token.expires_at_unix(expires).build().unwrap();
        let session = world.session(&token).await;
        let turn = world
            .issuer
            .start_turn(&token, &session, agent_id(AGENT_A), &turn_scopes())
            .await;
        assert_eq!(turn.unwrap_err().reason(), Reason::UserRequired);
    }
    let old = TestToken::user()
        .expires_at_unix(world.now())
        .build()
        .unwrap();
    let session = world.session(&old).await;
    let turn = world
        .issuer
        .start_turn(&old, &session, agent_id(AGENT_A), &turn_scopes())
        .await;
    assert_eq!(turn.unwrap_err().reason(), Reason::UserRequired);
}

#[tokio::test]
async fn a_turn_needs_the_users_own_session() {
    let world = World::new();
    let (alice, bob) = (world.user(ALICE), world.user(BOB));
    let bobs = world.session(&bob).await;
    let ended = world.session(&alice).await;
    world.sessions.end(&ended).await.unwrap();
    for session in [bobs, ended, SessionId::random().unwrap()] {
        let turn = world
            .issuer
            .start_turn(&alice, &session, agent_id(AGENT_A), &turn_scopes())
            .await;
        assert_eq!(turn.unwrap_err().reason(), Reason::SessionEnded);
    }
}

#[tokio::test]
async fn a_turn_is_for_a_configured_agent_and_its_scopes() {
    let world = World::new();
    let alice = world.user(ALICE);
    let session = world.session(&alice).await;
    let stranger = agent_id(0x77);
    let turn = world
        .issuer
        .start_turn(&alice, &session, stranger, &turn_scopes())
        .await;
    assert_eq!(turn.unwrap_err().reason(), Reason::AgentNotListed);
    let foreign = scope("api://orders.contoso.example/orders.delete");
    for scopes in [&[][..], &[foreign]] {
        let turn = world
            .issuer
            .start_turn(&alice, &session, agent_id(AGENT_A), scopes)
            .await;
        assert_eq!(turn.unwrap_err().reason(), Reason::ScopeNotInTurn);
    }
}

#[tokio::test]
async fn a_turn_context_ends_with_the_users_token_and_after_300_seconds() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    assert_eq!(turn.expires_at_unix(), world.now() + 300);
    let short = TestToken::user()
        .object(ALICE)
        .expires_at_unix(world.now() + 40)
        .build()
        .unwrap();
    let session = world.session(&short).await;
    let turn = world
        .issuer
        .start_turn(&short, &session, agent_id(AGENT_A), &turn_scopes())
        .await;
    assert_eq!(turn.unwrap().expires_at_unix(), world.now() + 40);
}

#[tokio::test]
async fn a_turn_of_ten_minutes_is_renewed_and_one_of_fifteen_is_over() {
    let world = World::new();
    let mut turn = world.turn(AGENT_A).await;
    let agent = agents_token(AGENT_A);
    let verifier = world.orders();
    for minute in 1..=14 {
        world.pass(60);
        turn = world
            .issuer
            .renew_turn(&agent, turn.expose())
            .await
            .unwrap();
        let call = world
            .call(AGENT_A, &turn, ORDERS, &["orders.read"])
            .await
            .unwrap();
        let context = verify(&verifier, AGENT_A, call.expose(), ContextUse::Once).await;
        assert!(context.is_ok(), "minute {minute}");
    }
    // The last renewal does not go beyond the turn.
    assert_eq!(turn.expires_at_unix(), world.now() + 60);
    world.pass(60);
    let refusal = world
        .issuer
        .renew_turn(&agent, turn.expose())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::Expired);
    let refusal = world
        .call(AGENT_A, &turn, ORDERS, &["orders.read"])
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::Expired);
}

/// Even a context that would live longer: the end of the turn is looked at by itself.
#[tokio::test]
async fn nothing_is_issued_after_the_end_of_the_turn() {
    let world = World::new();
    let (_, session) = world.turn_with_session(AGENT_A).await;
    let mut claims = world.claims();
    claims["aud"] = json!(ISSUER);
    claims["scope"] = json!("api://orders.contoso.example/orders.read");
    claims["sid"] = json!(session.to_string());
    claims["turn_exp"] = json!(world.now());
    let mut header = world.header();
    header["typ"] = json!("user-turn+jwt");
    let forged = world.forge(&header, &claims).await;
    let refusal = world
        .issuer
        .renew_turn(&agents_token(AGENT_A), &forged)
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::TurnOver);
}

#[tokio::test]
async fn a_turn_context_that_was_not_renewed_in_time_has_expired() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    world.pass(299);
    assert!(
        world
            .issuer
            .renew_turn(&agents_token(AGENT_A), turn.expose())
            .await
            .is_ok()
    );
    world.pass(1);
    let refusal = world
        .issuer
        .renew_turn(&agents_token(AGENT_A), turn.expose())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::Expired);
}

#[tokio::test]
async fn after_a_sign_out_there_are_no_more_contexts() {
    let world = World::new();
    let (turn, session) = world.turn_with_session(AGENT_A).await;
    let agent = agents_token(AGENT_A);
    assert!(world.issuer.renew_turn(&agent, turn.expose()).await.is_ok());
    world.sessions.end(&session).await.unwrap();
    let refusal = world
        .issuer
        .renew_turn(&agent, turn.expose())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::SessionEnded);
    let refusal = world
        .call(AGENT_A, &turn, ORDERS, &["orders.read"])
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::SessionEnded);
}

#[tokio::test]
async fn a_session_ends_by_itself_and_the_turn_with_it() {
    let world = World::new();
    let alice = world.user(ALICE);
    let session = world
        .sessions
        .open(&alice, Duration::from_secs(120))
        .await
        .unwrap();
    let turn = world
        .issuer
        .start_turn(&alice, &session, agent_id(AGENT_A), &turn_scopes())
        .await
        .unwrap();
    world.pass(120);
    let refusal = world
        .issuer
        .renew_turn(&agents_token(AGENT_A), turn.expose())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::SessionEnded);
}

#[tokio::test]
async fn agent_b_gets_nothing_for_agent_as_turn_context() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    let refusal = world
        .call(AGENT_B, &turn, ORDERS, &["orders.read"])
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::WrongAgent);
    let refusal = world
        .issuer
        .renew_turn(&agents_token(AGENT_B), turn.expose())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::WrongAgent);
    // Nor does a user's token through agent A.
    let user = TestToken::agent_for_user()
        .client(ClientId::from_u128(AGENT_A))
        .build()
        .unwrap();
    let refusal = world
        .issuer
        .renew_turn(&user, turn.expose())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::NotAppOnly);
}

#[tokio::test]
async fn a_call_context_is_no_turn_context() {
    let world = World::new();
    let call = world.orders_context().await;
    let refusal = world
        .issuer
        .renew_turn(&agents_token(AGENT_A), call.expose())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::WrongType);
    // Nor is one that says that it is, without a session.
    let mut claims = world.claims();
    claims["aud"] = json!(ISSUER);
    let mut header = world.header();
    header["typ"] = json!("user-turn+jwt");
    let forged = world.forge(&header, &claims).await;
    let refusal = world
        .issuer
        .renew_turn(&agents_token(AGENT_A), &forged)
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::MissingClaim);
}

#[tokio::test]
async fn an_agent_that_is_taken_off_the_list_gets_nothing_more() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    let clock = std::sync::Arc::clone(&world.clock);
    let narrowed =
        agent_user_context::Issuer::builder(ISSUER, world.keys.clone(), world.sessions.clone())
            .agent(agent_id(AGENT_B), all_scopes())
            .clock(clock)
            .build()
            .unwrap();
    let refusal = narrowed
        .renew_turn(&agents_token(AGENT_A), turn.expose())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::AgentNotListed);
}

/// Two issuers with one key, a test stage and production: neither takes the other's.
#[tokio::test]
async fn a_turn_context_of_another_issuer_is_refused_even_with_the_same_key() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    let other = agent_user_context::Issuer::builder(
        "https://stage.contoso.example",
        world.keys.clone(),
        world.sessions.clone(),
    )
    .agent(agent_id(AGENT_A), all_scopes())
    .clock(std::sync::Arc::clone(&world.clock) as _)
    .build()
    .unwrap();
    let refusal = other
        .renew_turn(&agents_token(AGENT_A), turn.expose())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::UnknownIssuer);
}
