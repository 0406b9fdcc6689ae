//! Chains of agents: one calls another for the same user.

use agent_user_context::ContextReason as Reason;
use entra_claims::PrincipalKind;
use entra_claims::dangerous::TestToken;
use foundry_scopes::ClientId;
use serde_json::{Value, json};

use crate::rights::{Everything, read_orders};
use crate::support::*;

fn claims_of(text: &str) -> Value {
    let payload = text.split('.').nth(1).unwrap();
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn an_agent_hands_its_turn_on_with_fewer_scopes_and_the_chain_is_kept() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    let [read, _, _] = turn_scopes();
    let a = agents_token(AGENT_A);
    let handed = world
        .issuer
        .delegate_turn(&a, turn.expose(), agent_id(AGENT_B), &[read])
        .await
        .unwrap();
    let (before, after) = (claims_of(turn.expose()), claims_of(handed.expose()));
    assert_eq!(
        (&before["txn"], &before["turn_exp"]),
        (&after["txn"], &after["turn_exp"])
    );
    // The first agent cannot use it, the second can, for what it was given.
    assert_eq!(
        world
            .call(AGENT_A, &handed, ORDERS, &["orders.read"])
            .await
            .unwrap_err()
            .reason(),
        Reason::WrongAgent
    );
    let call = world
        .call(AGENT_B, &handed, ORDERS, &["orders.read"])
        .await
        .unwrap();
    let refusal = world
        .call(AGENT_B, &handed, ORDERS, &["orders.write"])
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::ScopeNotInTurn);
    let context = verify(
        &world.orders(),
        AGENT_B,
        call.expose(),
        agent_user_context::ContextUse::Once,
    )
    .await
    .unwrap();
    let acting = context
        .authorize(&read_orders(), &Everything)
        .await
        .unwrap();
    assert_eq!(
        (acting.agent(), acting.earlier_agents()),
        (agent_id(AGENT_B), &[agent_id(AGENT_A)][..])
    );
}

#[tokio::test]
async fn what_is_not_part_of_the_turn_cannot_be_handed_on() {
    let world = World::new();
    let turn = world.turn(AGENT_A).await;
    let [_, _, _, cancel] = all_scopes();
    let a = agents_token(AGENT_A);
    for scopes in [&[cancel][..], &[]] {
        let refusal = world
            .issuer
            .delegate_turn(&a, turn.expose(), agent_id(AGENT_B), scopes)
            .await
            .unwrap_err();
        assert_eq!(refusal.reason(), Reason::ScopeNotInTurn);
    }
    let refusal = world
        .issuer
        .delegate_turn(&a, turn.expose(), agent_id(0x77), &turn_scopes())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::AgentNotListed);
}

#[tokio::test]
async fn a_chain_of_more_than_three_agents_is_neither_issued_nor_read() {
    let world = World::new();
    let (a, b) = (agents_token(AGENT_A), agents_token(AGENT_B));
    let first = world.turn(AGENT_A).await;
    let second = world
        .issuer
        .delegate_turn(&a, first.expose(), agent_id(AGENT_B), &turn_scopes())
        .await
        .unwrap();
    let third = world
        .issuer
        .delegate_turn(&b, second.expose(), agent_id(AGENT_A), &turn_scopes())
        .await
        .unwrap();
    assert!(
        world
            .call(AGENT_A, &third, ORDERS, &["orders.read"])
            .await
            .is_ok()
    );
    let refusal = world
        .issuer
        .delegate_turn(&a, third.expose(), agent_id(AGENT_B), &turn_scopes())
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::ChainTooLong);

    let mut claims = world.claims();
    for depth in 2..=4 {
        let inner = claims["act"].clone();
        claims["act"] = json!({"sub": inner["sub"], "tid": inner["tid"], "act": inner});
        let found = world
            .outcome(&world.forge_claims(&claims).await)
            .await
            .err();
        assert_eq!(
            found,
            (depth > 3).then_some(Reason::MalformedClaims),
            "{depth}"
        );
    }
}

#[tokio::test]
async fn an_agent_that_brought_the_user_to_the_gateway_stays_in_the_chain() {
    let world = World::new();
    for kind in [
        PrincipalKind::AgentForUser,
        PrincipalKind::UserThroughAgentClient,
    ] {
        let user = TestToken::for_kind(kind)
            .object(ALICE)
            .client(ClientId::from_u128(AGENT_B))
            .expires_at_unix(world.now() + 600)
            .build()
            .unwrap();
        let session = world.session(&user).await;
        let turn = world
            .issuer
            .start_turn(&user, &session, agent_id(AGENT_A), &turn_scopes())
            .await
            .unwrap();
        let act = &claims_of(turn.expose())["act"];
        assert_eq!(act["sub"], agent_id(AGENT_A).client().to_string());
        assert_eq!(act["act"]["sub"], agent_id(AGENT_B).client().to_string());
    }
}
