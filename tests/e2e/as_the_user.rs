//! Calling on as the user, through every layer.

use cross_crate_tests::{GuardedApi, World};
use entra_claims::Requirement;
use entra_emulator::{ConsentGrant, demo};
use entra_obo::{Downstream, NextStep, UserAssertion};
use foundry_scopes::{ScopeName, ScopeSet};
use reqwest::StatusCode;

const OBO: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

async fn orders_api(world: &World) -> GuardedApi {
    GuardedApi::start(
        world.authenticator(demo::ORDERS_API).unwrap(),
        demo::ORDERS_API_URI,
        Requirement::scope(ScopeName::parse(demo::ORDERS_READ).unwrap()),
    )
    .await
    .unwrap()
}

fn downstream(world: &World, scope: &str) -> Downstream {
    let scopes = ScopeSet::parse(scope).unwrap();
    world.exchange().unwrap().downstream(scopes).unwrap()
}

async fn assertion_of(world: &World, user: &str) -> UserAssertion {
    let token = world.token_of(user).unwrap().sign().unwrap();
    let verified = world
        .authenticator(demo::MCP_SERVER)
        .unwrap()
        .authenticate(&token)
        .await
        .unwrap();
    UserAssertion::try_from(&verified).unwrap()
}

#[tokio::test]
async fn the_downstream_sees_the_same_user_another_audience_and_the_middle_tier() {
    let world = World::start().await.unwrap();
    let api = orders_api(&world).await;
    let orders = downstream(&world, demo::ORDERS_READ_SCOPE);
    for user in [demo::ALICE, demo::BOB] {
        let token = orders
            .token_on_behalf_of(&assertion_of(&world, user).await)
            .await
            .unwrap();
        let (status, _, me) = api.call(token.expose()).await.unwrap();
        assert_eq!(status, StatusCode::OK);
        assert_eq!(me["tid"], demo::TENANT);
        assert_eq!(me["oid"], user);
        assert_eq!(me["aud"], demo::ORDERS_API);
        assert_eq!(me["client"], demo::MCP_SERVER);
    }
}

#[tokio::test]
async fn the_users_own_token_does_not_open_the_downstream() {
    let world = World::start().await.unwrap();
    let api = orders_api(&world).await;
    let token = world.token_of(demo::ALICE).unwrap().sign().unwrap();
    let (status, _, _) = api.call(&token).await.unwrap();
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn concurrent_calls_of_one_user_are_one_exchange_and_users_never_mix() {
    let world = World::start().await.unwrap();
    let api = orders_api(&world).await;
    let orders = downstream(&world, demo::ORDERS_READ_SCOPE);
    let users = [demo::ALICE, demo::BOB];
    let mut assertions = Vec::new();
    for user in users {
        assertions.push(assertion_of(&world, user).await);
    }
    let calls = (0..40).map(|i| {
        let (orders, api) = (orders.clone(), api.clone());
        let (user, assertion) = (users[i % 2], assertions[i % 2].clone());
        tokio::spawn(async move {
            let token = orders.token_on_behalf_of(&assertion).await.unwrap();
            let (_, _, me) = api.call(token.expose()).await.unwrap();
            assert_eq!(me["oid"], user);
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    assert_eq!(world.emulator().journal().count_grant(OBO), 2);
}

#[tokio::test]
async fn missing_consent_is_told_and_consent_helps_at_once() {
    let world = World::start().await.unwrap();
    let payroll = downstream(&world, demo::PAYROLL_READ_SCOPE);
    let alice = assertion_of(&world, demo::ALICE).await;

    let error = payroll.token_on_behalf_of(&alice).await.unwrap_err();
    assert_eq!(error.next(), NextStep::AskConsent);
    assert_eq!(error.codes(), [65001]);

    let consent =
        ConsentGrant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, [demo::PAYROLL_READ]);
    world
        .emulator()
        .grant_consent(demo::TENANT, consent)
        .unwrap();
    assert!(
        payroll.token_on_behalf_of(&alice).await.is_ok(),
        "a refusal is not remembered"
    );
}
