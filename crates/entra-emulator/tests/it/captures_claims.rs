//! Claims against captured tokens.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use entra_emulator::{App, ConsentGrant, Directory, OptionalClaim, Reading, Tenant, User, demo};
use serde_json::{Value, json};

use crate::support::{Token, VERIFIER, World, challenge, change, query, redemption, sign_in};

const GRAPH: &str = "https://graph.microsoft.com";

fn demo_with(map: impl FnOnce(Tenant) -> Tenant) -> Directory {
    let directory = Directory::demo();
    let mut tenants = directory.tenants().cloned();
    let first = map(tenants.next().unwrap());
    Directory::new()
        .tenant(first)
        .tenant(tenants.next().unwrap())
}

#[tokio::test]
async fn tokens_begin_five_minutes_ago_and_end_a_second_late() {
    let world = World::new().await;
    world.emulator.clock().freeze_at(1_800_000_000);
    let answer = world.daemon(&[]).await;
    let claims = answer.token().claims;
    assert_eq!(answer.json["expires_in"], 3599);
    let number = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(number("exp") - number("iat"), 3900);
    assert_eq!(number("iat"), number("nbf"));
}

#[tokio::test]
async fn scp_holds_all_that_is_consented_to() {
    for (directory, scp) in [
        (Directory::demo(), "mcp.read mcp.write"),
        (
            Directory::demo().reading(Reading::ScopesAsRequested),
            "mcp.read",
        ),
    ] {
        let world = World::with(directory).await;
        let token = world.sign_in(demo::MCP_READ_SCOPE).await.token();
        assert_eq!(token.claims["scp"], scp);
    }
}

#[tokio::test]
async fn the_answer_to_default_names_default() {
    let world = World::new().await;
    let assertion = world.forged().sign().unwrap();
    let graph = format!("{GRAPH}/.default openid profile offline_access");
    let answer = world.obo(&assertion, &[("scope", &graph)]).await;
    let scope = answer.text("scope");
    for part in [
        "openid",
        "profile",
        "email",
        &format!("{GRAPH}/User.Read"),
        &format!("{GRAPH}/.default"),
    ] {
        assert!(scope.split(' ').any(|s| s == part), "{part} in {scope}");
    }
    let scp = answer.token().claims["scp"].as_str().unwrap().to_owned();
    assert!(scp.contains("openid") && scp.contains("User.Read") && !scp.contains(".default"));
}

#[tokio::test]
async fn a_stand_in_can_read_tokens_for_graph_where_the_directory_says_so() {
    let directory = Directory::demo().reading(Reading::GraphTokensWithoutNonce);
    let world = World::with(directory).await;
    let assertion = world.forged().sign().unwrap();
    let scope = format!("{GRAPH}/User.Read");
    let user = world.obo(&assertion, &[("scope", &scope)]).await.token();
    assert_eq!(user.header.get("nonce"), None);
    assert_eq!(user.claims["aud"], GRAPH);
}

#[tokio::test]
async fn tokens_of_microsofts_resources_tell_more() {
    let world = World::new().await;
    let assertion = world.forged().sign().unwrap();
    let scope = format!("{GRAPH}/User.Read");
    let user = world.obo(&assertion, &[("scope", &scope)]).await.token();
    let claims = &user.claims;
    assert_eq!(claims["ver"], "1.0");
    assert_eq!(claims["app_displayname"], "MCP server");
    assert_eq!(claims["tenant_region_scope"], "WW");
    assert!(claims["xms_tcdt"].is_i64() && claims["puid"].is_string());
    assert_eq!(claims["platf"], "3");
    assert_eq!(
        claims["wids"],
        json!(["b79fbf4d-3ef9-4689-8143-76b194e85509"])
    );
    assert_eq!(claims["given_name"], "Alice");
    assert_eq!(claims["family_name"], "Example");
    assert_eq!(claims["ipaddr"], "127.0.0.1");
    assert!(claims["xms_st"]["sub"].is_string() && claims["sid"].is_string());
    assert!(user.header["nonce"].is_string());
    let app = [
        ("client_id", demo::MCP_SERVER),
        ("client_secret", demo::MCP_SERVER_SECRET),
        ("scope", "https://cognitiveservices.azure.com/.default"),
    ];
    let app = world.daemon(&app).await.token();
    assert_eq!(app.claims["aud"], "https://cognitiveservices.azure.com");
    assert_eq!(
        app.claims["wids"],
        json!(["0997a1d0-0d1d-4acb-b408-d5ca73121e90"])
    );
    assert_eq!(app.claims["idtyp"], "app");
}

#[tokio::test]
async fn a_doubled_slash_stays_in_the_audience() {
    let world = World::new().await;
    let scope = [("scope", "https://management.core.windows.net//.default")];
    let token = world.daemon(&scope).await.token();
    assert_eq!(token.claims["aud"], "https://management.core.windows.net/");
}

#[tokio::test]
async fn the_resource_handle_names_tenant_and_resource() {
    let world = World::new().await;
    let claims = world.daemon(&[]).await.token().claims;
    let rh = claims["rh"].as_str().unwrap();
    let inner = rh
        .strip_prefix("1.")
        .and_then(|r| r.strip_suffix('.'))
        .expect(rh);
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(inner).unwrap();
    let id = |text: &str| uuid::Uuid::try_parse(text).unwrap().to_bytes_le();
    assert_eq!(bytes[3..19], id(demo::TENANT));
    assert_eq!(bytes[19..35], id(demo::MCP_SERVER));
}

#[tokio::test]
async fn sid_is_in_id_tokens_and_v1_tokens() {
    let scope = format!("{} openid", demo::MCP_READ_SCOPE);
    for (directory, in_v2) in [
        (Directory::demo(), false),
        (Directory::demo().reading(Reading::SidInEveryToken), true),
    ] {
        let world = World::with(directory).await;
        let answer = world.sign_in(&scope).await;
        let id = Token::read(answer.text("id_token")).claims;
        assert!(uuid::Uuid::try_parse(id["sid"].as_str().unwrap()).is_ok());
        assert_eq!(answer.token().claims.get("sid").is_some(), in_v2);
        let v1 = world.sign_in(demo::REPORTS_READ_SCOPE).await.token();
        assert!(v1.claims["sid"].is_string());
    }
}

#[tokio::test]
async fn profile_and_email_decide_about_the_id_token() {
    let directory = Directory::demo().map_user(demo::ALICE, |u| u.email("alice@example.com"));
    let world = World::with(directory).await;
    for (scopes, has) in [
        ("openid", [false, false]),
        ("openid profile", [true, false]),
        ("openid email", [false, true]),
        ("openid profile email", [true, true]),
    ] {
        let scope = format!("{} {scopes}", demo::MCP_READ_SCOPE);
        let answer = world.sign_in(&scope).await;
        let id = Token::read(answer.text("id_token")).claims;
        for name in ["name", "preferred_username", "oid"] {
            assert_eq!(id.get(name).is_some(), has[0], "{scopes}: {name}");
        }
        assert_eq!(id.get("email").is_some(), has[1], "{scopes}");
        assert!(id["rh"].is_string() && id["sub"].is_string());
    }
}

#[tokio::test]
async fn registrations_ask_for_claims() {
    let auditor = "Audit.Read";
    let directory = demo_with(|t| {
        t.grant(ConsentGrant::user_roles(
            demo::ALICE,
            demo::MCP_SERVER,
            [demo::MCP_RUN_ROLE],
        ))
    })
    .map_app(demo::MCP_SERVER, |app| {
        app.redirect_uri("http://localhost/callback")
            .optional_id_claim(OptionalClaim::Acct)
            .optional_id_claim(OptionalClaim::AuthTime)
            .optional_id_claim(OptionalClaim::Upn)
            .optional_claim(OptionalClaim::AuthTime)
            .custom_claim("department", auditor)
            .custom_claim("aud", "somebody else")
    });
    let world = World::with(directory).await;
    let access = world.sign_in(demo::MCP_READ_SCOPE).await.token().claims;
    assert_eq!(access["department"], auditor);
    assert_eq!(access["aud"], demo::MCP_SERVER, "what is Entra's stays");
    assert!(access["auth_time"].is_i64());
    let app = world.daemon(&[]).await.token().claims;
    assert_eq!(app["department"], auditor);

    let hash = challenge(VERIFIER);
    let scope = format!("openid profile {}", demo::ORDERS_READ_SCOPE);
    let mut request = sign_in(&hash, &scope);
    change(&mut request, &[("client_id", demo::MCP_SERVER)]);
    let code = query(&world.authorize(&request).await, "code").unwrap();
    let mut form = redemption(&code);
    change(
        &mut form,
        &[
            ("client_id", demo::MCP_SERVER),
            ("client_secret", demo::MCP_SERVER_SECRET),
        ],
    );
    let answer = world.token(&form).await;
    let id = Token::read(answer.text("id_token")).claims;
    assert_eq!(
        (&id["acct"], &id["upn"]),
        (&json!(0), &json!(demo::ALICE_UPN))
    );
    assert!(id["auth_time"].is_i64());
    assert_eq!(id["roles"], json!([demo::MCP_RUN_ROLE]));
}

#[tokio::test]
async fn a_guest_is_known_by_the_account_at_home() {
    let guest = "c0de0000-0b1e-4000-8000-0000000000ee";
    let upn = "carol_fabrikam.onmicrosoft.com#EXT#@contoso.onmicrosoft.com";
    let directory = demo_with(|t| {
        t.user(User::new(guest, upn, "Carol").guest_from(demo::OTHER_TENANT, demo::CAROL))
    });
    for (directory, name) in [
        (directory.clone(), demo::CAROL_UPN),
        (directory.reading(Reading::GuestNameIsLocal), upn),
    ] {
        let world = World::with(directory).await;
        let hash = challenge(VERIFIER);
        let sign = async |scope: &str| {
            let mut request = sign_in(&hash, scope);
            change(&mut request, &[("login_hint", demo::CAROL_UPN)]);
            let code = query(&world.authorize(&request).await, "code").unwrap();
            let mut form = redemption(&code);
            form.push(("client_info", "1"));
            world.token(&form).await
        };
        let answer = sign(&format!("openid profile {}", demo::MCP_READ_SCOPE)).await;
        let info = BASE64_URL_SAFE_NO_PAD
            .decode(answer.text("client_info"))
            .unwrap();
        let info: Value = serde_json::from_slice(&info).unwrap();
        assert_eq!(
            info,
            json!({ "uid": demo::CAROL, "utid": demo::OTHER_TENANT })
        );
        let id = Token::read(answer.text("id_token")).claims;
        assert!(id["idp"].as_str().unwrap().contains(demo::OTHER_TENANT));
        assert_eq!(id["email"], demo::CAROL_UPN);
        assert_eq!(id["preferred_username"], name);
        let v1 = sign(demo::REPORTS_READ_SCOPE).await.token().claims;
        assert_eq!(v1["unique_name"], v1["email"]);
        assert!(v1.get("upn").is_none());
    }
}

#[tokio::test]
async fn exchange_tokens_tell_agents_apart() {
    let world = World::new().await;
    let exchange = "api://AzureADTokenExchange/.default";
    let t1 = world
        .token(&[
            ("grant_type", "client_credentials"),
            ("client_id", demo::BLUEPRINT),
            ("client_secret", demo::BLUEPRINT_SECRET),
            ("scope", exchange),
            ("fmi_path", demo::AGENT),
        ])
        .await
        .token();
    assert_eq!(t1.claims["idtyp"], "app");
    assert_eq!(t1.claims["xms_ficinfo"], "CAAQABgAIAAoAjAA");
    let sub = t1.claims["sub"].as_str().unwrap();
    let parts: Vec<&str> = sub.split('/').collect();
    assert_eq!(
        (parts[5].len(), parts[7].len(), parts[8]),
        (22, 22, demo::AGENT),
        "{sub}"
    );
    assert!(t1.claims.get("xms_par_app_azp").is_none());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::AGENT),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", t1.text.as_str()),
        ("scope", exchange),
    ];
    let t2 = world.token(&form).await.token();
    assert_eq!(t2.claims["xms_ficinfo"], "CAAQABgAIAAoAzAAOAE");
    assert_eq!(t2.claims["xms_par_app_azp"], demo::BLUEPRINT);
    for claim in ["xms_act_fct", "xms_sub_fct"] {
        let facets = t2.claims[claim].as_str().unwrap();
        assert!(facets.split(' ').any(|f| f == "11"), "{facets}");
        let facets = t1.claims[claim].as_str().unwrap();
        assert!(!facets.split(' ').any(|f| f == "11"), "{facets}");
    }
    assert!(t1.claims["xms_idrel"].as_str().unwrap().starts_with('7'));
}

#[tokio::test]
async fn userinfo_is_for_tokens_of_graph() {
    let directory = Directory::demo().map_user(demo::ALICE, |u| u.email("alice@example.com"));
    let world = World::with(directory).await;
    let url = format!("{}/oidc/userinfo", world.emulator.base_url());
    let bare = world.http.get(&url).send().await.unwrap();
    assert_eq!(bare.status(), 401);
    assert_eq!(bare.headers()["www-authenticate"], "Bearer");
    let answer = world.sign_in("openid profile email").await;
    let id = Token::read(answer.text("id_token")).claims;
    let ask = |token: &str| world.http.get(&url).bearer_auth(token).send();
    let good = ask(answer.text("access_token")).await.unwrap();
    let body: Value = good.json().await.unwrap();
    assert_eq!(body["sub"], id["sub"], "the ID token's");
    assert_eq!(body["name"], demo::ALICE_NAME);
    assert_eq!(body["email"], "alice@example.com");
    // A token for another API, and one that is broken.
    let other = world.sign_in(demo::MCP_READ_SCOPE).await;
    for token in [other.text("access_token"), "a.b.c"] {
        assert_eq!(ask(token).await.unwrap().status(), 401);
    }
    world
        .emulator
        .disable_user(demo::TENANT, demo::ALICE)
        .unwrap();
    let gone = ask(answer.text("access_token")).await.unwrap();
    assert_eq!(gone.status(), 401);
}

#[tokio::test]
async fn first_party_resources_are_there_without_registration() {
    let none = App::new(demo::PAYROLL_API, "x");
    assert!(!none.is_managed_identity());
    let world = World::new().await;
    let assertion = world.forged().sign().unwrap();
    for scope in [
        demo::GRAPH_SCOPE,
        demo::COGNITIVE_SERVICES_SCOPE,
        demo::FOUNDRY_SCOPE,
        "https://ai.azure.com/.default",
        "https://cognitiveservices.azure.com/.default",
    ] {
        let answer = world.obo(&assertion, &[("scope", scope)]).await;
        assert_eq!(answer.status, 200, "{scope}: {}", answer.json);
    }
    let vault = [("scope", "https://vault.azure.net/.default")];
    world
        .obo(&assertion, &vault)
        .await
        .refused(400, "invalid_grant", 65001);
    let typo = [("scope", "https://vault.azure.example/.default")];
    world
        .obo(&assertion, &typo)
        .await
        .refused(400, "invalid_resource", 500011);
}
