//! Call contexts: traded for a turn context, for one API each.

use agent_user_context::{CallRequest, ContextReason as Reason, ContextUse};

use crate::support::*;

#[tokio::test]
async fn three_calls_to_two_apis_in_one_turn() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    let invoices = world.verifier_builder(INVOICES).build().unwrap();
    let orders = world.orders();
    let mut turns = Vec::new();
    for (verifier, audience, scopes, how) in [
        (
            &orders,
            ORDERS,
            &["orders.read"][..],
            ContextUse::UntilItEnds,
        ),
        (
            &invoices,
            INVOICES,
            &["invoices.read"],
            ContextUse::UntilItEnds,
        ),
        (
            &orders,
            ORDERS,
            &["orders.read", "orders.write"],
            ContextUse::Once,
        ),
    ] {
        let call = world.call(AGENT_A, &turn, audience, scopes).await.unwrap();
        assert_eq!(call.expires_at_unix(), world.now() + 60);
        let context = verify(verifier, AGENT_A, call.expose(), how).await.unwrap();
        turns.push(context.turn());
        world.pass(20);
    }
    assert!(turns.iter().all(|id| *id == turns[0]));
}

#[tokio::test]
async fn scopes_only_shrink() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    // Configured for the agent, and not part of this turn.
    for scopes in [
        &["orders.cancel"][..],
        &["orders.read", "orders.cancel"],
        &["invoices.read"],
        &[],
    ] {
        let refusal = world
            .call(AGENT_A, &turn, ORDERS, scopes)
            .await
            .unwrap_err();
        assert_eq!(refusal.reason(), Reason::ScopeNotInTurn, "{scopes:?}");
    }
    let refusal = world
        .call(AGENT_A, &turn, "api://elsewhere.example", &["orders.read"])
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::ScopeNotInTurn);
    // Part of this turn, and not configured for the agent any more.
    let read = [scope("api://orders.contoso.example/orders.read")];
    let narrowed =
        agent_user_context::Issuer::builder(ISSUER, world.keys.clone(), world.sessions.clone())
            .agent(agent_id(AGENT_A), read)
            .clock(std::sync::Arc::clone(&world.clock) as _)
            .build()
            .unwrap();
    let (api, scopes) = (api(ORDERS), [name("orders.write")]);
    let agent = agents_token(AGENT_A);
    let refusal = narrowed.call_context(&agent, turn.expose(), CallRequest::new(&api, &scopes));
    assert_eq!(refusal.await.unwrap_err().reason(), Reason::ScopeNotInTurn);
}

#[tokio::test]
async fn a_call_context_does_not_outlive_its_turn_context() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    world.pass(290);
    let call = world
        .call(AGENT_A, &turn, ORDERS, &["orders.read"])
        .await
        .unwrap();
    assert_eq!(call.expires_at_unix(), turn.expires_at_unix());
}

#[tokio::test]
async fn a_call_context_may_be_bound_to_the_agents_access_token() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    let token = agents_token(AGENT_A);
    let (api, scopes) = (api(ORDERS), [name("orders.read")]);
    let bound = CallRequest::new(&api, &scopes).bound_to(token.expose_token());
    let context = world
        .issuer
        .call_context(&token, turn.expose(), bound)
        .await
        .unwrap();
    assert!(world.outcome(context.expose()).await.is_ok());
    // The same agent with another token.
    let other = agents_token_with(AGENT_A, &["UserContext.Assert", "Orders.Read.All", "More"]);
    let refusal = world
        .orders()
        .verify(&other, context.expose(), ContextUse::UntilItEnds)
        .await;
    assert_eq!(refusal.unwrap_err().reason(), Reason::WrongAccessToken);
    assert!(
        CallRequest::new(&api, &scopes)
            .bound_to_hash("short")
            .is_none()
    );
    let hash =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.expose_token().as_bytes());
    let by_hash = CallRequest::new(&api, &scopes)
        .bound_to_hash(&encode(hash.as_ref()))
        .unwrap();
    let context = world
        .issuer
        .call_context(&token, turn.expose(), by_hash)
        .await
        .unwrap();
    assert!(world.outcome(context.expose()).await.is_ok());
}
