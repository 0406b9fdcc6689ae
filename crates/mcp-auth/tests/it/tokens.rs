//! Tokens and permissions: what passes, and what each refusal says.

use crate::common::world::{URL, World, bearer, read, scope};
use crate::common::{challenge, json};
use entra_claims::{
    AcceptedAudiences, Authenticator, Reason, Requirement, TenantPolicy, Validator,
};
use entra_emulator::{Fault, ForgeKey, demo};
use foundry_scopes::{AppIdUri, ClientId, TenantId};
use http::StatusCode;
use mcp_auth::{AuthLayer, Authorized, McpLayer, McpPolicy, Refusal, Require};
use tower::ServiceExt as _;

#[tokio::test]
async fn a_good_token_passes_and_stays_at_the_guard() {
    let world = World::start().await;
    let token = world.token(&[demo::MCP_READ, "openid"]);
    let guard = world.guard();
    // The first time over the network, the second from the cache.
    for _ in 0..2 {
        let answer = world.ask(&guard, bearer(&token)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let seen = json(answer).await;
        assert_eq!(seen["object"], demo::ALICE);
        assert_eq!(seen["kind"], "user");
        // Authorization never reaches the service (MCP: no token passthrough).
        assert_eq!(seen["authorization"], false);
    }
    assert_eq!(
        world
            .emulator
            .journal()
            .count(|entry| entry.path().contains("/keys")),
        1
    );
}

#[tokio::test]
async fn what_is_not_accepted() {
    let world = World::start().await;
    let good = || world.forged(&[demo::MCP_READ]);
    let forge = world.emulator.forge();
    let other_api = forge
        .user_token(
            demo::TENANT,
            demo::ALICE,
            demo::MCP_CLIENT,
            demo::REPORTS_API,
            &[demo::REPORTS_READ],
        )
        .unwrap();
    let other_tenant = forge
        .user_token(
            demo::OTHER_TENANT,
            demo::CAROL,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &[demo::MCP_READ],
        )
        .unwrap();
    let id_token = forge
        .id_token(demo::TENANT, demo::ALICE, demo::MCP_SERVER)
        .unwrap();
    for (token, reason) in [
        (other_api.sign(), Reason::WrongAudience),
        (good().without_claim("aud").sign(), Reason::MissingClaim),
        (other_tenant.sign(), Reason::TenantNotAllowed),
        (
            good().claim("tid", demo::OTHER_TENANT).sign(),
            Reason::TenantMismatch,
        ),
        (id_token.claim("c_hash", "x").sign(), Reason::IdToken),
        (good().key(ForgeKey::Unpublished).sign(), Reason::UnknownKey),
        (
            good().key(ForgeKey::UnpublishedUnderLiveKid).sign(),
            Reason::BadSignature,
        ),
        (good().claim("cnf", "x").sign(), Reason::SenderConstrained),
        (good().claim("exp", 1).sign(), Reason::BadLifetime),
        (
            Ok(good().header("alg", "none").unsigned().unwrap()),
            Reason::UnsupportedAlgorithm,
        ),
    ] {
        let answer = world.call(&token.unwrap()).await;
        let refusal = answer.extensions().get::<Refusal>().unwrap().clone();
        assert_eq!(refusal.reason(), Some(reason), "{}", refusal.explain());
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{reason:?}");
        assert!(challenge(&answer).starts_with("Bearer error=\"invalid_token\", scope=\""));
        // The client is told the same for all of them.
        assert!(
            challenge(&answer)
                .ends_with("error_description=\"the access token is not accepted here\"")
        );
    }
    assert_eq!(world.handled(), 0);
}

#[tokio::test]
async fn only_expiry_is_told_apart() {
    let world = World::start().await;
    let token = world.forged(&[demo::MCP_READ]);
    let iat = token.claims()["iat"].as_i64().unwrap();
    let old = token
        .claim("iat", iat - 9000)
        .claim("nbf", iat - 9000)
        .claim("exp", iat - 3600);
    let answer = world.call(&old.sign().unwrap()).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(challenge(&answer).ends_with("error_description=\"the access token has expired\""));
}

#[tokio::test]
async fn without_keys_it_is_503_and_no_challenge() {
    let world = World::start().await;
    world
        .emulator
        .fail_next(Fault::status("/discovery/", 500).times(9));
    world
        .emulator
        .fail_next(Fault::status("openid-configuration", 500).times(9));
    let answer = world.call(&world.token(&[demo::MCP_READ])).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.headers().contains_key("www-authenticate"));
    let after: u64 = answer.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(after >= 1);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(json(answer).await["error"], "temporarily_unavailable");
    assert_eq!(world.handled(), 0);
}

#[tokio::test]
async fn a_wrongly_configured_authority_is_500() {
    let world = World::start().await;
    let other = r#"{"issuer":"http://localhost:1/x/v2.0","jwks_uri":"http://localhost:1/keys"}"#;
    world.emulator.fail_next(
        Fault::status("openid-configuration", 200)
            .body("application/json", other)
            .times(9),
    );
    let answer = world.call(&world.token(&[demo::MCP_READ])).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.headers().contains_key("www-authenticate"));
    assert_eq!(json(answer).await["error"], "server_error");
}

#[tokio::test]
async fn a_missing_scope_is_403_with_the_qualified_scopes() {
    let world = World::start().await;
    for held in [&["mcp.readwrite"][..], &["Mcp.Read"], &["mcp.write"]] {
        let answer = world.call(&world.token(held)).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{held:?}");
        assert_eq!(
            challenge(&answer),
            format!(
                "Bearer error=\"insufficient_scope\", scope=\"{}\", \
                 resource_metadata=\"https://mcp.test/.well-known/oauth-protected-resource/mcp\", \
                 error_description=\"the access token lacks a scope\"",
                demo::MCP_READ_SCOPE
            )
        );
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(json(answer).await["error"], "insufficient_scope");
    }
    assert_eq!(world.handled(), 0);
}

#[tokio::test]
async fn a_step_up_names_all_missing_scopes_and_the_base() {
    let world = World::start().await;
    let both = Requirement::all_of([
        scope("mcp.write"),
        scope("mcp.admin"),
        scope(demo::MCP_READ),
    ]);
    let answer = world
        .ask(
            &world.guard_for(both),
            bearer(&world.token(&[demo::MCP_READ])),
        )
        .await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let uri = demo::MCP_SERVER_URI;
    let scopes = format!("scope=\"{uri}/mcp.read {uri}/mcp.write {uri}/mcp.admin\"");
    assert!(
        challenge(&answer).contains(&scopes),
        "{}",
        challenge(&answer)
    );
}

#[tokio::test]
async fn roles_for_applications() {
    let world = World::start().await;
    let either =
        || Requirement::any_of([scope(demo::MCP_READ), Requirement::role(demo::MCP_RUN_ROLE)]);
    let guard = world.guard_for(either());
    let user = world
        .ask(&guard, bearer(&world.token(&[demo::MCP_READ])))
        .await;
    assert_eq!(user.status(), StatusCode::OK);
    let app = world
        .ask(&guard, bearer(&world.app_token(&[demo::MCP_RUN_ROLE])))
        .await;
    assert_eq!(app.status(), StatusCode::OK);
    assert_eq!(json(app).await["kind"], "app");
    // More scopes would not help an application: none are named.
    let without = world.ask(&guard, bearer(&world.app_token(&[]))).await;
    assert_eq!(without.status(), StatusCode::FORBIDDEN);
    assert!(
        !challenge(&without).contains("scope=\""),
        "{}",
        challenge(&without)
    );
    assert!(
        challenge(&without).starts_with("Bearer error=\"insufficient_scope\", resource_metadata=")
    );
    // And where only users may call, an application is told so.
    let users_only = world.call(&world.app_token(&[demo::MCP_RUN_ROLE])).await;
    assert_eq!(users_only.status(), StatusCode::FORBIDDEN);
    assert!(!challenge(&users_only).contains("scope=\""));
    assert!(challenge(&users_only).contains("a user has to call this"));
}

#[tokio::test]
async fn an_ordinary_api_has_challenges_without_metadata() {
    let world = World::start().await;
    let uri = AppIdUri::parse(demo::MCP_SERVER_URI).unwrap();
    let guard =
        AuthLayer::for_api(world.authenticator(), uri.clone(), scope(demo::MCP_READ)).unwrap();
    let answer = world
        .ask(&guard, crate::common::world::with_authorization(&[]))
        .await;
    assert_eq!(
        challenge(&answer),
        format!("Bearer scope=\"{}\"", demo::MCP_READ_SCOPE)
    );
    let answer = world
        .ask(&guard, bearer(&world.token(&[demo::MCP_READ])))
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    let roles =
        AuthLayer::for_api(world.authenticator(), uri, Requirement::role("Jobs.Run")).unwrap();
    let answer = world
        .ask(&roles, crate::common::world::with_authorization(&[]))
        .await;
    assert_eq!(
        challenge(&answer),
        format!("Bearer scope=\"{}\"", demo::MCP_DEFAULT_SCOPE)
    );
}

/// A rule that would refuse everybody is found when the guard is built.
#[tokio::test]
async fn a_requirement_that_no_caller_can_meet_builds_no_guard() {
    let world = World::start().await;
    let uri = AppIdUri::parse(demo::MCP_SERVER_URI).unwrap();
    let both = || Requirement::all_of([scope(demo::MCP_READ), Requirement::role("Jobs.Run")]);
    let api = AuthLayer::for_api(world.authenticator(), uri, both());
    let mcp = AuthLayer::new(world.authenticator(), world.resource(URL), both());
    for guard in [api, mcp] {
        let error = guard.unwrap_err().to_string();
        assert!(
            error.starts_with("the guard's requirement: no caller can meet"),
            "{error}"
        );
        assert!(error.contains("application role Jobs.Run"), "{error}");
    }
    let closed = McpPolicy::new().tool("delete_all", Requirement::any_of([]));
    let error = McpLayer::new(world.guard()).policy(closed).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the rule of the tool \"delete_all\": no caller can meet"),
        "{error}"
    );
}

/// Administrators of each tenant assign the roles there: a rule says whose count, or it is no rule.
#[tokio::test]
async fn roles_of_several_tenants_say_whose_they_are_in_every_rule() {
    enum Unsaid {}
    impl Require for Unsaid {
        fn requirement() -> Result<Requirement, foundry_scopes::ParseError> {
            Ok(Requirement::role_of_user("Admin"))
        }
    }
    let world = World::start().await;
    let audiences = || AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap());
    let tenants = [demo::TENANT, demo::OTHER_TENANT].map(|id| TenantId::parse(id).unwrap());
    let guard = |tenants: &[TenantId]| {
        let policy = TenantPolicy::allow_list(tenants.iter().copied()).unwrap();
        let validator = Validator::new(world.authority.cloud().clone(), policy, audiences());
        let authenticator = Authenticator::new(validator).unwrap();
        AuthLayer::new(authenticator, world.resource(URL), read())
            .unwrap()
            .allow_any_host()
    };
    for rule in [
        Requirement::role("Admin"),
        Requirement::role_of_user("Admin"),
        Requirement::any_role(),
        Requirement::group(foundry_scopes::ObjectId::parse(demo::ALICE).unwrap()),
    ] {
        let policy = |rule: Requirement| McpPolicy::new().tool("delete_all", rule);
        let layer = |tenants: &[TenantId], rule| McpLayer::new(guard(tenants)).policy(policy(rule));
        let error = layer(&tenants, rule.clone()).unwrap_err().to_string();
        assert!(error.contains("assigned_in"), "{error}");
        assert!(layer(&tenants, rule.clone().assigned_in_any_tenant()).is_ok());
        assert!(layer(&tenants[..1], rule).is_ok());
    }

    let handler = |_: Authorized<Unsaid>| async { "let in" };
    let token = world.forged(&[demo::MCP_READ]);
    let token = token.claim("roles", vec!["Admin"]).sign().unwrap();
    for (accepted, status) in [(&tenants[..], 500), (&tenants[..1], 200)] {
        let app = axum::Router::new().route("/mcp", axum::routing::post(handler));
        let request = bearer(&token).map(|()| axum::body::Body::empty());
        let answer = app.layer(guard(accepted)).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status);
    }
}

/// Whatever a token says, nothing of it gets into the answer.
#[tokio::test]
async fn what_a_token_says_reaches_no_header() {
    let world = World::start().await;
    let evil = "\"\r\nX: y, scope=evil resource_metadata=http://evil/ \\";
    let guards = [
        world.guard(),
        world.guard_for(Requirement::role("Jobs.Run")),
    ];
    for guard in &guards {
        for token in [
            world.forged(&["x"]).claim("scp", evil).claim("name", evil),
            world.forged(&["x"]).claim("aud", evil),
            world.forged(&["x"]).claim("iss", evil),
            world.forged(&["x"]).claim("roles", vec![evil]),
            world.forged(&["x"]).header("kid", evil),
        ] {
            let answer = world.ask(guard, bearer(&token.sign().unwrap())).await;
            assert!(answer.status().is_client_error());
            let refusal = answer.extensions().get::<Refusal>().unwrap().clone();
            assert!(
                !challenge(&answer).contains("evil"),
                "{}",
                challenge(&answer)
            );
            let explain = refusal.explain();
            assert!(!explain.contains(['\r', '\n']), "{explain}");
            let body = json(answer).await.to_string();
            assert!(!body.contains("evil"), "{body}");
        }
    }
}
