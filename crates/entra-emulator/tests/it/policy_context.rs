//! Conditional Access on authentication contexts (`acrs`).

use entra_emulator::{AccessPolicy, Directory, PolicyRequirement, Reading, Tenant, User, demo};
use serde_json::{Value, json};

use crate::support::{Answer, VERIFIER, World, challenge, change, query, redemption, sign_in};

const POLICY: &str = "c0de0000-ca00-4000-8000-0000000000c1";
const C1: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
const C2: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c2"}}}"#;

fn directory(requirement: PolicyRequirement, map: impl Fn(Tenant) -> Tenant) -> Directory {
    let policy = AccessPolicy::new(POLICY, requirement).context("c1");
    let contexts = ["c1", "c2"];
    let tenants = Directory::demo().tenants().cloned().collect::<Vec<_>>();
    let tenants = tenants.into_iter().map(|t| match t.id() {
        demo::TENANT => map(contexts
            .into_iter()
            .fold(t, Tenant::authentication_context)
            .policy(policy.clone())),
        _ => t,
    });
    tenants.fold(Directory::new(), Directory::tenant)
}

async fn signed_in(world: &World, claims: Option<&str>) -> Answer {
    let hash = challenge(VERIFIER);
    let scope = format!("{} offline_access", demo::MCP_READ_SCOPE);
    let mut form = sign_in(&hash, &scope);
    if let Some(claims) = claims {
        change(&mut form, &[("claims", claims)]);
    }
    let code = query(&world.authorize(&form).await, "code").expect("a code");
    world.token(&redemption(&code)).await
}

async fn refresh(world: &World, token: &str, claims: &str) -> Answer {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", token),
        ("claims", claims),
    ];
    world.token(&form).await
}

#[tokio::test]
async fn each_requirement_has_its_number_and_the_challenge_names_the_context() {
    for (requirement, code) in [
        (PolicyRequirement::Mfa, 50076),
        (PolicyRequirement::Conditions, 53003),
        (PolicyRequirement::CompliantDevice, 53000),
        (PolicyRequirement::ExternalChallenge, 50158),
    ] {
        let world = World::with(directory(requirement, |t| t)).await;
        // Requests that do not demand the context are not touched.
        let plain = signed_in(&world, None).await;
        assert_eq!(plain.token().claims.get("acrs"), None);
        let refused = refresh(&world, plain.text("refresh_token"), C1).await;
        refused.refused(400, "invalid_grant", code);
        let claims: Value = serde_json::from_str(refused.text("claims")).unwrap();
        assert_eq!(claims, serde_json::from_str::<Value>(C1).unwrap());
        let stepped = signed_in(&world, Some(C1)).await.token();
        assert_eq!(stepped.claims["acrs"], json!(["c1"]));
    }
}

#[tokio::test]
async fn a_context_that_blocks_has_no_challenge() {
    let world = World::with(directory(PolicyRequirement::Block, |t| t)).await;
    let plain = signed_in(&world, None).await;
    let refused = refresh(&world, plain.text("refresh_token"), C1).await;
    refused.refused(400, "invalid_grant", 53003);
    assert_eq!(refused.json.get("claims"), None);
}

#[tokio::test]
async fn a_context_without_a_policy_is_read_in_two_ways() {
    let world = World::with(directory(PolicyRequirement::Mfa, |t| t)).await;
    let plain = signed_in(&world, None).await;
    let refused = refresh(&world, plain.text("refresh_token"), C2).await;
    refused.refused(400, "invalid_grant", 50076);
    let other = |t: Tenant| t.reading(Reading::UntargetedContextGranted);
    let world = World::with(directory(PolicyRequirement::Mfa, other)).await;
    let plain = signed_in(&world, None).await;
    let granted = refresh(&world, plain.text("refresh_token"), C2).await;
    assert_eq!(granted.token().claims["acrs"], json!(["c2"]));
    // The one that a policy targets is still guarded.
    let refused = refresh(&world, plain.text("refresh_token"), C1).await;
    refused.refused(400, "invalid_grant", 50076);
}

#[tokio::test]
async fn who_has_no_second_factor_never_gets_the_context() {
    let directory = directory(PolicyRequirement::Mfa, |t| t);
    let directory = directory.map_user(demo::ALICE, User::without_second_factor);
    let world = World::with(directory).await;
    let plain = signed_in(&world, None).await;
    let refused = refresh(&world, plain.text("refresh_token"), C1).await;
    refused.refused(400, "invalid_grant", 50079);
}

#[tokio::test]
async fn a_policy_names_contexts_that_are_declared_or_resources_and_not_both() {
    let undeclared = AccessPolicy::new(POLICY, PolicyRequirement::Mfa).context("c9");
    let both = AccessPolicy::new(POLICY, PolicyRequirement::Mfa)
        .context("c1")
        .resource(demo::ORDERS_API);
    for policy in [undeclared, both] {
        let directory = directory(PolicyRequirement::Mfa, |t| t.policy(policy.clone()));
        assert!(directory.check().is_err());
    }
}
