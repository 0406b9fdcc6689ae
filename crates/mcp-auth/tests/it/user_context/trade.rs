//! The issuer's routes.

use super::*;

/// The gateway's application: any user starts turns, agents trade them, everybody reads the keys.
#[tokio::test]
async fn an_agent_trades_its_turn_over_http() {
    let world = World::start().await;
    let entra = app(&world.emulator, demo::MCP_SERVER);
    let gateway = entra
        .guard(agents_of(&world.issuer))
        .unwrap()
        .protect(trade_routes(&world.issuer))
        .public(key_routes(&world.issuer));

    let keys = Request::get("/.well-known/user-context-keys")
        .body(Body::empty())
        .unwrap();
    let keys = gateway.clone().oneshot(keys).await.unwrap();
    assert_eq!(keys.headers()["cache-control"], "public, max-age=600");
    let keys = keys.into_body().collect().await.unwrap().to_bytes();
    assert!(ContextKeys::from_json(&keys).is_ok());

    let user = world.users_token(demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER);
    let user = entra.authenticator().authenticate(&user).await.unwrap();
    let session = world
        .sessions
        .open(&user, Duration::from_secs(600))
        .await
        .unwrap();
    let scopes = [Scope::parse(demo::ORDERS_READ_SCOPE).unwrap()];
    let turn = world
        .issuer
        .start_turn(&user, &session, agent(), &scopes)
        .await
        .unwrap();
    let turn = turn.expose().to_owned();
    let own = world.agents_token(demo::MCP_SERVER, &[]);

    let wanted =
        json!({ "audience": demo::ORDERS_API_URI, "scope": demo::ORDERS_READ }).to_string();
    let given = ask(&gateway, "POST", "/user-context", &own, &[&turn], &wanted).await;
    assert_eq!(
        (given.status, &given.headers["cache-control"]),
        (StatusCode::OK, &http::HeaderValue::from_static("no-store"))
    );
    let given: Value = serde_json::from_str(&given.body).unwrap();
    assert!(
        given["expires_in"]
            .as_u64()
            .is_some_and(|seconds| (55..=60).contains(&seconds))
    );
    let context = given["user_context"].as_str().unwrap();
    let seen = ask(
        &world.application(),
        "GET",
        "/orders",
        &world.own(),
        &[context],
        "",
    )
    .await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);

    let renewed = ask(
        &gateway,
        "POST",
        "/user-context",
        &own,
        &[&turn],
        r#"{"renew": true}"#,
    )
    .await;
    assert_eq!(renewed.status, StatusCode::OK);
    assert!(renewed.body.contains("turn_context"));

    for (contexts, body, status, code) in [
        (vec![], wanted.as_str(), 403, "context_missing"),
        (vec![context], &wanted, 403, "wrong_type"),
        (vec![&turn], "{}", 400, "invalid_request"),
        (
            vec![&turn],
            r#"{"renew": true, "scope": "orders.read"}"#,
            400,
            "invalid_request",
        ),
        (
            vec![&turn],
            r#"{"renew": true, "more": 1}"#,
            400,
            "invalid_request",
        ),
        (
            vec![&turn],
            r#"{"audience": "api://x", "scope": ""}"#,
            400,
            "invalid_request",
        ),
        (
            vec![&turn],
            r#"{"audience": "api://x", "scope": "orders.read", "ath": "x"}"#,
            400,
            "invalid_request",
        ),
        (
            vec![&turn],
            r#"{"audience": "api://x", "scope": "orders.read"}"#,
            403,
            "scope_not_in_turn",
        ),
    ] {
        let seen = ask(&gateway, "POST", "/user-context", &own, &contexts, body).await;
        assert_eq!(
            (seen.status.as_u16(), seen.error().as_str()),
            (status, code),
            "{body}"
        );
        assert!(!seen.body.contains(turn.split('.').next_back().unwrap()));
    }
    // Not one of the issuer's agents: the guard's matter.
    let forge = world.emulator.forge();
    let other = forge.app_token(
        demo::TENANT,
        demo::DAEMON,
        demo::MCP_SERVER,
        &[demo::MCP_RUN_ROLE],
    );
    let other = other.unwrap().sign().unwrap();
    let seen = ask(&gateway, "POST", "/user-context", &other, &[&turn], &wanted).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);

    world.sessions.end(&session).await.unwrap();
    for body in [wanted.as_str(), r#"{"renew": true}"#] {
        let seen = ask(&gateway, "POST", "/user-context", &own, &[&turn], body).await;
        assert_eq!(
            (seen.status, seen.error().as_str()),
            (StatusCode::FORBIDDEN, "session_ended")
        );
    }
}
