//! Consent of administrators for all users.

use entra_emulator::{App, Directory, User, demo};
use reqwest::Response;
use url::Url;

use crate::pages::Person;
use crate::sign_in::account;
use crate::support::{REDIRECT, World};

async fn world() -> World {
    let directory = Directory::demo()
        .map_user(demo::BOB, User::administrator)
        .map_app(demo::MCP_CLIENT, |app: App| {
            app.requires(demo::ORDERS_API, [demo::ORDERS_READ])
        });
    World::with(directory).await
}

fn url(world: &World, path: &str, params: &[(&str, &str)]) -> Url {
    let base = world.emulator.authority(demo::TENANT);
    let always = [
        ("client_id", demo::MCP_CLIENT),
        ("redirect_uri", REDIRECT),
        ("state", "the state"),
    ];
    let all = always.iter().chain(params);
    Url::parse_with_params(&format!("{base}{path}"), all).unwrap()
}

async fn ask(world: &World, path: &str, params: &[(&str, &str)]) -> Response {
    let request = world.http.get(url(world, path, params));
    request.send().await.unwrap()
}

fn answer(response: &Response) -> Vec<(String, String)> {
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap();
    let url = Url::parse(location).unwrap();
    url.query_pairs().into_owned().collect()
}

fn value<'a>(answer: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = answer.iter().find(|(n, _)| n == name);
    found.map(|(_, v)| v.as_str())
}

#[tokio::test]
async fn an_administrator_consents_for_everyone() {
    let world = world().await;
    let params = [
        ("scope", demo::ORDERS_READ_SCOPE),
        ("login_hint", demo::BOB_UPN),
    ];
    let done = answer(&ask(&world, "/v2.0/adminconsent", &params).await);
    assert_eq!(value(&done, "admin_consent"), Some("True"));
    assert_eq!(value(&done, "tenant"), Some(demo::TENANT));
    assert_eq!(value(&done, "scope"), Some(demo::ORDERS_READ_SCOPE));
    assert_eq!(value(&done, "state"), Some("the state"));
    assert_eq!(value(&done, "code"), None);
    // Alice never consented herself.
    let token = world.sign_in(demo::ORDERS_READ_SCOPE).await.token();
    assert_eq!(token.claims["scp"], demo::ORDERS_READ);
}

#[tokio::test]
async fn nobody_else_does() {
    let world = world().await;
    let params = [
        ("scope", demo::ORDERS_READ_SCOPE),
        ("login_hint", demo::ALICE_UPN),
    ];
    let refused = answer(&ask(&world, "/v2.0/adminconsent", &params).await);
    assert_eq!(value(&refused, "error"), Some("access_denied"));
    let text = value(&refused, "error_description").unwrap();
    assert!(text.starts_with("AADSTS90094: "), "{text}");
    let unknown = [
        ("scope", demo::ORDERS_READ_SCOPE),
        ("login_hint", "nobody@contoso.onmicrosoft.com"),
    ];
    let refused = answer(&ask(&world, "/v2.0/adminconsent", &unknown).await);
    let text = value(&refused, "error_description").unwrap();
    assert!(text.starts_with("AADSTS50034: "), "{text}");
}

#[tokio::test]
async fn what_is_declared_is_what_the_v1_page_grants() {
    let world = world().await;
    let hint = [("login_hint", demo::BOB_UPN)];
    let done = answer(&ask(&world, "/adminconsent", &hint).await);
    assert_eq!(value(&done, "admin_consent"), Some("True"));
    assert_eq!(value(&done, "scope"), None);
    world.sign_in(demo::ORDERS_READ_SCOPE).await.token();

    let bare = Directory::demo().map_user(demo::BOB, User::administrator);
    let world = World::with(bare).await;
    let refused = answer(&ask(&world, "/adminconsent", &hint).await);
    let text = value(&refused, "error_description").unwrap();
    assert!(text.starts_with("AADSTS1003031: "), "{text}");
    assert_eq!(value(&refused, "admin_consent"), Some("True"));
}

#[tokio::test]
async fn an_agent_identity_is_consented_to_at_its_blueprints_address() {
    let world = world().await;
    let params = [
        ("client_id", demo::AGENT),
        ("redirect_uri", "http://localhost/consented"),
        ("scope", "https://graph.microsoft.com/User.Read"),
        ("login_hint", demo::BOB_UPN),
    ];
    let base = world.emulator.authority(demo::TENANT);
    let url = Url::parse_with_params(&format!("{base}/v2.0/adminconsent"), params).unwrap();
    let done = answer(&world.http.get(url).send().await.unwrap());
    assert_eq!(value(&done, "admin_consent"), Some("True"));
}

#[tokio::test]
async fn a_wrong_address_or_client_gets_a_page_and_nothing_is_sent_there() {
    let world = world().await;
    let base = world.emulator.authority(demo::TENANT);
    for (client, uri) in [
        (demo::MCP_CLIENT, "https://elsewhere.example/"),
        ("c0de0000-c11e-4000-8000-0000000000ff", REDIRECT),
    ] {
        let params = [("client_id", client), ("redirect_uri", uri)];
        let url = Url::parse_with_params(&format!("{base}/adminconsent"), params).unwrap();
        let response = world.http.get(url).send().await.unwrap();
        assert_eq!(response.status(), 400);
    }
}

#[tokio::test]
async fn the_page_asks_who_and_what() {
    let world = world().await;
    let scope = [("scope", demo::ORDERS_READ_SCOPE)];
    let mut person = Person::new(&world);
    let at = url(&world, "/v2.0/adminconsent", &scope);
    person.visit(at.clone()).await;
    person.on("account", &account(demo::ALICE)).await;
    assert!(person.page.contains("AADSTS90094"), "{}", person.page);
    person.on("action", "another").await;
    person.on("account", &account(demo::BOB)).await;
    assert!(person.page.contains(demo::ORDERS_READ), "{}", person.page);
    person.on("action", "accept").await;
    assert_eq!(person.answered("admin_consent").as_deref(), Some("True"));

    let mut person = Person::new(&world);
    person.visit(at).await;
    person.on("account", &account(demo::BOB)).await;
    person.on("action", "decline").await;
    assert_eq!(
        person.answered("error").as_deref(),
        Some("consent_required")
    );
}
