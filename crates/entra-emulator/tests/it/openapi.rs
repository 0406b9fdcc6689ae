//! The OpenAPI document of the control operations agrees with what they read.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, World, answer};

async fn document(world: &World) -> Value {
    world.get("/__emulator/openapi.json").await.json
}

async fn send(world: &World, method: &str, path: &str, body: &Value) -> Answer {
    let url = format!("{}{path}", world.emulator.base_url());
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
    let request = world
        .http
        .request(method, url)
        .header("content-type", "application/json")
        .body(body.to_string());
    answer(request.send().await.unwrap()).await
}

/// Method, path and body schema of each operation.
fn operations(document: &Value) -> Vec<(String, String, Option<Value>)> {
    let paths = document["paths"].as_object().unwrap();
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let schema = (!schema.is_null()).then(|| schema.clone());
            all.push((method.clone(), path.clone(), schema));
        }
    }
    all
}

#[tokio::test]
async fn it_lists_what_the_index_lists() {
    let world = World::new().await;
    let index = world.get("/__emulator").await.json;
    let index = index["operations"].as_array().unwrap().iter();
    let index: BTreeSet<_> = index
        .map(|o| o["operation"].as_str().unwrap().to_owned())
        .collect();
    let document = document(&world).await;
    assert_eq!(document["openapi"], "3.1.0");
    let listed: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(method, path, _)| format!("{} {path}", method.to_ascii_uppercase()))
        .collect();
    assert_eq!(index, listed);
    assert!(listed.len() > 25);
}

#[tokio::test]
async fn the_members_of_bodies_are_those_that_are_read() {
    let world = World::new().await;
    let mut looked_at = 0;
    for (method, path, schema) in operations(&document(&world).await) {
        let Some(schema) = schema else { continue };
        // The schema of directories has a test of its own.
        let Some(properties) = schema["properties"].as_object() else {
            assert_eq!(path, "/__emulator/directory");
            continue;
        };
        looked_at += 1;
        let refused = send(&world, &method, &path, &json!({ "bogus": 1 })).await;
        assert_eq!(refused.status, 400, "{method} {path}");
        let text = refused.text("error");
        let list = text
            .split_once("expected")
            .unwrap_or_else(|| panic!("{text}"));
        let read: BTreeSet<_> = list.1.split('`').skip(1).step_by(2).collect();
        let listed: BTreeSet<_> = properties.keys().map(String::as_str).collect();
        assert_eq!(read, listed, "{method} {path}");
    }
    assert!(looked_at > 10);
}

#[tokio::test]
async fn the_schema_of_directories_is_served() {
    let world = World::new().await;
    let schema = world.get("/__emulator/schema.json").await.json;
    let file: Value = serde_json::from_str(entra_emulator::Directory::json_schema()).unwrap();
    assert_eq!(schema, file);
    let document = document(&world).await;
    let directory = &document["components"]["schemas"]["directory"];
    assert_eq!(directory["$id"], "urn:entra-emulator:directory");
}

#[tokio::test]
async fn an_order_that_would_do_nothing_is_refused() {
    let world = World::new().await;
    let user = json!({
        "kind": "user",
        "tenant": entra_emulator::demo::TENANT,
        "user": entra_emulator::demo::ALICE,
        "client": entra_emulator::demo::MCP_CLIENT,
        "resource": entra_emulator::demo::MCP_SERVER,
    });
    let with = |member: &str, value: Value| {
        let mut order = user.clone();
        order[member] = value;
        order
    };
    let raw = |member: &str, value: Value| json!({ "kind": "raw", member: value });
    for (order, named) in [
        (with("roles", json!(["r"])), "`roles`"),
        (raw("tenant", json!("t")), "`tenant`"),
        (raw("scopes", json!(["s"])), "`scopes`"),
        (raw("version", json!(2)), "`version`"),
        (
            json!({ "kind": "raw", "claims": { "exp": 1 }, "from_now": { "exp": 1 } }),
            "`exp`",
        ),
        (
            json!({ "kind": "raw", "key": "unpublished", "signature": "none" }),
            "`key`",
        ),
    ] {
        let refused = send(&world, "post", "/__emulator/forge", &order).await;
        assert_eq!(refused.status, 400, "{order}");
        assert!(refused.text("error").contains(named), "{}", refused.json);
    }
    for fault in [
        json!({ "path": "/token" }),
        json!({ "path": "/token", "real": true, "times": 2 }),
        json!({ "path": "/token", "delay_ms": 0 }),
        json!({ "path": "/__emulator/clock", "status": 500 }),
    ] {
        let refused = send(&world, "post", "/__emulator/faults", &fault).await;
        assert_eq!(refused.status, 400, "{fault}");
    }
}

#[tokio::test]
async fn times_of_forged_tokens_are_relative_to_the_emulators_clock() {
    let world = World::new().await;
    world.emulator.clock().freeze_at(1_800_000_000);
    let order = json!({ "kind": "raw", "from_now": { "exp": 60, "nbf": -300 } });
    let forged = send(&world, "post", "/__emulator/forge", &order).await;
    let token = crate::support::Token::read(forged.text("token"));
    assert_eq!(token.claims["exp"], 1_800_000_060_i64);
    assert_eq!(token.claims["nbf"], 1_799_999_700_i64);
    // The same in Rust.
    let again = world.forged().claim_from_now("exp", -1);
    assert_eq!(again.claims()["exp"], 1_799_999_999_i64);
}

#[tokio::test]
async fn events_of_users_are_operations_too() {
    let world = World::new().await;
    let who = json!({
        "tenant": entra_emulator::demo::TENANT,
        "user": entra_emulator::demo::ALICE,
        "because": "password-changed",
    });
    let done = send(&world, "delete", "/__emulator/sessions", &who).await;
    assert_eq!(done.json, json!({ "revoked": true }));
    let directory = world.emulator.directory().to_json();
    let alice = &directory["tenants"][0]["users"][0];
    assert!(alice["password_changed_at"].is_i64(), "{alice}");
    assert!(alice["sessions_valid_from"].is_null(), "{alice}");
    let who = json!({
        "tenant": entra_emulator::demo::TENANT,
        "user": entra_emulator::demo::BOB,
    });
    let done = send(&world, "delete", "/__emulator/users", &who).await;
    assert_eq!(done.json, json!({ "deleted": true }));
    let again = send(&world, "delete", "/__emulator/users", &who).await;
    assert_eq!(again.status, 400);
}
