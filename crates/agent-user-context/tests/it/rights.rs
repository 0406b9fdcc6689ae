//! Rights: the intersection of the agent's, the context's and the user's.

use agent_user_context::{
    ContextReason as Reason, ContextUse, Operation, UserContext, UserRight, UserRules,
};
use async_trait::async_trait;
use entra_claims::{PrincipalKey, Requirement};
use serde_json::json;

use crate::support::*;

/// Alice may read, Bob is known and may not, others are unknown.
#[derive(Debug)]
struct Table;

#[async_trait]
impl UserRules for Table {
    async fn right(&self, user: PrincipalKey, operation: &Operation) -> UserRight {
        match (user.tenant == TENANT, user.object, operation.name()) {
            (true, ALICE, "orders.read") => UserRight::Permitted,
            (true, ALICE, "orders.slow") => UserRight::Undecided,
            (true, ALICE | BOB, _) => UserRight::Denied,
            _ => UserRight::Unknown,
        }
    }
}

/// An API whose every user may do everything.
#[derive(Debug)]
pub(crate) struct Everything;

#[async_trait]
impl UserRules for Everything {
    async fn right(&self, _: PrincipalKey, _: &Operation) -> UserRight {
        UserRight::Permitted
    }
}

pub(crate) fn read_orders() -> Operation {
    Operation::new(name("orders.read"), Requirement::role("Orders.Read.All"))
}

fn operation(scope: &str) -> Operation {
    Operation::new(name(scope), Requirement::role("Orders.Read.All"))
}

async fn context_of(world: &World, sub: &str, scope: &str) -> UserContext {
    let mut claims = world.claims();
    claims["sub"] = json!(sub);
    claims["scope"] = json!(scope);
    world
        .outcome(&world.forge_claims(&claims).await)
        .await
        .unwrap()
}

async fn refused(context: &UserContext, operation: &Operation) -> Option<Reason> {
    context
        .authorize(operation, &Table)
        .await
        .err()
        .map(|refusal| refusal.reason())
}

#[tokio::test]
async fn step_12_what_agent_context_and_user_all_permit_is_permitted() {
    let world = World::new();
    let context = context_of(&world, &ALICE.to_string(), "orders.read").await;
    let acting = context.authorize(&read_orders(), &Table).await.unwrap();
    assert_eq!(
        (acting.user().tenant, acting.user().object),
        (TENANT, ALICE)
    );
    assert_eq!(
        (acting.agent(), acting.operation().name()),
        (agent_id(AGENT_A), "orders.read")
    );
    assert!(acting.to_string().contains(&ALICE.to_string()));
}

#[tokio::test]
async fn step_12_what_the_context_does_not_cover_is_refused() {
    let world = World::new();
    for scope in [
        "orders.write",
        "orders.readall",
        "xorders.read",
        "Orders.Read",
        "orders.rea d",
    ] {
        let context = context_of(&world, &ALICE.to_string(), scope).await;
        assert_eq!(
            refused(&context, &read_orders()).await,
            Some(Reason::ScopeMissing),
            "{scope}"
        );
    }
    let context = context_of(&world, &ALICE.to_string(), "orders.write orders.read").await;
    assert_eq!(refused(&context, &read_orders()).await, None);
}

#[tokio::test]
async fn step_12_what_the_agents_own_token_does_not_permit_is_refused() {
    let world = World::new();
    let context = world.forge_claims(&world.claims()).await;
    let poor = agents_token_with(AGENT_A, &["UserContext.Assert"]);
    let context = world
        .orders()
        .verify(&poor, &context, ContextUse::UntilItEnds)
        .await
        .unwrap();
    assert_eq!(
        refused(&context, &read_orders()).await,
        Some(Reason::AgentNotPermitted)
    );
}

#[tokio::test]
async fn step_12_what_the_user_may_not_do_is_refused_and_an_unknown_user_everything() {
    let world = World::new();
    let bob = context_of(&world, &BOB.to_string(), "orders.read").await;
    assert_eq!(
        refused(&bob, &read_orders()).await,
        Some(Reason::UserNotPermitted)
    );
    let stranger = context_of(
        &world,
        "aaaaaaaa-0000-4000-8000-00000000ffff",
        "orders.read",
    )
    .await;
    assert_eq!(
        refused(&stranger, &read_orders()).await,
        Some(Reason::UnknownUser)
    );
    let alice = context_of(&world, &ALICE.to_string(), "orders.slow").await;
    assert_eq!(
        refused(&alice, &operation("orders.slow")).await,
        Some(Reason::UserUndecided)
    );
}

/// The type of the outcome is no verified token: a rule for scopes has nothing to be checked against. What it is
/// checked against is the agent's own token, which has no scopes.
#[tokio::test]
async fn no_requirement_for_scopes_is_met_by_a_context() {
    let world = World::new();
    let context = context_of(&world, &ALICE.to_string(), "orders.read").await;
    for rule in [
        Requirement::scope(name("orders.read")),
        Requirement::delegated(),
        Requirement::any_of([
            Requirement::scope(name("orders.read")),
            Requirement::role_of_user("Orders.Read.All"),
        ]),
    ] {
        let operation = Operation::new(name("orders.read"), rule);
        let refusal = context
            .authorize(&operation, &Everything)
            .await
            .unwrap_err();
        assert_eq!(refusal.reason(), Reason::AgentNotPermitted);
    }
}
