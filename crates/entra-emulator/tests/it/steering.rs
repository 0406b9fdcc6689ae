//! Steering over HTTP.

use entra_emulator::demo;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Token, World, answer};

impl World {
    async fn steer(&self, method: Method, operation: &str, body: Value) -> Answer {
        let url = format!("{}/__emulator{operation}", self.emulator.base_url());
        let request = self.http.request(method, url).json(&body);
        answer(request.send().await.unwrap()).await
    }

    async fn post(&self, operation: &str, body: Value) -> Value {
        let answer = self.steer(Method::POST, operation, body).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json
    }
}

#[tokio::test]
async fn the_clock() {
    let world = World::new().await;
    let frozen = world
        .post("/clock", json!({ "freeze_at": 2_000_000_000 }))
        .await;
    assert_eq!(frozen, json!({ "now": 2_000_000_000, "frozen": true }));
    world.post("/clock", json!({ "advance": 100 })).await;
    world.post("/clock", json!({ "rewind": 40 })).await;
    assert_eq!(
        world.daemon(&[]).await.token().claims["iat"],
        1_999_999_760_i64
    );
    assert_eq!(world.post("/clock", json!({ "set": 5 })).await["now"], 5);
    assert_eq!(
        world.post("/clock", json!({ "resume": true })).await["frozen"],
        false
    );
    assert_eq!(
        world.post("/clock", json!({ "freeze": true })).await["frozen"],
        true
    );
    let now = world.post("/clock", json!({ "reset": true })).await;
    assert!(now["now"].as_i64().unwrap() > 1_700_000_000);
    for wrong in [
        json!({}),
        json!({ "advance": -1 }),
        json!({ "advance": 1, "set": 2 }),
        json!({ "freeze": false }),
        json!({ "jump": 1 }),
    ] {
        let answer = world.steer(Method::POST, "/clock", wrong).await;
        assert_eq!(answer.status, 400, "{}", answer.json);
    }
}

#[tokio::test]
async fn the_journal_and_waiting() {
    let world = World::new().await;
    world.daemon(&[]).await.token();
    world.daemon(&[("client_secret", "wrong")]).await;
    let query = format!(
        "/__emulator/journal?grant_type=client_credentials&client_id={}",
        demo::DAEMON
    );
    let found = world.get(&query).await.json;
    assert_eq!(found["count"], 2);
    assert!(!found.to_string().contains(demo::DAEMON_SECRET));
    let refused = world
        .get("/__emulator/journal?status=401&error_code=7000215")
        .await
        .json;
    assert_eq!(refused["count"], 1);
    let counters = world.get("/__emulator/journal/counters").await.json;
    assert_eq!(
        counters["requests"], 2,
        "steering is not counted: {counters}"
    );
    assert_eq!(counters["client_id"][demo::DAEMON], 2);
    assert_eq!(counters["error_code"]["7000215"], 1);

    let late = world.get("/__emulator/journal?wait=3&timeout_ms=1").await;
    assert_eq!(late.status, 408);
    assert!(late.text("error").contains("2 of 3"));
    let (waited, _) = tokio::join!(world.get("/__emulator/journal?wait=3"), world.daemon(&[]));
    assert_eq!(waited.json["count"], 3);
    assert_eq!(
        world.get("/__emulator/journal?gant_type=x").await.status,
        400
    );
    world.steer(Method::DELETE, "/journal", json!({})).await;
    assert_eq!(world.get("/__emulator/journal").await.json["count"], 0);
}

#[tokio::test]
async fn faults() {
    let world = World::new().await;
    let order =
        json!({ "path": "/token", "aadsts": 90055, "headers": { "retry-after": "7" }, "times": 2 });
    let id = world.post("/faults", order.clone()).await["id"].clone();
    let refused = world.daemon(&[]).await;
    refused.refused(429, "temporarily_unavailable", 90055);
    assert_eq!(refused.headers["retry-after"], "7");
    let listed = world.get("/__emulator/faults").await.json;
    assert_eq!(
        listed["faults"][0],
        json!({ "id": id, "hits": 1, "fault": order })
    );
    let path = format!("/faults/{id}");
    assert_eq!(
        world.steer(Method::DELETE, &path, json!({})).await.status,
        200
    );
    assert_eq!(
        world.steer(Method::DELETE, &path, json!({})).await.status,
        404
    );
    world.daemon(&[]).await.token();
    world
        .post(
            "/faults",
            json!({ "path": "/", "close": true, "always": true }),
        )
        .await;
    world.steer(Method::DELETE, "/faults", json!({})).await;
    world.daemon(&[]).await.token();
    let wrong = world
        .steer(
            Method::POST,
            "/faults",
            json!({ "path": "/", "headers": { "a": 1 } }),
        )
        .await;
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.text("error").starts_with("headers.a: "),
        "{}",
        wrong.json
    );
}

#[tokio::test]
async fn keys() {
    let world = World::new().await;
    let path = "/common/discovery/v2.0/keys";
    let old = world.daemon(&[]).await.token();
    let ahead = world
        .post("/keys", json!({ "action": "publish-next" }))
        .await;
    assert_eq!(ahead["signing"], old.header["kid"]);
    let rotated = world.post("/keys", json!({ "action": "rotate" })).await;
    assert_eq!(rotated["published"], ahead["published"]);
    assert_eq!(rotated["signing"], ahead["published"][1]);
    assert!(old.verifies(&world.get(path).await.json));
    world.post("/keys", json!({ "action": "drop-old" })).await;
    assert!(!old.verifies(&world.get(path).await.json));

    let before = world.daemon(&[]).await.token();
    let swapped = world
        .post("/keys", json!({ "action": "swap-under-same-kid" }))
        .await;
    assert_eq!(swapped["signing"], before.header["kid"]);
    let after = world.daemon(&[]).await.token();
    let keys = world.get(path).await.json;
    assert_eq!(before.header["kid"], after.header["kid"]);
    assert!(!before.verifies(&keys) && after.verifies(&keys));
    assert_eq!(
        world
            .steer(Method::POST, "/keys", json!({ "action": "burn" }))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn forged_tokens() {
    let world = World::new().await;
    let keys = world.get("/common/discovery/v2.0/keys").await.json;
    let order = |more: Value| {
        let mut order = json!({
            "kind": "user", "tenant": demo::TENANT, "user": demo::ALICE,
            "client": demo::MCP_CLIENT, "resource": demo::MCP_SERVER, "scopes": [demo::MCP_READ],
        });
        order
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        order
    };
    let forge = async |more| {
        let token = world.post("/forge", order(more)).await;
        token["token"].as_str().unwrap().to_owned()
    };
    let good = Token::read(&forge(json!({})).await);
    assert!(good.verifies(&keys));
    assert_eq!(good.claims["scp"], demo::MCP_READ);
    let odd = json!({ "version": 1, "claims": { "exp": 0, "nbf": null, "groups": ["g"] }, "header": { "kid": "x" } });
    let odd = Token::read(&forge(odd).await);
    assert_eq!(
        (&odd.claims["exp"], &odd.claims["ver"]),
        (&json!(0), &json!("1.0"))
    );
    assert_eq!(
        (odd.claims.get("nbf"), &odd.header["kid"]),
        (None, &json!("x"))
    );
    let foreign = forge(json!({ "key": "unpublished-under-live-kid" })).await;
    assert!(!Token::read(&foreign).verifies(&keys));
    let unsigned = forge(json!({ "signature": "none" })).await;
    assert!(unsigned.ends_with('.'));
    let confused = Token::read(&forge(json!({ "signature": "hs256-with-public-key" })).await);
    assert_eq!(confused.header["alg"], "HS256");
    let app = json!({ "kind": "app", "user": null, "scopes": [], "roles": [demo::MCP_RUN_ROLE] });
    assert_eq!(
        Token::read(&forge(app).await).claims["roles"],
        json!([demo::MCP_RUN_ROLE])
    );
    let id = json!({ "kind": "id", "resource": null, "scopes": [] });
    let id = Token::read(&forge(id).await);
    assert_eq!(id.claims["aud"], demo::MCP_CLIENT);
    let raw = json!({ "kind": "raw", "tenant": null, "user": null, "client": null, "resource": null, "scopes": [], "claims": { "a": 1 } });
    let raw = Token::read(&forge(raw).await);
    assert_eq!(raw.claims, json!({ "a": 1 }));

    for wrong in [
        json!({ "user": "nobody" }),
        json!({ "resource": null }),
        json!({ "version": 3 }),
        json!({ "color": "red" }),
        json!({ "claims": { "iss": "https://sts.windows.net/x/" } }),
        json!({ "claims": { "iss": "https://sts.windows.net/x/" }, "signature": "none" }),
        json!({ "claims": { "iss": "https://sts.windows.net/x/" }, "signature": "hs256-with-public-key" }),
    ] {
        let refused = world
            .steer(Method::POST, "/forge", order(wrong.clone()))
            .await;
        assert_eq!(refused.status, 400, "{wrong} {}", refused.json);
        assert!(refused.json["error"].is_string());
    }
}

#[tokio::test]
async fn consent_and_accounts() {
    let world = World::new().await;
    let pair =
        json!({ "tenant": demo::TENANT, "client": demo::MCP_SERVER, "resource": demo::ORDERS_API });
    let assertion = world.forged().sign().unwrap();
    world.obo(&assertion, &[]).await.token();
    assert_eq!(
        world
            .steer(Method::DELETE, "/consent", pair.clone())
            .await
            .status,
        200
    );
    world
        .obo(&assertion, &[])
        .await
        .refused(400, "invalid_grant", 65001);
    let mut again = pair.clone();
    again["scopes"] = json!([demo::ORDERS_READ]);
    again["user"] = json!(demo::ALICE);
    world.post("/consent", again.clone()).await;
    world.obo(&assertion, &[]).await.token();
    again["scopes"] = json!(["no such scope"]);
    assert_eq!(
        world.steer(Method::POST, "/consent", again).await.status,
        400
    );
    assert_eq!(
        world.steer(Method::POST, "/consent", pair).await.status,
        400
    );

    let account =
        |disabled| json!({ "tenant": demo::TENANT, "user": demo::ALICE, "disabled": disabled });
    world.post("/users", account(true)).await;
    world
        .obo(&assertion, &[])
        .await
        .refused(400, "invalid_grant", 50057);
    world.post("/users", account(false)).await;
    world.obo(&assertion, &[]).await.token();
}

#[tokio::test]
async fn the_index_lists_operations_that_exist() {
    let world = World::new().await;
    let index = world.get("/__emulator").await.json;
    assert_eq!(index["base_url"], world.emulator.base_url());
    for operation in index["operations"].as_array().unwrap() {
        let (method, path) = operation["operation"]
            .as_str()
            .unwrap()
            .split_once(' ')
            .unwrap();
        let path = path.trim_start_matches("/__emulator").replace("{id}", "0");
        let answer = world.steer(method.parse().unwrap(), &path, json!({})).await;
        assert!(
            ![404, 405].contains(&answer.status) || path.ends_with("/0"),
            "{operation}"
        );
    }
    let unknown = world.steer(Method::POST, "/nothing", json!({})).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text("error").contains("/__emulator"));
}

#[tokio::test]
async fn device_codes_and_sessions() {
    let world = World::new().await;
    let (device, user_code) = crate::device::start(&world).await;
    let half = json!({ "user_code": user_code, "user": demo::ALICE });
    let refused = world.steer(Method::POST, "/device-codes", half).await;
    assert_eq!(refused.status, 400);
    let approve = json!({ "user_code": user_code, "tenant": demo::TENANT, "user": demo::ALICE });
    let done = world.post("/device-codes", approve.clone()).await;
    assert_eq!(done["approved"], true);
    let poll = crate::device::poll(&world, crate::device::URN, &device).await;
    assert_eq!(poll.token().claims["oid"], demo::ALICE);
    let again = world.steer(Method::POST, "/device-codes", approve).await;
    assert!(
        again.text("error").contains("no sign-in waits"),
        "{}",
        again.json
    );

    let (device, user_code) = crate::device::start(&world).await;
    world
        .post("/device-codes", json!({ "user_code": user_code }))
        .await;
    let poll = crate::device::poll(&world, crate::device::URN, &device).await;
    poll.refused(400, "authorization_declined", 70018);

    let scope = format!("{} offline_access", demo::MCP_READ_SCOPE);
    let signed_in = world.sign_in(&scope).await;
    let sessions = json!({ "tenant": demo::TENANT, "user": demo::ALICE });
    let revoked = world.steer(Method::DELETE, "/sessions", sessions).await;
    assert_eq!(revoked.json["revoked"], true);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", signed_in.text("refresh_token")),
    ];
    world
        .token(&form)
        .await
        .refused(400, "invalid_grant", 50173);
}

#[tokio::test]
async fn what_deletes_needs_no_content_type() {
    let world = World::new().await;
    let url = format!("{}/__emulator/journal", world.emulator.base_url());
    let bare = world.http.delete(&url).send().await.unwrap();
    assert_eq!(bare.status(), 200);
    let foreign = world
        .http
        .delete(&url)
        .header("origin", "https://evil.example");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
}
