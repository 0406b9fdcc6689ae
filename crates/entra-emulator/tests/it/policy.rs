//! Consent, assignment and Conditional Access, each decided by what the directory says.

use std::time::Duration;

use entra_emulator::{
    AccessPolicy, App, ConsentGrant, Directory, OptionalClaim, PolicyRequirement, Tenant, User,
    demo,
};
use serde_json::Value;

use crate::support::{Answer, VERIFIER, World, challenge, change, query, redemption, sign_in};

const POLICY: &str = "c0de0000-ca00-4000-8000-000000000001";

fn demo_with(map: impl FnOnce(Tenant) -> Tenant) -> Directory {
    let directory = Directory::demo();
    let mut tenants = directory.tenants().cloned();
    let first = map(tenants.next().unwrap());
    Directory::new()
        .tenant(first)
        .tenant(tenants.next().unwrap())
}

async fn under(requirement: PolicyRequirement) -> World {
    let policy = AccessPolicy::new(POLICY, requirement).resource(demo::ORDERS_API);
    World::with(demo_with(|t| t.policy(policy))).await
}

/// Alice's tokens, with changes to the authorization request.
async fn signed_in(world: &World, changes: &[(&str, &str)]) -> Answer {
    let challenge = challenge(VERIFIER);
    let scope = format!("{} openid offline_access", demo::MCP_READ_SCOPE);
    let mut form = sign_in(&challenge, &scope);
    change(&mut form, changes);
    let code = query(&world.authorize(&form).await, "code").expect("a code");
    world.token(&redemption(&code)).await
}

#[tokio::test]
async fn a_challenge_is_answered_by_a_new_sign_in() {
    for (requirement, error, code) in [
        (PolicyRequirement::Mfa, "interaction_required", 50076),
        (PolicyRequirement::Conditions, "interaction_required", 53003),
        (
            PolicyRequirement::CompliantDevice,
            "interaction_required",
            53000,
        ),
        (
            PolicyRequirement::ExternalChallenge,
            "interaction_required",
            50158,
        ),
    ] {
        let world = under(requirement).await;
        let plain = signed_in(&world, &[]).await.token();
        let answer = world.obo(&plain.text, &[]).await;
        answer.refused(400, error, code);
        let claims = answer.text("claims").to_owned();
        let parsed: Value = serde_json::from_str(&claims).unwrap();
        assert_eq!(parsed["access_token"]["capolids"]["values"][0], POLICY);

        // Repeating the challenge without the user does not help.
        let again = world.obo(&plain.text, &[("claims", &claims)]).await;
        again.refused(400, error, code);
        let stepped = signed_in(&world, &[("claims", &claims)]).await.token();
        world.obo(&stepped.text, &[]).await.token();
    }
}

#[tokio::test]
async fn what_no_sign_in_can_answer_has_no_claims() {
    for (requirement, code) in [
        (PolicyRequirement::Block, 53003),
        (PolicyRequirement::SecurityPolicy, 530032),
    ] {
        let world = under(requirement).await;
        let plain = signed_in(&world, &[]).await.token();
        let answer = world.obo(&plain.text, &[]).await;
        answer.refused(400, "interaction_required", code);
        assert!(answer.json.get("claims").is_none());
    }
    let world = under(PolicyRequirement::Mfa).await;
    let changed = world.emulator.directory();
    let changed = changed.map_user(demo::ALICE, User::without_second_factor);
    world.emulator.replace_directory(changed).unwrap();
    let plain = signed_in(&world, &[]).await.token();
    let answer = world.obo(&plain.text, &[]).await;
    answer.refused(400, "interaction_required", 50079);
    world.emulator.remove_policy(demo::TENANT, POLICY).unwrap();
    world.obo(&plain.text, &[]).await.token();
}

#[tokio::test]
async fn an_authentication_context_is_carried_by_the_token() {
    let world = World::new().await;
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    let plain = signed_in(&world, &[]).await.token();
    let answer = world.obo(&plain.text, &[("claims", claims)]).await;
    answer.refused(400, "interaction_required", 50076);
    assert_eq!(answer.text("claims"), claims);
    let stepped = signed_in(&world, &[("claims", claims)]).await.token();
    assert_eq!(stepped.claims["acrs"][0], "c1");
    let token = world
        .obo(&stepped.text, &[("claims", claims)])
        .await
        .token();
    assert_eq!(token.claims["acrs"][0], "c1");
    let answer = world.obo(&stepped.text, &[("claims", "no JSON")]).await;
    answer.refused(400, "invalid_request", 90100);
}

#[tokio::test]
async fn a_sign_in_grows_old_and_sessions_are_revoked() {
    let world = under(PolicyRequirement::SignInFrequency { seconds: 100 }).await;
    world.emulator.clock().freeze_at(1_800_000_000);
    let first = signed_in(&world, &[]).await;
    let refresh = first.text("refresh_token").to_owned();
    let form = |scope| {
        vec![
            ("grant_type", "refresh_token"),
            ("client_id", demo::MCP_CLIENT),
            ("refresh_token", refresh.as_str()),
            ("scope", scope),
        ]
    };
    world.token(&form(demo::MCP_READ_SCOPE)).await.token();
    world.emulator.clock().advance(Duration::from_secs(101));
    let old = world.obo(&first.token().text, &[]).await;
    old.refused(400, "invalid_grant", 70043);

    world
        .emulator
        .revoke_sessions(demo::TENANT, demo::ALICE)
        .unwrap();
    let answer = world.token(&form(demo::MCP_READ_SCOPE)).await;
    answer.refused(400, "invalid_grant", 50173);
    world.emulator.clock().advance(Duration::from_secs(1));
    signed_in(&world, &[]).await.token();
}

#[tokio::test]
async fn assignment_can_be_required() {
    let directory = Directory::demo().map_app(demo::ORDERS_API, App::assignment_required);
    let world = World::with(directory).await;
    let token = signed_in(&world, &[]).await.token();
    let answer = world.obo(&token.text, &[]).await;
    answer.refused(400, "invalid_grant", 50105);
    let none: [&str; 0] = [];
    let grant = ConsentGrant::user_roles(demo::ALICE, demo::ORDERS_API, none);
    world.emulator.grant_consent(demo::TENANT, grant).unwrap();
    world.obo(&token.text, &[]).await.token();
    let scope = [("scope", demo::ORDERS_DEFAULT_SCOPE)];
    let answer = world.daemon(&scope).await;
    answer.refused(400, "invalid_grant", 501051);
}

#[tokio::test]
async fn a_pre_authorized_client_needs_no_consent() {
    let world = World::new().await;
    let token = signed_in(&world, &[]).await.token();
    let payroll = [("scope", demo::PAYROLL_READ_SCOPE)];
    let answer = world.obo(&token.text, &payroll).await;
    answer.refused(400, "invalid_grant", 65001);
    assert_eq!(answer.text("suberror"), "consent_required");
    let changed = world
        .emulator
        .directory()
        .map_app(demo::PAYROLL_API, |app| {
            app.pre_authorize(demo::MCP_SERVER, [demo::PAYROLL_READ])
        });
    world.emulator.replace_directory(changed).unwrap();
    world.obo(&token.text, &payroll).await.token();
}

#[tokio::test]
async fn a_declaration_limits_default() {
    let declare = |resource: &'static str, scopes: &'static [&'static str]| {
        Directory::demo().map_app(demo::MCP_SERVER, move |app| {
            app.requires(resource, scopes.iter().copied())
        })
    };
    let default = [("scope", demo::ORDERS_DEFAULT_SCOPE)];
    for (directory, error, code) in [
        (declare(demo::PAYROLL_API, &[]), "invalid_resource", 650057),
        (
            declare(demo::ORDERS_API, &["gone"]),
            "invalid_resource",
            65005,
        ),
    ] {
        let world = World::with(directory).await;
        let token = signed_in(&world, &[]).await.token();
        let answer = world.obo(&token.text, &default).await;
        answer.refused(400, error, code);
        world.obo(&token.text, &[]).await.token();
    }
}

#[tokio::test]
async fn a_guest_is_nobody_at_an_alias_and_at_home_on_behalf_of() {
    let guest = "c0de0000-0b1e-4000-8000-0000000000ee";
    let directory = demo_with(|t| {
        let upn = "carol_fabrikam#EXT#@contoso.onmicrosoft.com";
        t.user(User::new(guest, upn, "Carol").guest_from(demo::OTHER_TENANT, demo::CAROL))
    })
    .map_app(demo::MCP_SERVER, |app| {
        app.optional_claim(OptionalClaim::Acct)
    });
    let world = World::with(directory).await;
    let hint = [("login_hint", demo::CAROL_UPN)];
    let here = signed_in(&world, &hint).await.token();
    assert_eq!(here.claims["oid"], guest);
    assert_eq!(here.claims["acct"], 1);
    assert!(
        here.claims["idp"]
            .as_str()
            .unwrap()
            .contains(demo::OTHER_TENANT)
    );

    let challenge = challenge(VERIFIER);
    let mut form = sign_in(&challenge, demo::MCP_READ_SCOPE);
    change(&mut form, &hint);
    let response = world.authorize_at("common", &form).await;
    let code = query(&response, "code").unwrap();
    let home = world.token_at("common", &redemption(&code)).await.token();
    assert_eq!(home.claims["tid"], demo::OTHER_TENANT);
    assert_eq!(home.claims["oid"], demo::CAROL);

    // The trap: the same assertion, sent to an alias, is answered by the home tenant.
    let obo = [
        ("grant_type", crate::support::OBO),
        ("client_id", demo::MCP_SERVER),
        ("client_secret", demo::MCP_SERVER_SECRET),
        ("assertion", here.text.as_str()),
        ("requested_token_use", "on_behalf_of"),
        ("scope", "openid"),
    ];
    let answer = world.token_at("common", &obo).await;
    assert_eq!(answer.token().claims["tid"], demo::OTHER_TENANT);
    assert_eq!(answer.token().claims["oid"], demo::CAROL);
    world.token(&obo).await.token();
    // Named, the home tenant does not take an assertion of another.
    let answer = world.token_at(demo::OTHER_TENANT, &obo).await;
    answer.refused(400, "invalid_grant", 50013);
}

#[tokio::test]
async fn many_groups_become_a_pointer() {
    let groups = |count: u32| {
        Directory::demo()
            .map_app(demo::MCP_SERVER, App::group_claims)
            .map_user(demo::ALICE, move |user| {
                (0..count).fold(user, |user, i| {
                    user.group(format!("c0de0000-0000-4000-8000-{i:012}"))
                })
            })
    };
    let world = World::with(groups(200)).await;
    let token = signed_in(&world, &[]).await.token();
    assert_eq!(token.claims["groups"].as_array().unwrap().len(), 200);
    let world = World::with(groups(201)).await;
    let token = signed_in(&world, &[]).await.token();
    assert!(token.claims.get("groups").is_none());
    assert_eq!(token.claims["_claim_names"]["groups"], "src1");
    assert!(token.claims["_claim_sources"]["src1"]["endpoint"].is_string());
}

#[tokio::test]
async fn only_microsofts_own_resources_enrol_in_continuous_evaluation() {
    let capable = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
    let claims = [("claims", capable)];
    let own = World::with(Directory::demo().map_app(demo::MCP_SERVER, |app| {
        app.optional_claim(OptionalClaim::XmsCc)
    }))
    .await;
    let answer = signed_in(&own, &claims).await;
    assert_eq!(answer.token().claims["xms_cc"][0], "CP1");
    assert!((3600..5400).contains(&answer.json["expires_in"].as_i64().unwrap()));
    assert!(answer.json.get("refresh_in").is_none());
    let directory = Directory::demo().map_app(demo::MCP_SERVER, App::microsoft_resource);
    let microsoft = World::with(directory).await;
    let answer = signed_in(&microsoft, &claims).await;
    assert!(answer.json["expires_in"].as_i64().unwrap() >= 20 * 3600);
    assert!(answer.json["refresh_in"].is_i64());
    let answer = signed_in(&microsoft, &[]).await;
    assert!(answer.json["expires_in"].as_i64().unwrap() < 5400);

    let pinned = Directory::demo().map_app(demo::MCP_SERVER, |app| app.token_lifetime(60));
    let answer = signed_in(&World::with(pinned).await, &[]).await;
    assert_eq!(answer.json["expires_in"], 60);
}

#[tokio::test]
async fn passwords_have_their_errors() {
    let directory = Directory::demo()
        .map_user(demo::ALICE, |user| user.password("right"))
        .map_user(demo::BOB, |user| user.expired_password("right"));
    let world = World::with(directory).await;
    let ask = |name: &'static str, password: &'static str| {
        [
            ("grant_type", "password"),
            ("client_id", demo::MCP_CLIENT),
            ("username", name),
            ("password", password),
            ("scope", demo::MCP_READ_SCOPE),
        ]
    };
    world.token(&ask(demo::ALICE_UPN, "right")).await.token();
    for (name, password, code) in [
        (demo::ALICE_UPN, "wrong", 50126),
        (demo::BOB_UPN, "right", 50055),
        (demo::BOB_UPN, "wrong", 50126),
        (demo::CAROL_UPN, "right", 50034),
    ] {
        let answer = world.token(&ask(name, password)).await;
        answer.refused(400, "invalid_grant", code);
    }
}

#[tokio::test]
async fn an_app_can_be_disabled_and_resource_alone_is_not_enough() {
    let world = World::with(Directory::demo().map_app(demo::DAEMON, App::disabled)).await;
    let answer = world.daemon(&[]).await;
    answer.refused(400, "unauthorized_client", 7000112);
    let world = World::new().await;
    let v1 = [("scope", ""), ("resource", demo::MCP_SERVER_URI)];
    let answer = world.daemon(&v1).await;
    answer.refused(400, "invalid_request", 901002);
    let two = format!(
        "{}/.default {}/.default",
        demo::MCP_SERVER_URI,
        demo::ORDERS_API_URI
    );
    let token = signed_in(&world, &[]).await.token();
    let answer = world.obo(&token.text, &[("scope", &two)]).await;
    answer.refused(400, "invalid_request", 700022);
}
