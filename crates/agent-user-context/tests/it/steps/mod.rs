//! Each step of the verification at an API: without the step its test fails.

mod claims;
mod signature;

use std::sync::Arc;
use std::time::Duration;

use agent_user_context::{
    Algorithm, ContextKeys, ContextReason as Reason, ContextSigner as _, ContextUse, LocalSigner,
    RequestDigest, TrustedIssuer,
};
use entra_claims::Requirement;
use entra_claims::dangerous::TestToken;
use foundry_scopes::{ClientId, ObjectId};
use serde_json::{Value, json};

use crate::support::*;

/// The reason for which the orders API refuses these claims, signed by the issuer.
async fn refused(world: &World, change: impl FnOnce(&mut Value)) -> Option<Reason> {
    let mut claims = world.claims();
    change(&mut claims);
    world
        .outcome(&world.forge_claims(&claims).await)
        .await
        .err()
}

async fn refused_header(world: &World, change: impl FnOnce(&mut Value)) -> Option<Reason> {
    let mut header = world.header();
    change(&mut header);
    world
        .outcome(&world.forge(&header, &world.claims()).await)
        .await
        .err()
}

#[tokio::test]
async fn what_the_other_tests_change_is_accepted_unchanged() {
    let world = World::new();
    assert_eq!(refused(&world, |_| {}).await, None);
    assert_eq!(refused_header(&world, |_| {}).await, None);
    assert_eq!(
        refused(&world, |claims| claims["more"] = json!({"a": [1, null]})).await,
        None
    );
}

/// The gateway speaks of agent A, another issuer of agent B.
fn two_issuers(world: &World, other: &Arc<LocalSigner>) -> agent_user_context::ContextVerifier {
    let keys = agent_user_context::SigningKeys::new(Arc::clone(other)).unwrap();
    let publisher = agent_user_context::Issuer::builder(
        "https://other.contoso.example",
        keys,
        world.sessions.clone(),
    )
    .agent(agent_id(AGENT_B), all_scopes())
    .build()
    .unwrap();
    let others = ContextKeys::from_json(publisher.key_set().as_bytes()).unwrap();
    let (a, b) = (agent_id(AGENT_A), agent_id(AGENT_B));
    agent_user_context::ContextVerifier::builder(ORDERS.parse().unwrap())
        .issuer(TrustedIssuer::new(ISSUER, world.published(), [a], [TENANT]))
        .issuer(TrustedIssuer::new(
            "https://other.contoso.example",
            others,
            [b],
            [TENANT],
        ))
        .clock(Arc::clone(&world.clock) as _)
        .build()
        .unwrap()
}
