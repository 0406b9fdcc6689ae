//! External ID tenants: a host and an issuer of their own.

use entra_emulator::{App, ConsentGrant, Directory, Emulator, RequestedTokenVersion, Tenant, User};
use serde_json::Value;

use crate::support::{Token, World, answer};

const TENANT: &str = "c0de0000-7e4a-4000-8000-00000000e1d0";
const USER: &str = "c0de0000-0b1e-4000-8000-00000000e1d1";
const API: &str = "c0de0000-a4b1-4000-8000-00000000e1d2";
const CLIENT: &str = "c0de0000-c11e-4000-8000-00000000e1d3";

fn directory() -> Directory {
    let tenant = Tenant::new(TENANT, "shop.onmicrosoft.com")
        .external_id("shop")
        .user(User::new(USER, "ada@example.com", "Ada"))
        .app(
            App::new(API, "Shop")
                .identifier_uri("api://shop")
                .token_version(RequestedTokenVersion::V2)
                .scope("buy")
                .secret("shop secret"),
        )
        .app(App::new(CLIENT, "Till").secret("till secret"))
        .grant(ConsentGrant::app_roles(CLIENT, API, [""; 0]));
    Directory::demo().tenant(tenant)
}

/// A client that knows where the names are.
async fn world() -> (World, String) {
    let emulator = Emulator::start(directory()).await.unwrap();
    let port = emulator.base_url().rsplit_once(':').unwrap().1.to_owned();
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let mut world = World::of(emulator);
    let names = [
        "shop.ciam.localhost".to_owned(),
        format!("{TENANT}.ciam.localhost"),
    ];
    let builder = reqwest::Client::builder().no_proxy();
    let builder = names
        .iter()
        .fold(builder, |b, name| b.resolve(name, address));
    world.http = builder.build().unwrap();
    (world, port)
}

async fn json(world: &World, url: &str) -> (u16, Value) {
    let found = answer(world.http.get(url).send().await.unwrap()).await;
    (found.status, found.json)
}

#[tokio::test]
async fn it_answers_at_its_own_host_and_issues_under_its_id() {
    let (world, port) = world().await;
    let host = format!("http://shop.ciam.localhost:{port}");
    let issuer = format!("http://{TENANT}.ciam.localhost:{port}/{TENANT}/v2.0");
    for segment in [TENANT, "shop.onmicrosoft.com"] {
        let url = format!("{host}/{segment}/v2.0/.well-known/openid-configuration");
        let (status, document) = json(&world, &url).await;
        assert_eq!(status, 200);
        assert_eq!(document["issuer"], issuer);
        let endpoint = format!("{host}/{TENANT}/oauth2/v2.0/token");
        assert_eq!(document["token_endpoint"], endpoint);
        let (_, keys) = json(&world, document["jwks_uri"].as_str().unwrap()).await;
        assert_eq!(keys["keys"][0]["issuer"], issuer);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT),
            ("client_secret", "till secret"),
            ("scope", "api://shop/.default"),
        ];
        let request = world.http.post(endpoint).form(&form);
        let given = answer(request.send().await.unwrap()).await;
        let token = Token::read(given.text("access_token"));
        assert_eq!(token.claims["iss"], issuer);
        assert!(token.verifies(&keys));
    }
    // The issuer's own address has metadata too, and names the tenant by its id.
    let (status, _) = json(
        &world,
        &format!("{host}/common/v2.0/.well-known/openid-configuration"),
    )
    .await;
    assert_eq!(status, 400);
    let other = format!(
        "{host}/{}/v2.0/.well-known/openid-configuration",
        entra_emulator::demo::TENANT
    );
    assert_eq!(json(&world, &other).await.0, 400);
}

#[tokio::test]
async fn a_token_for_it_is_an_assertion_for_it() {
    let (world, _) = world().await;
    let forge = world.emulator.forge();
    let token = forge.user_token(TENANT, USER, CLIENT, API, &["buy"]);
    let assertion = token.unwrap().sign().unwrap();
    let form = [
        ("grant_type", crate::support::OBO),
        ("client_id", API),
        ("client_secret", "shop secret"),
        ("requested_token_use", "on_behalf_of"),
        ("assertion", assertion.as_str()),
        ("scope", "api://shop/buy"),
    ];
    // It is taken as the tenant's; what is missing is consent.
    let refused = world.token_at(TENANT, &form).await;
    refused.refused(400, "invalid_grant", 65001);
}

#[test]
fn its_name_is_one_label_and_its_own() {
    for name in ["", "Shop", "a.b", "a-b"] {
        let tenant = Tenant::new(TENANT, "shop.onmicrosoft.com").external_id(name);
        assert!(Directory::new().tenant(tenant).check().is_err(), "{name}");
    }
    let twice = directory().tenant(
        Tenant::new(
            "c0de0000-7e4a-4000-8000-00000000e1d9",
            "two.onmicrosoft.com",
        )
        .external_id("shop"),
    );
    assert!(twice.check().is_err());
}
