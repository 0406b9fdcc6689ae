//! On-behalf-of: the request, the consent, the answer.

use entra_emulator::{ConsentGrant, Directory, RequestedTokenVersion, demo};

use crate::support::World;

#[tokio::test]
async fn the_answer_holds_what_was_asked_for_and_nothing_else() {
    let world = World::new().await;
    let assertion = world.forged().sign().unwrap();
    let answer = world.obo(&assertion, &[]).await;
    let members: Vec<_> = answer.json.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "access_token",
            "expires_in",
            "ext_expires_in",
            "scope",
            "token_type"
        ]
    );
    assert_eq!(answer.text("scope"), demo::ORDERS_READ_SCOPE);
    assert!(answer.json["expires_in"].is_i64());

    // As the MSALs ask.
    let scope = format!("{} openid profile offline_access", demo::ORDERS_READ_SCOPE);
    let answer = world
        .obo(&assertion, &[("scope", &scope), ("client_info", "1")])
        .await;
    assert_eq!(answer.text("scope"), demo::ORDERS_READ_SCOPE);
    for member in ["refresh_token", "id_token", "client_info"] {
        assert_ne!(answer.text(member), "", "{member}");
    }
}

#[tokio::test]
async fn parameters_are_checked() {
    let world = World::new().await;
    let assertion = world.forged().sign().unwrap();
    let two = format!("{} {}", demo::ORDERS_READ_SCOPE, demo::PAYROLL_READ_SCOPE);
    let unknown = format!("{}/other", demo::ORDERS_API_URI);
    let cases: [(&str, &str, &str, u64); 8] = [
        (
            "requested_token_use",
            "delegation",
            "invalid_request",
            90100,
        ),
        (
            "requested_token_type",
            "urn:ietf:params:oauth:token-type:saml2",
            "invalid_request",
            90100,
        ),
        ("scope", &two, "invalid_request", 28000),
        ("scope", "api://nobody/read", "invalid_resource", 500011),
        ("scope", &unknown, "invalid_scope", 70011),
        ("scope", "orders.read", "invalid_client", 650053),
        ("scope", "a\"b", "invalid_scope", 70011),
        (
            "resource",
            "http://localhost:1/orders",
            "invalid_target",
            9010010,
        ),
    ];
    for (name, value, error, code) in cases {
        world
            .obo(&assertion, &[(name, value)])
            .await
            .refused(400, error, code);
    }
    let equal = [("resource", demo::ORDERS_API_URI)];
    world.obo(&assertion, &equal).await.token();
}

#[tokio::test]
async fn without_consent_for_the_middle_tier_nothing_is_issued() {
    let world = World::new().await;
    let assertion = world.forged().sign().unwrap();
    let payroll = [("scope", demo::PAYROLL_READ_SCOPE)];
    let answer = world.obo(&assertion, &payroll).await;
    answer.refused(400, "invalid_grant", 65001);
    assert_eq!(answer.text("suberror"), "consent_required");
    let text = answer.text("error_description");
    assert!(
        text.contains(&format!("'{}' named 'MCP server'", demo::MCP_SERVER)),
        "{text}"
    );
    let default = format!("{}/.default", demo::PAYROLL_API_URI);
    world
        .obo(&assertion, &[("scope", &default)])
        .await
        .refused(400, "invalid_grant", 65001);

    // The client's consent is not the middle tier's.
    let grant = ConsentGrant::delegated(demo::MCP_CLIENT, demo::PAYROLL_API, [demo::PAYROLL_READ]);
    world.emulator.grant_consent(demo::TENANT, grant).unwrap();
    world
        .obo(&assertion, &payroll)
        .await
        .refused(400, "invalid_grant", 65001);

    let grant = ConsentGrant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, [demo::PAYROLL_READ]);
    world
        .emulator
        .grant_consent(demo::TENANT, grant.only_for(demo::ALICE))
        .unwrap();
    assert_eq!(
        world.obo(&assertion, &payroll).await.token().claims["scp"],
        "payroll.read"
    );
    let bob = world.forged().claim("oid", demo::BOB).sign().unwrap();
    world
        .obo(&bob, &payroll)
        .await
        .refused(400, "invalid_grant", 65001);

    world
        .emulator
        .revoke_consent(demo::TENANT, demo::MCP_SERVER, demo::PAYROLL_API)
        .unwrap();
    world
        .obo(&assertion, &payroll)
        .await
        .refused(400, "invalid_grant", 65001);
    world.obo(&assertion, &[]).await.token();
}

#[tokio::test]
async fn a_part_of_the_consent_is_not_enough() {
    let directory = Directory::demo().map_app(demo::ORDERS_API, |app| app.scope("orders.write"));
    let world = World::with(directory).await;
    let assertion = world.forged().sign().unwrap();
    let both = format!(
        "{} {}/orders.write",
        demo::ORDERS_READ_SCOPE,
        demo::ORDERS_API_URI
    );
    world
        .obo(&assertion, &[("scope", &both)])
        .await
        .refused(400, "invalid_grant", 65001);
    // `.default` gives what there is consent for.
    let answer = world
        .obo(&assertion, &[("scope", demo::ORDERS_DEFAULT_SCOPE)])
        .await;
    assert_eq!(answer.token().claims["scp"], "orders.read");
    let with_default = format!("{} {}", demo::ORDERS_READ_SCOPE, demo::ORDERS_DEFAULT_SCOPE);
    assert_eq!(answer.text("scope"), with_default);
}

#[tokio::test]
async fn roles_are_the_users_and_never_the_apps() {
    let world = World::new().await;
    let assertion = world
        .forged()
        .claim("roles", vec!["Forged.Role"])
        .sign()
        .unwrap();
    let claims = world.obo(&assertion, &[]).await.token().claims;
    assert!(claims.get("roles").is_none(), "{claims}");
    let grant = ConsentGrant::user_roles(demo::ALICE, demo::ORDERS_API, [demo::ORDERS_ROLE]);
    world.emulator.grant_consent(demo::TENANT, grant).unwrap();
    let claims = world.obo(&assertion, &[]).await.token().claims;
    assert_eq!(claims["roles"], serde_json::json!([demo::ORDERS_ROLE]));
}

#[tokio::test]
async fn a_second_hop_uses_the_first_hops_token() {
    let orders_secret = "orders";
    let directory = Directory::demo().map_app(demo::ORDERS_API, |app| app.secret(orders_secret));
    let world = World::with(directory).await;
    let grant = ConsentGrant::delegated(demo::ORDERS_API, demo::REPORTS_API, [demo::REPORTS_READ]);
    world.emulator.grant_consent(demo::TENANT, grant).unwrap();
    let first = world
        .obo(&world.forged().sign().unwrap(), &[])
        .await
        .token();
    let hop = [
        ("client_id", demo::ORDERS_API),
        ("client_secret", orders_secret),
        ("scope", demo::REPORTS_READ_SCOPE),
    ];
    let claims = world.obo(&first.text, &hop).await.token().claims;
    assert_eq!(claims["oid"], demo::ALICE);
    assert_eq!(claims["appid"], demo::ORDERS_API);
    assert_eq!(claims["aud"], demo::REPORTS_API_URI);
}

#[tokio::test]
async fn the_version_of_the_assertion_does_not_matter() {
    for version in [RequestedTokenVersion::V1, RequestedTokenVersion::V2] {
        let directory =
            Directory::demo().map_app(demo::MCP_SERVER, |app| app.token_version(version));
        let world = World::with(directory).await;
        let first = world.sign_in(demo::MCP_READ_SCOPE).await.token();
        let second = world.obo(&first.text, &[]).await.token();
        assert_eq!(second.claims["ver"], "2.0");
        assert_eq!(second.claims["oid"], demo::ALICE);
    }
}

#[tokio::test]
async fn consent_and_roles_are_for_one_api_even_if_names_are_shared() {
    let directory = Directory::demo().map_app(demo::PAYROLL_API, |app| {
        app.scope(demo::ORDERS_READ).role(demo::MCP_RUN_ROLE)
    });
    let world = World::with(directory).await;
    let assertion = world.forged().sign().unwrap();
    let scope = format!("{}/{}", demo::PAYROLL_API_URI, demo::ORDERS_READ);
    let answer = world.obo(&assertion, &[("scope", &scope)]).await;
    answer.refused(400, "invalid_grant", 65001);
    let scope = format!("{}/.default", demo::PAYROLL_API_URI);
    let claims = world.daemon(&[("scope", &scope)]).await.token().claims;
    assert!(claims.get("roles").is_none(), "{claims}");
}
