//! The token endpoint against captured answers, and what Entra ID refuses.

use entra_emulator::{
    AccessPolicy, App, Directory, Fault, PolicyRequirement, Reading, Tenant, User, demo,
};
use serde_json::json;

use crate::support::{OBO, VERIFIER, World, answer, challenge, change, query, redemption, sign_in};

fn demo_with(map: impl FnOnce(Tenant) -> Tenant) -> Directory {
    let directory = Directory::demo();
    let mut tenants = directory.tenants().cloned();
    let first = map(tenants.next().unwrap());
    Directory::new()
        .tenant(first)
        .tenant(tenants.next().unwrap())
}

#[tokio::test]
async fn members_keep_their_order() {
    let world = World::new().await;
    let url = world.emulator.token_endpoint(demo::TENANT);
    let text = async |form: &[(&str, &str)]| {
        let response = world.http.post(&url).form(form).send().await.unwrap();
        (response.headers().clone(), response.text().await.unwrap())
    };
    let (headers, body) = text(&[("grant_type", "x")]).await;
    assert_eq!(headers["expires"], "-1");
    assert_eq!(headers["x-ms-clitelem"], "1,70003,0,,");
    assert!(headers.contains_key("x-ms-ests-server") && headers.contains_key("p3p"));
    let mut at = 0;
    for name in [
        "error",
        "error_description",
        "error_codes",
        "timestamp",
        "trace_id",
        "correlation_id",
    ] {
        let found = body.find(&format!("\"{name}\":")).expect(name);
        assert!(found >= at, "{name}: {body}");
        at = found;
    }
    let scope = format!("{} openid offline_access", demo::MCP_READ_SCOPE);
    let code = world.code(&scope).await;
    let mut form = redemption(&code);
    form.push(("client_info", "1"));
    let (_, body) = text(&form).await;
    let mut at = 0;
    for name in [
        "token_type",
        "scope",
        "expires_in",
        "ext_expires_in",
        "access_token",
        "refresh_token",
        "id_token",
        "client_info",
    ] {
        let found = body.find(&format!("\"{name}\":")).expect(name);
        assert!(found >= at, "{name}: {body}");
        at = found;
    }
}

#[tokio::test]
async fn two_credentials_are_one_too_many() {
    let world = World::new().await;
    let answer = world
        .daemon(&[
            ("client_assertion", "x"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
        ])
        .await;
    answer.refused(401, "invalid_client", 9002324);
}

#[tokio::test]
async fn a_public_clients_empty_secret_is_a_secret() {
    for (directory, refused) in [
        (Directory::demo(), true),
        (
            Directory::demo().reading(Reading::EmptySecretIsAbsent),
            false,
        ),
    ] {
        let world = World::with(directory).await;
        let code = world.code(demo::MCP_READ_SCOPE).await;
        let mut form = redemption(&code);
        form.push(("client_secret", ""));
        let answer = world.token(&form).await;
        match refused {
            true => answer.refused(401, "invalid_client", 700025),
            false => assert_eq!(answer.status, 200),
        }
    }
}

#[tokio::test]
async fn a_malformed_code_is_refused_before_the_secret_is_looked_at() {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", demo::MCP_SERVER),
        ("client_secret", "wrong"),
        ("redirect_uri", "http://localhost"),
        ("code", "bogus"),
    ];
    let world = World::new().await;
    world
        .token(&form)
        .await
        .refused(400, "invalid_grant", 9002313);
    let late = World::with(Directory::demo().reading(Reading::CredentialBeforeCode)).await;
    late.token(&form)
        .await
        .refused(401, "invalid_client", 7000215);
    let mut right = form;
    right[2].1 = demo::MCP_SERVER_SECRET;
    late.token(&right)
        .await
        .refused(400, "invalid_grant", 9002313);
}

#[tokio::test]
async fn a_client_that_is_the_resource_names_a_scope_when_it_refreshes() {
    let own = |reading: Option<Reading>| {
        let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| {
            app.redirect_uri("http://localhost/callback")
                .pre_authorize(demo::MCP_SERVER, [demo::MCP_READ])
        });
        match reading {
            Some(reading) => directory.reading(reading),
            None => directory,
        }
    };
    for (reading, default) in [(None, 200), (Some(Reading::SelfDefaultRefused), 400)] {
        let world = World::with(own(reading)).await;
        let hash = challenge(VERIFIER);
        let scope = format!("{} offline_access", demo::MCP_READ_SCOPE);
        let mut request = sign_in(&hash, &scope);
        change(&mut request, &[("client_id", demo::MCP_SERVER)]);
        let code = query(&world.authorize(&request).await, "code").unwrap();
        let secret = [
            ("client_id", demo::MCP_SERVER),
            ("client_secret", demo::MCP_SERVER_SECRET),
        ];
        let mut form = redemption(&code);
        change(&mut form, &secret);
        let first = world.token(&form).await;
        let refresh = async |scope: &str| {
            let mut form = vec![
                ("grant_type", "refresh_token"),
                ("refresh_token", first.text("refresh_token")),
            ];
            change(&mut form, &secret);
            change(&mut form, &[("scope", scope)]);
            world.token(&form).await
        };
        refresh("").await.refused(400, "invalid_request", 90009);
        refresh(demo::MCP_READ_SCOPE).await.token();
        refresh(&format!("{}/mcp.read", demo::MCP_SERVER))
            .await
            .token();
        let answer = refresh(demo::MCP_DEFAULT_SCOPE).await;
        assert_eq!(answer.status, default, "{}", answer.json);
    }
    // Client credentials for the app itself are a happy path.
    let world = World::new().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::MCP_SERVER),
        ("client_secret", demo::MCP_SERVER_SECRET),
        ("scope", demo::MCP_DEFAULT_SCOPE),
    ];
    world.token(&form).await.token();
}

#[tokio::test]
async fn policies_are_named_by_the_grant() {
    let policy = AccessPolicy::new(demo::OTHER_TENANT, PolicyRequirement::Mfa);
    let directory = demo_with(|t| t.policy(policy.resource(demo::REPORTS_API)))
        .map_user(demo::ALICE, |u| u.password("right"));
    let password = [
        ("grant_type", "password"),
        ("client_id", demo::MCP_CLIENT),
        ("username", demo::ALICE_UPN),
        ("password", "right"),
        ("scope", demo::REPORTS_READ_SCOPE),
    ];
    let world = World::with(directory.clone()).await;
    let answer = world.token(&password).await;
    answer.refused(400, "invalid_grant", 50076);
    assert_eq!(answer.text("suberror"), "basic_action");
    let scope = format!("{} offline_access", demo::MCP_READ_SCOPE);
    let refresh = world.sign_in(&scope).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", refresh.text("refresh_token")),
        ("scope", demo::REPORTS_READ_SCOPE),
    ];
    world
        .token(&form)
        .await
        .refused(400, "invalid_grant", 50076);

    let policy = AccessPolicy::new(demo::OTHER_TENANT, PolicyRequirement::Block);
    let directory = demo_with(|t| t.policy(policy.resource(demo::ORDERS_API)));
    for (directory, error) in [
        (directory.clone(), "interaction_required"),
        (
            directory.reading(Reading::ChallengeIsInvalidGrant),
            "invalid_grant",
        ),
    ] {
        let world = World::with(directory).await;
        let assertion = world.forged().sign().unwrap();
        world.obo(&assertion, &[]).await.refused(400, error, 53003);
    }
}

#[tokio::test]
async fn an_undeclared_context_is_a_challenge_or_ignored() {
    let claims = |context: &str| {
        format!(r#"{{"access_token":{{"acrs":{{"essential":true,"value":"{context}"}}}}}}"#)
    };
    let declared = demo_with(|t| {
        t.authentication_context("c1")
            .reading(Reading::UndeclaredContextIgnored)
    });
    for (directory, undeclared) in [(Directory::demo(), 400), (declared, 200)] {
        let world = World::with(directory).await;
        let assertion = world.forged().sign().unwrap();
        let answer = world.obo(&assertion, &[("claims", &claims("c7"))]).await;
        assert_eq!(answer.status, undeclared);
        let answer = world.obo(&assertion, &[("claims", &claims("c1"))]).await;
        answer.refused(400, "interaction_required", 50076);
    }
    assert!(
        demo_with(|t| t.authentication_context("x"))
            .check()
            .is_err()
    );
}

#[tokio::test]
async fn a_refresh_token_serves_a_guests_other_tenants() {
    let guest = "c0de0000-0b1e-4000-8000-0000000000ee";
    let upn = "carol_fabrikam#EXT#@contoso.onmicrosoft.com";
    let directory = demo_with(|t| {
        t.user(User::new(guest, upn, "Carol").guest_from(demo::OTHER_TENANT, demo::CAROL))
    });
    let world = World::with(directory).await;
    let hash = challenge(VERIFIER);
    let scope = format!("{} offline_access", demo::MCP_READ_SCOPE);
    let mut request = sign_in(&hash, &scope);
    change(&mut request, &[("login_hint", demo::CAROL_UPN)]);
    let response = world.authorize_at(demo::OTHER_TENANT, &request).await;
    let code = query(&response, "code").unwrap();
    let home = world.token_at(demo::OTHER_TENANT, &redemption(&code)).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", home.text("refresh_token")),
        ("scope", demo::MCP_READ_SCOPE),
        ("client_info", "1"),
    ];
    let here = world.token_at(demo::TENANT, &form).await;
    assert_eq!(here.token().claims["tid"], demo::TENANT);
    assert_eq!(here.token().claims["oid"], guest);
    let back = world.token_at(demo::OTHER_TENANT, &form).await;
    assert_eq!(back.token().claims["oid"], demo::CAROL);
    // One account, whatever the tenant.
    assert_eq!(here.text("client_info"), back.text("client_info"));
}

#[tokio::test]
async fn a_loop_ends_as_the_grant_says() {
    let world = World::new().await;
    world
        .emulator
        .fail_next(Fault::aadsts("/token", 50196).times(2));
    let form = [("grant_type", OBO), ("client_id", demo::MCP_SERVER)];
    world
        .token(&form)
        .await
        .refused(400, "invalid_grant", 50196);
    let answer = world.daemon(&[]).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.headers["retry-after"], "60");
    assert!(answer.json.is_string(), "no JSON: {}", answer.json);
    assert_eq!(
        world.emulator.journal().last().unwrap().error_code(),
        Some(50196)
    );
}

#[tokio::test]
async fn texts_are_the_captured_ones() {
    let directory = Directory::demo()
        .map_app(demo::DAEMON, |app| app.secret_until("short", 1))
        .map_user(demo::ALICE, |u| u.password("right"));
    let world = World::with(directory).await;
    let answer = world.daemon(&[("client_secret", "short")]).await;
    answer.refused(401, "invalid_client", 7000222);
    let text = answer.text("error_description");
    for part in [
        "https://aka.ms/NewClientSecret",
        "https://aka.ms/certCreds.",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let form = [
        ("grant_type", "password"),
        ("client_id", demo::MCP_CLIENT),
        ("username", "mallory@contoso.onmicrosoft.com"),
        ("password", "x"),
        ("scope", demo::MCP_READ_SCOPE),
    ];
    let answer = world.token(&form).await;
    answer.refused(400, "invalid_grant", 50034);
    assert_eq!(answer.text("suberror"), "bad_token");
    assert!(answer.text("error_description").contains("{EmailHidden}"));
}

#[tokio::test]
async fn a_proof_of_possession_is_refused_by_name() {
    let world = World::new().await;
    let pop = [("token_type", "pop"), ("req_cnf", "eyJraWQiOiJ4In0")];
    let answer = world.daemon(&pop).await;
    answer.refused(400, "invalid_request", 90100);
    assert!(answer.text("error_description").contains("token_type"));
    world.daemon(&[("token_type", "Bearer")]).await.token();
}

#[tokio::test]
async fn what_is_not_served_is_not_found() {
    let world = World::new().await;
    for path in ["/nothing", "/common/oauth2/v3.0/token", "/a/b/c"] {
        let url = format!("{}{path}", world.emulator.base_url());
        let response = world.http.post(url).form(&[("a", "b")]).send().await;
        assert_eq!(response.unwrap().status(), 404, "{path}");
        let entry = world.emulator.journal().last().unwrap();
        assert_eq!((entry.path(), entry.status()), (path, 404));
    }
    world.emulator.fail_next(Fault::status("/nothing", 503));
    assert_eq!(world.get("/nothing").await.status, 503);
}

#[tokio::test]
async fn the_v1_endpoint_takes_a_resource() {
    let world = World::new().await;
    let url = format!(
        "{}/{}/oauth2/token",
        world.emulator.base_url(),
        demo::TENANT
    );
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::DAEMON),
        ("client_secret", demo::DAEMON_SECRET),
        ("resource", demo::MCP_SERVER_URI),
    ];
    let answer = answer(world.http.post(&url).form(&form).send().await.unwrap()).await;
    assert_eq!(answer.text("expires_in"), "3599");
    assert_eq!(answer.text("resource"), demo::MCP_SERVER_URI);
    let until: i64 = answer.text("expires_on").parse().unwrap();
    let token = answer.token();
    assert_eq!(token.claims["exp"], until);
    assert_eq!(answer.text("not_before"), token.claims["nbf"].to_string());
    let mut wrong = form;
    wrong[2].1 = "wrong";
    let refused = crate::support::answer(world.http.post(url).form(&wrong).send().await.unwrap());
    refused.await.refused(401, "invalid_client", 7000215);
}

#[tokio::test]
async fn the_home_realm_of_a_name_is_told() {
    let world = World::new().await;
    let path = format!("/common/userrealm/{}?api-version=1.0", demo::ALICE_UPN);
    let answer = world.get(&path).await;
    assert_eq!(
        answer.json,
        json!({
            "ver": "1.0", "account_type": "Managed", "domain_name": demo::TENANT_DOMAIN,
            "cloud_instance_name": "microsoftonline.com",
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        })
    );
    let answer = world.get("/common/userrealm/a@b.example").await;
    assert_eq!(answer.json["account_type"], "Unknown");
}

#[tokio::test]
async fn what_metadata_advertises_answers() {
    let world = World::new().await;
    let base = world.emulator.base_url();
    for version in ["v2.0/", ""] {
        let path = format!(
            "/{}/{version}.well-known/openid-configuration",
            demo::TENANT
        );
        let document = world.get(&path).await.json;
        assert_eq!(document["tenant_region_scope"], "WW");
        for (name, value) in document.as_object().unwrap() {
            let Some(url) = value.as_str().filter(|url| url.starts_with(base)) else {
                continue;
            };
            if name == "issuer" {
                continue;
            }
            let status = world.http.get(url).send().await.unwrap().status();
            assert_ne!(status, 404, "{name} {url}");
        }
    }
}

#[tokio::test]
async fn a_disabled_app_has_no_page_either() {
    let world = World::with(Directory::demo().map_app(demo::MCP_CLIENT, App::disabled)).await;
    let hash = challenge(VERIFIER);
    world.authorize(&sign_in(&hash, demo::MCP_READ_SCOPE)).await;
    let entry = world.emulator.journal().last().unwrap();
    assert_eq!(entry.error_code(), Some(7000112));
}
