//! The downstream API that tells what it got.

use std::time::Duration;

use entra_emulator::{Directory, Emulator, ForgeKey, RequestedTokenVersion, demo};
use serde_json::json;

use crate::support::{Answer, World, answer};

async fn world() -> World {
    let builder = Emulator::builder(Directory::demo()).echo_api();
    World::of(builder.start().await.unwrap())
}

/// What the MCP server's echo answers to this token.
async fn sent(world: &World, token: &str) -> Answer {
    let url = world.emulator.echo_url(demo::MCP_SERVER);
    let request = world.http.post(url).bearer_auth(token);
    let answer = answer(request.send().await.unwrap()).await;
    assert!(!answer.json.to_string().contains(token));
    answer
}

async fn refused(world: &World, token: &str, reason: &str) {
    let answer = sent(world, token).await;
    assert_eq!(answer.json, json!({ "reason": reason }));
    assert_eq!(answer.status, 401);
    let challenge = &answer.headers["www-authenticate"];
    assert_eq!(challenge, "Bearer error=\"invalid_token\"");
    assert_eq!(answer.headers["cache-control"], "no-store, no-cache");
}

#[tokio::test]
async fn a_users_token_is_told_back() {
    let world = world().await;
    let token = world.sign_in(demo::MCP_READ_SCOPE).await.token();
    let answer = sent(&world, &token.text).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(answer.json["kind"], "user");
    assert_eq!(answer.json["api"]["client_id"], demo::MCP_SERVER);
    assert_eq!(answer.json["who"]["oid"], demo::ALICE);
    assert_eq!(answer.json["who"]["tid"], demo::TENANT);
    assert_eq!(answer.json["who"]["name"], demo::ALICE_NAME);
    assert_eq!(answer.json["client"], demo::MCP_CLIENT);
    assert_eq!(
        answer.json["scopes"],
        json!([demo::MCP_READ, demo::MCP_WRITE])
    );
    assert_eq!(answer.json["roles"], json!([]));
    assert_eq!(answer.json["claims"], token.claims);
}

#[tokio::test]
async fn an_apps_token_and_one_on_behalf_of_a_user_too() {
    let world = world().await;
    let token = world.daemon(&[]).await.token();
    let answer = sent(&world, &token.text).await;
    assert_eq!((answer.status, &answer.json["kind"]), (200, &json!("app")));
    assert_eq!(answer.json["client"], demo::DAEMON);
    assert_eq!(answer.json["scopes"], json!([]));
    assert_eq!(answer.json["roles"], json!([demo::MCP_RUN_ROLE]));

    let assertion = world.sign_in(demo::MCP_READ_SCOPE).await.token();
    let token = world.obo(&assertion.text, &[]).await.token();
    let url = world.emulator.echo_url(demo::ORDERS_API);
    let request = world.http.get(url).bearer_auth(&token.text);
    let answer = crate::support::answer(request.send().await.unwrap()).await;
    assert_eq!(answer.json["who"]["oid"], demo::ALICE);
    assert_eq!(answer.json["client"], demo::MCP_SERVER);
    assert_eq!(answer.json["scopes"], json!([demo::ORDERS_READ]));
    refused(&world, &token.text, "The token is for another audience.").await;
}

#[tokio::test]
async fn a_v1_token_names_the_api_by_its_uri() {
    let world = world().await;
    let forge = world.emulator.forge().version(RequestedTokenVersion::V1);
    let (client, api) = (demo::MCP_CLIENT, demo::MCP_SERVER);
    let token = forge.user_token(demo::TENANT, demo::ALICE, client, api, &[demo::MCP_READ]);
    let token = token.unwrap();
    assert_eq!(token.claims()["aud"], demo::MCP_SERVER_URI);
    let answer = sent(&world, &token.sign().unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(answer.json["client"], demo::MCP_CLIENT);
}

#[tokio::test]
async fn the_signature_is_of_a_published_key() {
    let world = world().await;
    let token = world.forged();
    let unknown = token.clone().key(ForgeKey::Unpublished).sign().unwrap();
    let reason = "The token's key is not among the published ones.";
    refused(&world, &unknown, reason).await;
    let wrong = "The token's signature is wrong.";
    let liar = token.clone().key(ForgeKey::UnpublishedUnderLiveKid);
    refused(&world, &liar.sign().unwrap(), wrong).await;
    let none = token.clone().header("alg", "none");
    refused(&world, &none.unsigned().unwrap(), wrong).await;
    let confused = token.clone().header("alg", "HS256");
    refused(&world, &confused.sign_with_public_key().unwrap(), wrong).await;
    let good = token.sign().unwrap();
    world.emulator.rotate_keys();
    assert_eq!(sent(&world, &good).await.status, 200);
    world.emulator.drop_old_keys();
    refused(&world, &good, reason).await;
}

#[tokio::test]
async fn issuer_and_tenant_are_this_emulators() {
    let reason = "The token's issuer is not one of this emulator's tenants.";
    let world = world().await;
    // Another emulator signs with the same keys.
    let neighbour = World::new().await.forged().sign().unwrap();
    refused(&world, &neighbour, reason).await;
    let foreign = world.forged().claim("tid", demo::OTHER_TENANT);
    let reason = "The token's tid and issuer name different tenants.";
    refused(&world, &foreign.sign().unwrap(), reason).await;
    let other = format!("{}/v2.0", world.emulator.authority(demo::OTHER_TENANT));
    let elsewhere = foreign.claim("iss", other);
    let only_here = demo::PAYROLL_API;
    let tenants = world.emulator.directory();
    let other = tenants.tenants().nth(1).unwrap();
    assert!(other.apps().all(|app| app.client_id() != only_here));
    let elsewhere = elsewhere.claim("aud", only_here).sign().unwrap();
    let url = world.emulator.echo_url(only_here);
    let request = world.http.get(url).bearer_auth(elsewhere);
    let answer = answer(request.send().await.unwrap()).await;
    let reason = json!({ "reason": "The token's tenant does not have this API." });
    assert_eq!((answer.status, answer.json), (401, reason));
}

#[tokio::test]
async fn the_audience_is_compared_literally() {
    let world = world().await;
    let slash = format!("{}/", demo::MCP_SERVER_URI);
    let upper = demo::MCP_SERVER.to_uppercase();
    for aud in [demo::ORDERS_API, demo::ORDERS_API_URI, &slash, &upper, ""] {
        let token = world.forged().claim("aud", aud).sign().unwrap();
        refused(&world, &token, "The token is for another audience.").await;
    }
    let list = world.forged().claim("aud", vec![demo::MCP_SERVER]);
    let list = list.sign().unwrap();
    refused(&world, &list, "The token is for another audience.").await;
}

#[tokio::test]
async fn time_is_the_emulators() {
    let world = world().await;
    let clock = world.emulator.clock();
    clock.freeze_at(1_800_000_000);
    let token = world.forged().claim("exp", 1_800_000_060_i64);
    let good = token.sign().unwrap();
    assert_eq!(sent(&world, &good).await.status, 200);
    clock.advance(Duration::from_secs(59));
    assert_eq!(sent(&world, &good).await.status, 200);
    clock.advance(Duration::from_secs(1));
    refused(&world, &good, "The token has expired.").await;
    clock.set(1_799_999_699);
    refused(&world, &good, "The token is not valid yet.").await;
    clock.set(1_800_000_000);
    let endless = token.clone().without_claim("exp").sign().unwrap();
    refused(&world, &endless, "The token has expired.").await;
    let unclear = token.claim("nbf", "soon").sign().unwrap();
    refused(&world, &unclear, "The token is not valid yet.").await;
}

#[tokio::test]
async fn an_id_token_or_one_without_permissions_opens_nothing() {
    let world = world().await;
    let forge = world.emulator.forge();
    let id = forge.id_token(demo::TENANT, demo::ALICE, demo::MCP_SERVER);
    let id = id.unwrap();
    let reason = "The token is an ID token, not an access token.";
    refused(&world, &id.sign().unwrap(), reason).await;
    let dressed_up = id.claim("scp", demo::MCP_READ).sign().unwrap();
    refused(&world, &dressed_up, reason).await;
    let reason = "The token has neither scopes nor roles.";
    let empty = world.forged().without_claim("scp").sign().unwrap();
    refused(&world, &empty, reason).await;
    refused(&world, "a.b", "The token is not a signed JWT.").await;
}

#[tokio::test]
async fn without_a_token_there_is_only_the_challenge() {
    let world = world().await;
    let url = world.emulator.echo_url(demo::MCP_SERVER);
    let basic = world.http.get(&url).basic_auth("a", Some("b"));
    for request in [world.http.get(&url), basic] {
        let answer = answer(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        assert_eq!(
            answer.json["reason"],
            "The request carries no bearer token."
        );
    }
    let good = world.forged().sign().unwrap();
    let twice = world.http.get(&url).bearer_auth(&good).bearer_auth(&good);
    let answer = answer(twice.send().await.unwrap()).await;
    let challenge = &answer.headers["www-authenticate"];
    assert_eq!(challenge, "Bearer error=\"invalid_token\"");
}

#[tokio::test]
async fn it_is_off_by_default_and_there_for_registered_apps_only() {
    let off = World::new().await;
    let token = off.forged().sign().unwrap();
    let on = world().await;
    for (world, id) in [(&off, demo::MCP_SERVER), (&on, demo::ALICE)] {
        let url = world.emulator.echo_url(id);
        let request = world.http.get(url).bearer_auth(&token);
        assert_eq!(request.send().await.unwrap().status(), 404);
    }
}
