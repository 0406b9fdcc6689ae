//! Single-page apps: their platform, cross-origin requests, refresh tokens.

use std::time::Duration;

use entra_emulator::{App, Directory, Tenant, demo};
use reqwest::Method;

use crate::support::{Answer, VERIFIER, World, answer, challenge, change, query, sign_in};

const SPA: &str = "c0de0000-c11e-4000-8000-0000000000c2";
const ORIGIN: &str = "http://localhost:3000";
const PAGE: &str = "http://localhost:3000/";

async fn world() -> World {
    let directory = Directory::demo();
    let spa = App::new(SPA, "Page").spa_redirect_uri(PAGE);
    let tenants = directory.tenants().cloned().map(|tenant: Tenant| {
        let api = demo::MCP_SERVER;
        let grant = entra_emulator::ConsentGrant::delegated(SPA, api, [demo::MCP_READ]);
        tenant.app(spa.clone()).grant(grant)
    });
    World::with(tenants.fold(Directory::new(), Directory::tenant)).await
}

async fn code(world: &World) -> String {
    let hash = challenge(VERIFIER);
    let scope = format!("{} openid offline_access", demo::MCP_READ_SCOPE);
    let mut request = sign_in(&hash, &scope);
    change(&mut request, &[("client_id", SPA), ("redirect_uri", PAGE)]);
    let response = world.authorize(&request).await;
    let location = response.headers()["location"].to_str().unwrap();
    let url = url::Url::parse(location).unwrap();
    let found = url.query_pairs().find(|(n, _)| n == "code");
    found.expect(location).1.into_owned()
}

async fn post(world: &World, form: &[(&str, &str)], origin: Option<&str>) -> Answer {
    let url = world.emulator.token_endpoint(demo::TENANT);
    let mut request = world.http.post(url).form(form);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    answer(request.send().await.unwrap()).await
}

fn redemption(code: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", SPA),
        ("redirect_uri", PAGE),
        ("code_verifier", VERIFIER),
        ("code", code),
    ]
}

fn refresh(token: &str) -> [(&str, &str); 3] {
    [
        ("grant_type", "refresh_token"),
        ("client_id", SPA),
        ("refresh_token", token),
    ]
}

#[tokio::test]
async fn a_page_redeems_its_code_and_nobody_else_does() {
    let world = world().await;
    let code = code(&world).await;
    let without = post(&world, &redemption(&code), None).await;
    // Without a page there is no way in without a credential.
    assert_eq!(without.status, 401, "{}", without.json);
    let good = post(&world, &redemption(&code), Some(ORIGIN)).await;
    assert_eq!(good.headers["access-control-allow-origin"], "*");
    assert_eq!(good.token().claims["azpacr"], "0");
    let token = good.text("refresh_token");
    post(&world, &refresh(token), Some(ORIGIN)).await.token();
}

#[tokio::test]
async fn a_program_that_redeems_a_pages_code_is_refused() {
    let directory = world().await.emulator.directory();
    let directory = directory.map_app(SPA, |app| app.secret("s"));
    let world = World::with(directory).await;
    let code = code(&world).await;
    let mut form = redemption(&code).to_vec();
    form.push(("client_secret", "s"));
    post(&world, &form, None)
        .await
        .refused(400, "invalid_request", 9002327);
    let good = post(&world, &form, Some(ORIGIN)).await;
    let mut form = refresh(good.text("refresh_token")).to_vec();
    form.push(("client_secret", "s"));
    post(&world, &form, None)
        .await
        .refused(400, "invalid_request", 9002327);
}

#[tokio::test]
async fn other_platforms_are_not_redeemed_by_pages() {
    let world = world().await;
    let code = world.code(demo::MCP_READ_SCOPE).await;
    let form = crate::support::redemption(&code);
    let refused = post(&world, &form, Some(ORIGIN)).await;
    refused.refused(400, "invalid_request", 9002326);
    assert!(refused.text("error_description").contains(ORIGIN));
    // The page can read why.
    assert_eq!(refused.headers["access-control-allow-origin"], "*");
    let daemon = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::DAEMON),
        ("client_secret", demo::DAEMON_SECRET),
        ("scope", demo::MCP_DEFAULT_SCOPE),
    ];
    let refused = post(&world, &daemon, Some(ORIGIN)).await;
    refused.refused(400, "invalid_request", 9002326);
    let unread = post(&world, &daemon, None).await;
    assert!(!unread.headers.contains_key("access-control-allow-origin"));
    unread.token();
}

#[tokio::test]
async fn pkce_is_compulsory_for_pages() {
    let world = world().await;
    let hash = challenge(VERIFIER);
    for method in ["", "plain"] {
        let mut request = sign_in(&hash, demo::MCP_READ_SCOPE);
        let challenge = if method.is_empty() { "" } else { VERIFIER };
        change(
            &mut request,
            &[
                ("client_id", SPA),
                ("redirect_uri", PAGE),
                ("code_challenge", challenge),
                ("code_challenge_method", method),
            ],
        );
        let response = world.authorize(&request).await;
        let location = response.headers()["location"].to_str().unwrap();
        assert!(location.contains("AADSTS9002325"), "{location}");
    }
}

#[tokio::test]
async fn a_pages_refresh_tokens_end_a_day_after_the_sign_in() {
    let world = world().await;
    let clock = world.emulator.clock();
    clock.freeze_at(1_800_000_000);
    let code = code(&world).await;
    let first = post(&world, &redemption(&code), Some(ORIGIN)).await;
    clock.advance(Duration::from_secs(24 * 3600 - 1));
    let second = post(&world, &refresh(first.text("refresh_token")), Some(ORIGIN)).await;
    assert_eq!(second.status, 200, "{}", second.json);
    clock.advance(Duration::from_secs(1));
    let over = post(&world, &refresh(second.text("refresh_token")), Some(ORIGIN)).await;
    over.refused(400, "invalid_grant", 700084);
}

#[tokio::test]
async fn preflights_are_answered() {
    let world = world().await;
    let ask = |path: &str, header: &'static str| {
        let url = format!("{}/{}/{path}", world.emulator.base_url(), demo::TENANT);
        let request = world.http.request(Method::OPTIONS, url);
        let request = request.header("origin", ORIGIN);
        request
            .header("access-control-request-headers", header)
            .send()
    };
    let token = ask("oauth2/v2.0/token", "x-client-sku").await.unwrap();
    assert_eq!(token.status(), 200);
    assert_eq!(token.headers()["access-control-allow-origin"], "*");
    assert_eq!(
        token.headers()["access-control-allow-headers"],
        "x-client-sku"
    );
    let metadata = ask("v2.0/.well-known/openid-configuration", "x")
        .await
        .unwrap();
    let methods = &metadata.headers()["access-control-allow-methods"];
    assert_eq!(
        (metadata.status().as_u16(), methods.to_str().unwrap()),
        (200, "GET, OPTIONS")
    );
}

#[tokio::test]
async fn metadata_is_for_pages_of_any_origin() {
    let world = world().await;
    for (path, status) in [
        (
            format!("/{}/v2.0/.well-known/openid-configuration", demo::TENANT),
            200,
        ),
        (format!("/{}/discovery/v2.0/keys", demo::TENANT), 200),
        (
            "/common/discovery/instance?authorization_endpoint=http://localhost/x".to_owned(),
            200,
        ),
        (
            "/nobody/v2.0/.well-known/openid-configuration".to_owned(),
            400,
        ),
    ] {
        let answer = world.get(&path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.headers["access-control-allow-origin"], "*", "{path}");
        assert_eq!(
            answer.headers["access-control-allow-methods"],
            "GET, OPTIONS"
        );
        assert_eq!(answer.headers["cache-control"], "max-age=86400, private");
    }
    let silent = Directory::demo().reading(entra_emulator::Reading::KeySetsWithoutCors);
    let silent = World::with(silent).await;
    let keys = silent.get("/common/discovery/v2.0/keys").await;
    assert!(!keys.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn the_port_of_a_web_apps_localhost_is_free() {
    let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| {
        app.redirect_uri("http://localhost:5000/callback")
    });
    let world = World::with(directory).await;
    let hash = challenge(VERIFIER);
    let mut request = sign_in(&hash, demo::ORDERS_READ_SCOPE);
    change(&mut request, &[("client_id", demo::MCP_SERVER)]);
    assert!(query(&world.authorize(&request).await, "code").is_some());
}

const WEB: &str = "http://localhost:8080/signed-in";

/// A web application and its page under one registration.
async fn hybrid() -> World {
    let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| {
        app.redirect_uri(WEB).spa_redirect_uri(PAGE)
    });
    let tenants = directory.tenants().cloned().map(|tenant: Tenant| {
        let server = demo::MCP_SERVER;
        let read = [demo::MCP_READ];
        tenant.grant(entra_emulator::ConsentGrant::delegated(
            server, server, read,
        ))
    });
    World::with(tenants.fold(Directory::new(), Directory::tenant)).await
}

async fn hybrid_code(world: &World) -> String {
    let hash = challenge(VERIFIER);
    let scope = format!("{} openid offline_access", demo::MCP_READ_SCOPE);
    let mut request = sign_in(&hash, &scope);
    let server = [("client_id", demo::MCP_SERVER), ("redirect_uri", WEB)];
    change(&mut request, &server);
    let response = world.authorize(&request).await;
    let location = response.headers()["location"].to_str().unwrap();
    let url = url::Url::parse(location).unwrap();
    let found = url.query_pairs().find(|(n, _)| n == "code");
    found.expect(location).1.into_owned()
}

#[tokio::test]
async fn a_web_application_hands_its_page_a_code_of_its_own() {
    let world = hybrid().await;
    let code = hybrid_code(&world).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", demo::MCP_SERVER),
        ("client_secret", demo::MCP_SERVER_SECRET),
        ("redirect_uri", WEB),
        ("code_verifier", VERIFIER),
        ("code", code.as_str()),
        ("return_spa_code", "1"),
    ];
    let answer = post(&world, &form, None).await;
    let second = answer.text("spa_code").to_owned();
    let page = [
        ("grant_type", "authorization_code"),
        ("client_id", demo::MCP_SERVER),
        ("redirect_uri", PAGE),
        ("code", second.as_str()),
    ];
    // It is the page's, at the page's address, and only once.
    let elsewhere = [("redirect_uri", WEB)];
    let mut wrong = page.to_vec();
    change(&mut wrong, &elsewhere);
    post(&world, &wrong, Some(ORIGIN))
        .await
        .refused(400, "invalid_grant", 500112);
    let claims = post(&world, &page, Some(ORIGIN)).await.token().claims;
    assert_eq!(claims["oid"], demo::ALICE);
    assert_eq!(claims["azpacr"], "0");
    post(&world, &page, Some(ORIGIN))
        .await
        .refused(400, "invalid_grant", 54005);

    // Without being asked for there is none.
    let code = hybrid_code(&world).await;
    let mut plain = form.to_vec();
    change(&mut plain, &[("code", &code), ("return_spa_code", "")]);
    let answer = post(&world, &plain, None).await;
    assert_eq!(answer.json.get("spa_code"), None);
}
