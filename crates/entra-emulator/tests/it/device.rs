//! The device code flow (RFC 8628), from both ends.

use std::time::Duration;

use entra_emulator::demo;

use crate::pages::Person;
use crate::support::{Answer, World, answer};

pub(crate) const URN: &str = "urn:ietf:params:oauth:grant-type:device_code";

pub(crate) async fn start(world: &World) -> (String, String) {
    let url = format!(
        "{}/oauth2/v2.0/devicecode",
        world.emulator.authority(demo::TENANT)
    );
    let form = [
        ("client_id", demo::MCP_CLIENT),
        ("scope", demo::MCP_READ_SCOPE),
    ];
    let answer = answer(world.http.post(url).form(&form).send().await.unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let base = world.emulator.base_url();
    assert_eq!(
        answer.text("verification_uri"),
        format!("{base}/devicelogin")
    );
    assert!(answer.text("message").contains(answer.text("user_code")));
    assert!(answer.json["expires_in"].is_i64() && answer.json["interval"].is_i64());
    (
        answer.text("device_code").to_owned(),
        answer.text("user_code").to_owned(),
    )
}

pub(crate) async fn poll(world: &World, grant: &str, code: &str) -> Answer {
    let form = [
        ("grant_type", grant),
        ("client_id", demo::MCP_CLIENT),
        ("device_code", code),
    ];
    world.token(&form).await
}

/// Enters the code, picks Alice, and stands before the last question.
pub(crate) async fn enter<'a>(world: &'a World, user_code: &str) -> Person<'a> {
    let mut person = Person::new(world);
    let response = person
        .post("/devicelogin", &[("user_code", user_code)])
        .await;
    assert_eq!(response.status(), 200);
    person.page = response.text().await.unwrap();
    person
        .on("account", &format!("{}/{}", demo::TENANT, demo::ALICE))
        .await;
    assert!(person.page.contains("Is this you?"), "{}", person.page);
    person
}

#[tokio::test]
async fn a_device_gets_its_token_once_the_person_is_done() {
    let world = World::new().await;
    for grant in [URN, "device_code"] {
        let (device, user) = start(&world).await;
        poll(&world, grant, &device)
            .await
            .refused(400, "authorization_pending", 70016);
        let mut person = enter(&world, &user.to_lowercase()).await;
        let hasty = poll(&world, grant, &device).await;
        hasty.refused(400, "slow_down", 70016);
        world.emulator.clock().advance(Duration::from_secs(5));
        poll(&world, grant, &device)
            .await
            .refused(400, "authorization_pending", 70016);
        person.on("action", "confirm").await;
        assert!(person.page.contains("You are signed in"), "{}", person.page);
        let token = poll(&world, grant, &device).await.token();
        assert_eq!(token.claims["oid"], demo::ALICE);
        assert_eq!(token.claims["scp"], "mcp.read mcp.write");
        assert_eq!(poll(&world, grant, &device).await.code(), 54005, "once");
    }
}

#[tokio::test]
async fn each_end_of_a_device_code_has_its_own_error() {
    let world = World::new().await;
    poll(&world, URN, "nonsense")
        .await
        .refused(400, "bad_verification_code", 70018);
    let (device, user) = start(&world).await;
    enter(&world, &user).await.on("action", "decline").await;
    poll(&world, URN, &device)
        .await
        .refused(400, "authorization_declined", 70018);
    let (device, user) = start(&world).await;
    world.emulator.clock().advance(Duration::from_secs(900));
    poll(&world, URN, &device)
        .await
        .refused(400, "expired_token", 70020);
    let response = Person::new(&world)
        .post("/devicelogin", &[("user_code", &user)])
        .await;
    assert_eq!(response.status(), 400, "too late");
    let missing = [("grant_type", URN), ("client_id", demo::MCP_CLIENT)];
    world
        .token(&missing)
        .await
        .refused(400, "invalid_request", 900144);
}

#[tokio::test]
async fn a_device_code_is_its_clients_alone() {
    let world = World::new().await;
    let (device, user) = start(&world).await;
    enter(&world, &user).await.on("action", "confirm").await;
    let form = [
        ("grant_type", URN),
        ("client_id", demo::DAEMON),
        ("client_secret", demo::DAEMON_SECRET),
        ("device_code", &device),
    ];
    world
        .token(&form)
        .await
        .refused(400, "bad_verification_code", 70018);
    assert_eq!(poll(&world, URN, &device).await.status, 200);
}

#[tokio::test]
async fn a_wrong_code_is_told_on_the_page_and_shown_as_text() {
    let world = World::new().await;
    let response = Person::new(&world)
        .post("/devicelogin", &[("user_code", "\"><script>")])
        .await;
    assert_eq!(response.status(), 400);
    let page = response.text().await.unwrap();
    assert!(
        page.contains("did not work") && !page.contains("<script"),
        "{page}"
    );
}

#[tokio::test]
async fn any_authority_can_start_a_device_flow() {
    let world = World::new().await;
    let at = |path: &str| format!("{}/common/oauth2/v2.0/{path}", world.emulator.base_url());
    let form = [
        ("client_id", demo::MCP_CLIENT),
        ("scope", demo::MCP_READ_SCOPE),
    ];
    let started = answer(
        world
            .http
            .post(at("devicecode"))
            .form(&form)
            .send()
            .await
            .unwrap(),
    )
    .await;
    enter(&world, started.text("user_code"))
        .await
        .on("action", "confirm")
        .await;
    let form = [
        ("grant_type", URN),
        ("client_id", demo::MCP_CLIENT),
        ("device_code", started.text("device_code")),
    ];
    let answer = world.token_at("common", &form).await;
    assert_eq!(answer.token().claims["tid"], demo::TENANT);
}
