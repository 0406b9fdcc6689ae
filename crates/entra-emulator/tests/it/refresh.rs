//! Refresh tokens.

use std::time::Duration;

use entra_emulator::demo;

use crate::support::{Answer, World, change};

const WITH_OFFLINE: &str = concat!(
    "api://c0de0000-a4b1-4000-8000-0000000000a1/mcp.read",
    " openid offline_access"
);

async fn refresh(world: &World, token: &str, changes: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", token),
    ];
    change(&mut form, changes);
    world.token(&form).await
}

#[tokio::test]
async fn only_who_asks_for_offline_access_gets_one() {
    let world = World::new().await;
    let answer = world.sign_in(demo::MCP_READ_SCOPE).await;
    assert!(answer.json.get("refresh_token").is_none());
    let answer = world.sign_in(WITH_OFFLINE).await;
    assert_ne!(answer.text("refresh_token"), "");
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_for_the_same_user() {
    let world = World::new().await;
    let first = world.sign_in(WITH_OFFLINE).await;
    let second = refresh(&world, first.text("refresh_token"), &[]).await;
    let (old, new) = (first.token().claims, second.token().claims);
    for same in ["oid", "tid", "sub", "aud", "azp", "scp"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    assert_ne!(old["uti"], new["uti"]);
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    assert_ne!(second.text("id_token"), "");
    refresh(&world, second.text("refresh_token"), &[])
        .await
        .token();
}

#[tokio::test]
async fn it_serves_any_resource_with_consent_and_no_other() {
    let world = World::new().await;
    let answer = world.sign_in(WITH_OFFLINE).await;
    let token = answer.text("refresh_token");
    let reports = [("scope", demo::REPORTS_READ_SCOPE)];
    assert_eq!(
        refresh(&world, token, &reports).await.token().claims["scp"],
        "reports.read"
    );
    let payroll = [("scope", demo::PAYROLL_READ_SCOPE)];
    let refused = refresh(&world, token, &payroll).await;
    refused.refused(400, "invalid_grant", 65001);
    let reports = [
        ("scope", demo::REPORTS_READ_SCOPE),
        ("resource", demo::MCP_SERVER_URI),
    ];
    refresh(&world, token, &reports)
        .await
        .refused(400, "invalid_target", 9010010);
    let unknown = [("scope", "api://c0de0000-a4b1-4000-8000-0000000000a1/other")];
    refresh(&world, token, &unknown)
        .await
        .refused(400, "invalid_scope", 70011);
}

#[tokio::test]
async fn a_bogus_or_foreign_one_is_refused() {
    let world = World::new().await;
    refresh(&world, "bogus", &[])
        .await
        .refused(400, "invalid_grant", 9002313);
    let unknown = format!("1.{}", "x".repeat(110));
    let answer = refresh(&world, &unknown, &[]).await;
    answer.refused(400, "invalid_grant", 70000);
    assert_eq!(answer.text("suberror"), "bad_token");

    let answer = world.sign_in(WITH_OFFLINE).await;
    let token = answer.text("refresh_token");
    let other = [
        ("client_id", demo::MCP_SERVER),
        ("client_secret", demo::MCP_SERVER_SECRET),
    ];
    refresh(&world, token, &other)
        .await
        .refused(400, "invalid_grant", 70000);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", token),
    ];
    let answer = world.token_at(demo::OTHER_TENANT, &form).await;
    answer.refused(400, "invalid_grant", 50020);
    world.token_at("common", &form).await.token();

    // Another emulator never issued it.
    let elsewhere = World::new().await;
    refresh(&elsewhere, token, &[])
        .await
        .refused(400, "invalid_grant", 70000);
}

#[tokio::test]
async fn it_expires_after_ninety_days() {
    let world = World::new().await;
    let clock = world.emulator.clock();
    clock.freeze_at(1_800_000_000);
    let answer = world.sign_in(WITH_OFFLINE).await;
    let token = answer.text("refresh_token");
    clock.advance(Duration::from_secs(90 * 24 * 3600 - 1));
    refresh(&world, token, &[]).await.token();
    clock.advance(Duration::from_secs(1));
    let answer = refresh(&world, token, &[]).await;
    answer.refused(400, "invalid_grant", 700082);
}

#[tokio::test]
async fn consent_and_account_are_looked_at_again() {
    let world = World::new().await;
    let answer = world.sign_in(WITH_OFFLINE).await;
    let token = answer.text("refresh_token");
    let emulator = &world.emulator;
    emulator.disable_user(demo::TENANT, demo::ALICE).unwrap();
    refresh(&world, token, &[])
        .await
        .refused(400, "invalid_grant", 50057);
    emulator.enable_user(demo::TENANT, demo::ALICE).unwrap();
    refresh(&world, token, &[]).await.token();
    emulator
        .revoke_consent(demo::TENANT, demo::MCP_CLIENT, demo::MCP_SERVER)
        .unwrap();
    refresh(&world, token, &[])
        .await
        .refused(400, "invalid_grant", 65001);
}

#[tokio::test]
async fn on_behalf_of_gives_one_to_the_middle_tier() {
    let world = World::new().await;
    let assertion = world.forged().sign().unwrap();
    let scope = format!("{} offline_access", demo::ORDERS_READ_SCOPE);
    let answer = world.obo(&assertion, &[("scope", &scope)]).await;
    let token = answer.text("refresh_token");
    let server = [
        ("client_id", demo::MCP_SERVER),
        ("client_secret", demo::MCP_SERVER_SECRET),
    ];
    let claims = refresh(&world, token, &server).await.token().claims;
    assert_eq!(claims["azp"], demo::MCP_SERVER);
    assert_eq!(claims["oid"], demo::ALICE);
    refresh(&world, token, &[])
        .await
        .refused(400, "invalid_grant", 70000);
}
