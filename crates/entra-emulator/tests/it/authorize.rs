//! The authorization endpoint: who asks, who signs in, and where the answer goes.

use entra_emulator::{Directory, Reading, demo};
use reqwest::Response;

use crate::support::{VERIFIER, World, challenge, change, query, sign_in};

async fn authorize(world: &World, changes: &[(&str, &str)]) -> Response {
    let hash = challenge(VERIFIER);
    let mut request = sign_in(&hash, demo::MCP_READ_SCOPE);
    change(&mut request, changes);
    world.authorize(&request).await
}

/// Asserts an error sent to the client, with the number in its text.
#[track_caller]
fn refused(response: &Response, error: &str, code: u32) {
    let text = query(response, "error_description").unwrap();
    assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
    assert_eq!(query(response, "error").as_deref(), Some(error), "{text}");
    assert_eq!(query(response, "state").as_deref(), Some("the state"));
    assert_eq!(query(response, "code"), None);
}

/// Asserts an error shown to the person, and nothing sent anywhere.
async fn shown(response: Response, code: u32) {
    assert_eq!(response.status(), 400);
    assert!(!response.headers().contains_key("location"));
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    let page = response.text().await.unwrap();
    assert!(page.contains(&format!("AADSTS{code}: ")), "{page}");
}

#[tokio::test]
async fn a_code_comes_back_with_the_state() {
    let world = World::new().await;
    let response = authorize(&world, &[]).await;
    assert_eq!(query(&response, "state").as_deref(), Some("the state"));
    assert!(query(&response, "session_state").is_some());
    assert!(query(&response, "error").is_none());
    let first = query(&response, "code").unwrap();
    let second = query(&authorize(&world, &[]).await, "code").unwrap();
    assert_ne!(first, second);
}

#[tokio::test]
async fn the_request_may_be_a_form() {
    let world = World::new().await;
    let url = world.emulator.authorization_endpoint(demo::TENANT);
    let hash = challenge(VERIFIER);
    let form = sign_in(&hash, demo::MCP_READ_SCOPE);
    let response = world.http.post(url).form(&form).send().await.unwrap();
    assert!(query(&response, "code").is_some());
}

#[tokio::test]
async fn a_client_or_redirect_uri_that_is_not_known_gets_a_page() {
    let world = World::new().await;
    let stranger = "c0de0000-a4b1-4000-8000-00000000ffff";
    let cases = [
        (("client_id", ""), 900144),
        (("client_id", "x"), 700038),
        (("client_id", stranger), 700016),
        (("redirect_uri", ""), 900144),
        (("redirect_uri", "https://evil.example/callback"), 50011),
        (("redirect_uri", "http://localhost:1/elsewhere"), 50011),
        (
            ("redirect_uri", "http://localhost.evil.example/callback"),
            50011,
        ),
    ];
    for (changed, code) in cases {
        shown(authorize(&world, &[changed]).await, code).await;
        let entry = world.emulator.journal().last().unwrap();
        assert_eq!((entry.status(), entry.error_code()), (400, Some(code)));
    }
    let hash = challenge(VERIFIER);
    let request = sign_in(&hash, demo::MCP_READ_SCOPE);
    for (tenant, code) in [("nobody.example", 90002), ("nobody", 900023)] {
        shown(world.authorize_at(tenant, &request).await, code).await;
    }
    let mut request = request;
    change(&mut request, &[("client_id", stranger)]);
    shown(world.authorize_at("common", &request).await, 700016).await;
}

#[tokio::test]
async fn pages_escape_what_the_request_says() {
    let world = World::new().await;
    let response = authorize(&world, &[("redirect_uri", "http://x/<script>\"'&")]).await;
    let page = response.text().await.unwrap();
    assert!(!page.contains("<script"), "{page}");
    let response = authorize(&world, &[("login_hint", ""), ("state", "\"><script>")]).await;
    assert!(!response.text().await.unwrap().contains("<script"));
}

#[tokio::test]
async fn any_loopback_port_is_a_public_clients_own() {
    let world = World::new().await;
    for uri in [
        "http://localhost:1/callback",
        "http://127.0.0.1:65535",
        "http://localhost",
    ] {
        let response = authorize(&world, &[("redirect_uri", uri)]).await;
        let location = response.headers()["location"].to_str().unwrap();
        assert!(location.starts_with(uri), "{location}");
    }
}

#[tokio::test]
async fn without_a_hint_people_pick_an_account() {
    let world = World::new().await;
    let response = authorize(&world, &[("login_hint", "")]).await;
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    for name in [demo::ALICE_NAME, demo::BOB_UPN] {
        assert!(page.contains(name), "{page}");
    }
    assert!(!page.contains(demo::CAROL_UPN));
}

#[tokio::test]
async fn a_disabled_user_cannot_be_picked() {
    let world = World::new().await;
    world
        .emulator
        .disable_user(demo::TENANT, demo::BOB)
        .unwrap();
    let page = authorize(&world, &[("login_hint", "")])
        .await
        .text()
        .await
        .unwrap();
    assert!(!page.contains(demo::BOB_UPN) && page.contains(demo::ALICE_UPN));
    let response = authorize(&world, &[("login_hint", demo::BOB_UPN)]).await;
    refused(&response, "access_denied", 50057);
}

#[tokio::test]
async fn prompt_none_needs_a_user() {
    let world = World::new().await;
    let silent = [("prompt", "none"), ("login_hint", "")];
    refused(&authorize(&world, &silent).await, "login_required", 50058);
    let response = authorize(&world, &[("prompt", "none")]).await;
    assert!(query(&response, "code").is_some());
}

#[tokio::test]
async fn the_hint_is_a_name_or_an_object_id() {
    let world = World::new().await;
    for hint in [demo::ALICE, "ALICE@contoso.onmicrosoft.com"] {
        let response = authorize(&world, &[("login_hint", hint)]).await;
        assert!(query(&response, "code").is_some());
    }
    for hint in ["mallory@contoso.onmicrosoft.com", demo::CAROL_UPN] {
        let response = authorize(&world, &[("login_hint", hint)]).await;
        refused(&response, "access_denied", 50034);
    }
}

#[tokio::test]
async fn only_codes_and_the_three_ways_back() {
    let world = World::new().await;
    for (name, value, error, code) in [
        ("response_type", "", "invalid_request", 900144),
        ("response_type", "saml", "unsupported_response_type", 70005),
        ("response_mode", "web_message", "invalid_request", 90100),
        ("prompt", "coffee", "invalid_request", 90100),
    ] {
        refused(&authorize(&world, &[(name, value)]).await, error, code);
    }
    let response = authorize(&world, &[("response_mode", "query")]).await;
    assert!(query(&response, "code").is_some());
}

#[tokio::test]
async fn a_public_client_needs_an_s256_challenge() {
    let directory = Directory::demo().reading(Reading::PkceRequired);
    let world = World::with(directory).await;
    for changes in [
        [("code_challenge", ""), ("code_challenge_method", "")],
        [
            ("code_challenge", VERIFIER),
            ("code_challenge_method", "plain"),
        ],
        [("code_challenge", VERIFIER), ("code_challenge_method", "")],
        [("code_challenge", ""), ("code_challenge_method", "S256")],
        [
            ("code_challenge", "short"),
            ("code_challenge_method", "S256"),
        ],
    ] {
        refused(
            &authorize(&world, &changes).await,
            "invalid_request",
            9002325,
        );
    }
}

#[tokio::test]
async fn a_query_of_the_redirect_uri_is_kept() {
    let uri = "https://app.example/cb?tenant=1";
    let directory = Directory::demo().map_app(demo::MCP_CLIENT, |app| app.redirect_uri(uri));
    let world = World::with(directory).await;
    let response = authorize(&world, &[("redirect_uri", uri)]).await;
    let location = response.headers()["location"].to_str().unwrap();
    assert!(
        location.starts_with("https://app.example/cb?tenant=1&code="),
        "{location}"
    );
}

#[tokio::test]
async fn organizations_offers_those_whose_tenant_has_the_api() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let ask = async |scope: &str, hint: &str| {
        let mut request = sign_in(&hash, scope);
        change(&mut request, &[("login_hint", hint)]);
        world.authorize_at("organizations", &request).await
    };
    let page = ask(demo::MCP_READ_SCOPE, "").await.text().await.unwrap();
    assert!(page.contains(demo::ALICE_UPN) && page.contains(demo::CAROL_UPN));
    let page = ask(demo::REPORTS_READ_SCOPE, "")
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains(demo::ALICE_UPN) && !page.contains(demo::CAROL_UPN));
    let response = ask(demo::REPORTS_READ_SCOPE, demo::ALICE_UPN).await;
    assert!(query(&response, "code").is_some());
    let response = ask(demo::REPORTS_READ_SCOPE, demo::CAROL_UPN).await;
    refused(&response, "invalid_resource", 500011);
    let response = ask("api://nobody/read", "").await;
    refused(&response, "invalid_resource", 500011);
}
