//! On-behalf-of: which assertions are refused, and as what.

use std::time::Duration;

use entra_emulator::{ForgeKey, demo};

use crate::support::World;

#[tokio::test]
async fn something_that_is_no_token() {
    let world = World::new().await;
    for text in ["x", "a.b.c", "e30.e30", "e30.e30.AA.AA.AA"] {
        world
            .obo(text, &[])
            .await
            .refused(400, "invalid_request", 50027);
    }
}

#[tokio::test]
async fn a_token_that_was_not_signed_here() {
    let world = World::new().await;
    let good = world.forged();
    let (signed, other) = (
        good.sign().unwrap(),
        good.clone().claim("x", 1).sign().unwrap(),
    );
    let (body, _) = signed.rsplit_once('.').unwrap();
    let (_, foreign_signature) = other.rsplit_once('.').unwrap();
    let bad = [
        format!("{body}.{foreign_signature}"),
        good.clone()
            .key(ForgeKey::UnpublishedUnderLiveKid)
            .sign()
            .unwrap(),
        good.clone().key(ForgeKey::Unpublished).sign().unwrap(),
        good.clone().header("kid", "unknown").sign().unwrap(),
        good.clone().without_header("kid").sign().unwrap(),
        good.clone().header("alg", "none").unsigned().unwrap(),
        good.clone().header("alg", "none").sign().unwrap(),
        good.header("alg", "HS256").sign().unwrap(),
    ];
    for assertion in &bad {
        world
            .obo(assertion, &[])
            .await
            .refused(400, "invalid_grant", 50013);
    }
    world.obo(&signed, &[]).await.token();

    // Another emulator has the same test keys, but another issuer.
    let elsewhere = World::new().await;
    let foreign = elsewhere.forged().sign().unwrap();
    world
        .obo(&foreign, &[])
        .await
        .refused(400, "invalid_grant", 50013);
}

#[tokio::test]
async fn a_token_of_another_tenant_or_issuer() {
    let world = World::new().await;
    let forge = world.emulator.forge();
    let (user, client, api) = (demo::CAROL, demo::MCP_CLIENT, demo::MCP_SERVER);
    let other = forge.user_token(demo::OTHER_TENANT, user, client, api, &[demo::MCP_READ]);
    let other = other.unwrap();
    let mixed = other.clone().claim("tid", demo::TENANT);
    let bad = [
        other,
        mixed,
        world.forged().claim("tid", demo::OTHER_TENANT),
        world.forged().claim("iss", "http://localhost/x/v2.0"),
        world.forged().without_claim("iss"),
        world.forged().without_claim("tid"),
    ];
    for assertion in bad {
        let answer = world.obo(&assertion.sign().unwrap(), &[]).await;
        answer.refused(400, "invalid_grant", 50013);
    }
}

#[tokio::test]
async fn an_expired_or_early_token() {
    let world = World::new().await;
    let clock = world.emulator.clock();
    clock.freeze_at(1_800_000_000);
    let assertion = world.forged().sign().unwrap();
    clock.advance(Duration::from_secs(4499));
    world.obo(&assertion, &[]).await.token();
    clock.advance(Duration::from_secs(1));
    let answer = world.obo(&assertion, &[]).await;
    answer.refused(400, "invalid_grant", 500133);
    let text = answer.text("error_description");
    assert!(
        text.contains("Current time: 2027-01-15T09:15:00.0000000Z"),
        "{text}"
    );
    assert!(
        text.contains("expiry time of assertion 2027-01-15T09:15:00.0000000Z"),
        "{text}"
    );

    let now = clock.now();
    let early = world.forged().claim("nbf", now + 1).sign().unwrap();
    world
        .obo(&early, &[])
        .await
        .refused(400, "invalid_grant", 500133);
    let endless = world.forged().without_claim("exp").sign().unwrap();
    world
        .obo(&endless, &[])
        .await
        .refused(400, "invalid_grant", 500133);
}

#[tokio::test]
async fn a_token_for_somebody_else() {
    let world = World::new().await;
    let reports = world.sign_in(demo::REPORTS_READ_SCOPE).await.token();
    let answer = world.obo(&reports.text, &[]).await;
    answer.refused(400, "invalid_grant", 500131);
    let text = answer.text("error_description");
    assert!(
        text.contains(demo::REPORTS_API_URI) && text.contains(demo::MCP_SERVER),
        "{text}"
    );

    let slash = format!("{}/", demo::MCP_SERVER_URI);
    let upper = demo::MCP_SERVER_URI.to_uppercase();
    for aud in [slash.as_str(), &upper, "", demo::ORDERS_API] {
        let token = world.forged().claim("aud", aud).sign().unwrap();
        world
            .obo(&token, &[])
            .await
            .refused(400, "invalid_grant", 500131);
    }
    let missing = world.forged().without_claim("aud").sign().unwrap();
    world
        .obo(&missing, &[])
        .await
        .refused(400, "invalid_grant", 500131);
    let uri = world
        .forged()
        .claim("aud", demo::MCP_SERVER_URI)
        .sign()
        .unwrap();
    world.obo(&uri, &[]).await.token();
}

#[tokio::test]
async fn a_token_without_a_user() {
    let world = World::new().await;
    let app_only = world.daemon(&[]).await.token();
    let answer = world.obo(&app_only.text, &[]).await;
    answer.refused(400, "unauthorized_client", 7000114);
    let empty = world.forged().claim("scp", "").sign().unwrap();
    world
        .obo(&empty, &[])
        .await
        .refused(400, "unauthorized_client", 7000114);
}

#[tokio::test]
async fn an_id_token() {
    let world = World::new().await;
    let token = world
        .emulator
        .forge()
        .id_token(demo::TENANT, demo::ALICE, demo::MCP_SERVER);
    let token = token.unwrap().sign().unwrap();
    world
        .obo(&token, &[])
        .await
        .refused(400, "invalid_grant", 240002);
}

#[tokio::test]
async fn a_user_that_is_gone_or_disabled() {
    let world = World::new().await;
    let assertion = world.forged().sign().unwrap();
    world
        .emulator
        .disable_user(demo::TENANT, demo::ALICE)
        .unwrap();
    world
        .obo(&assertion, &[])
        .await
        .refused(400, "invalid_grant", 50057);
    world
        .emulator
        .enable_user(demo::TENANT, demo::ALICE)
        .unwrap();
    world.obo(&assertion, &[]).await.token();
    let gone = world.forged().claim("oid", demo::CAROL).sign().unwrap();
    world
        .obo(&gone, &[])
        .await
        .refused(400, "invalid_grant", 50034);
    let nobody = world.forged().without_claim("oid").sign().unwrap();
    world
        .obo(&nobody, &[])
        .await
        .refused(400, "invalid_request", 50027);
}

#[tokio::test]
async fn a_rotated_key_counts_until_it_is_dropped() {
    let world = World::new().await;
    let assertion = world.forged().sign().unwrap();
    world.emulator.rotate_keys();
    world.obo(&assertion, &[]).await.token();
    world.emulator.drop_old_keys();
    world
        .obo(&assertion, &[])
        .await
        .refused(400, "invalid_grant", 50013);
}

#[tokio::test]
async fn the_assertion_is_not_repeated_anywhere() {
    let world = World::new().await;
    let assertion = world.forged().claim("aud", "someone else").sign().unwrap();
    let answer = world.obo(&assertion, &[]).await;
    let signature = assertion.rsplit('.').next().unwrap();
    assert!(!answer.json.to_string().contains(signature));
    let journal = format!("{:?}", world.emulator.journal());
    assert!(!journal.contains(signature) && !journal.contains(demo::MCP_SERVER_SECRET));
    let entry = world.emulator.journal().last().unwrap();
    assert_eq!(entry.error_code(), Some(500131));
    assert_eq!(entry.param("assertion"), Some("<masked>"));
}
