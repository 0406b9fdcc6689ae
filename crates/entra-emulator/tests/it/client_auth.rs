//! Who the client is, and how it proves it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use entra_emulator::{App, Directory, demo};

use crate::support::{OBO, World, answer};

const DAEMON_FORM: [(&str, &str); 2] = [
    ("grant_type", "client_credentials"),
    ("scope", demo::MCP_DEFAULT_SCOPE),
];

async fn with_basic(world: &World, header: &str) -> crate::support::Answer {
    let request = world
        .http
        .post(world.emulator.token_endpoint(demo::TENANT))
        .header("authorization", header)
        .form(&DAEMON_FORM);
    answer(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_secret_in_basic_is_as_good_as_in_the_body() {
    let world = World::new().await;
    let secret = demo::DAEMON_SECRET.replace('-', "%2D");
    for (secret, good) in [
        (demo::DAEMON_SECRET, true),
        (&*secret, true),
        ("other", false),
    ] {
        let header = BASE64_STANDARD.encode(format!("{}:{secret}", demo::DAEMON));
        let answer = with_basic(&world, &format!("Basic {header}")).await;
        match good {
            true => assert_eq!(answer.token().claims["azpacr"], "1"),
            false => answer.refused(401, "invalid_client", 7000215),
        }
    }
    let entry = world.emulator.journal().last().unwrap();
    assert_eq!(entry.client_id(), Some(demo::DAEMON));
    for unreadable in ["Basic", "Basic !", "Bearer x", "Basic eA=="] {
        let answer = with_basic(&world, unreadable).await;
        answer.refused(400, "invalid_request", 900144);
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let world = World::new().await;
    let answer = world.daemon(&[("client_secret", "wrong")]).await;
    answer.refused(401, "invalid_client", 7000215);
    assert!(answer.text("error_description").contains(demo::DAEMON));
    assert!(!answer.json.to_string().contains("wrong"));
    assert_eq!(answer.headers["cache-control"], "no-store, no-cache");
}

#[tokio::test]
async fn an_expired_secret_has_its_own_number() {
    let directory =
        Directory::demo().map_app(demo::DAEMON, |app| app.secret_until("short", 2_000_000_000));
    let world = World::with(directory).await;
    let short = [("client_secret", "short")];
    world.emulator.clock().freeze_at(1_999_999_999);
    world.daemon(&short).await.token();
    world.emulator.clock().freeze_at(2_000_000_000);
    world
        .daemon(&short)
        .await
        .refused(401, "invalid_client", 7000222);
    world.daemon(&[]).await.token();
}

#[tokio::test]
async fn a_missing_credential_depends_on_the_grant() {
    let world = World::new().await;
    let answer = world.daemon(&[("client_secret", "")]).await;
    answer.refused(401, "invalid_client", 7000216);
    let answer = world.obo("x", &[("client_secret", "")]).await;
    answer.refused(401, "invalid_client", 7000218);
    // A public client has nothing to act as itself with.
    let public = [("client_id", demo::MCP_CLIENT), ("client_secret", "")];
    world
        .daemon(&public)
        .await
        .refused(401, "invalid_client", 7000216);
    world
        .obo("x", &public)
        .await
        .refused(401, "invalid_client", 7000218);
}

#[tokio::test]
async fn a_public_client_must_not_send_a_credential() {
    let world = World::new().await;
    let code = world.code(demo::MCP_READ_SCOPE).await;
    for credential in ["client_secret", "client_assertion"] {
        let mut form = crate::support::redemption(&code);
        form.push((credential, "x"));
        world
            .token(&form)
            .await
            .refused(401, "invalid_client", 700025);
    }
    world.redeem(&code).await.token();
}

#[tokio::test]
async fn the_client_must_be_an_app_of_the_tenant() {
    let world = World::new().await;
    let zero = "00000000-0000-0000-0000-000000000000";
    for malformed in [zero, "mcp", demo::MCP_SERVER_URI] {
        let answer = world.daemon(&[("client_id", malformed)]).await;
        answer.refused(400, "unauthorized_client", 700038);
        assert!(answer.json.get("error_uri").is_none());
    }
    let stranger = "c0de0000-a4b1-4000-8000-00000000ffff";
    let answer = world.daemon(&[("client_id", stranger)]).await;
    answer.refused(400, "unauthorized_client", 700016);
    assert!(answer.text("error_description").contains("'Contoso'"));

    // The daemon is an app of the one tenant only.
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::DAEMON),
        ("client_secret", demo::DAEMON_SECRET),
        ("scope", demo::MCP_DEFAULT_SCOPE),
    ];
    let answer = world.token_at(demo::OTHER_TENANT, &form).await;
    answer.refused(400, "unauthorized_client", 700016);
    let upper = demo::DAEMON.to_uppercase();
    world.daemon(&[("client_id", &upper)]).await.token();
}

#[tokio::test]
async fn the_client_is_checked_before_what_it_asks_for() {
    let world = World::new().await;
    let wrong = [
        ("grant_type", OBO),
        ("client_id", demo::MCP_SERVER),
        ("client_secret", "wrong"),
    ];
    world
        .token(&wrong)
        .await
        .refused(401, "invalid_client", 7000215);
}

#[tokio::test]
async fn an_api_without_a_credential_is_no_client() {
    let api = "c0de0000-a4b1-4000-8000-00000000eeee";
    let mut directory = Directory::demo();
    let tenant = directory.tenants().next().unwrap().clone();
    directory = Directory::new().tenant(tenant.app(App::new(api, "API")));
    let world = World::with(directory).await;
    let answer = world.daemon(&[("client_id", api)]).await;
    answer.refused(401, "invalid_client", 7000215);
}
