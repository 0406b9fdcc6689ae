//! Who may consent to what, on the page.

use entra_emulator::{ConsentKind, Directory, Tenant, User, demo};

use crate::pages::Person;
use crate::support::{VERIFIER, World, challenge, change, query, redemption, sign_in};

#[tokio::test]
async fn a_known_client_consents_for_the_api_behind_it_too() {
    let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| {
        app.known_client(demo::MCP_CLIENT)
            .requires(demo::PAYROLL_API, [demo::PAYROLL_READ])
    });
    let world = World::with(directory).await;
    let (tenant, client) = (demo::TENANT, demo::MCP_CLIENT);
    world
        .emulator
        .revoke_consent(tenant, client, demo::MCP_SERVER)
        .unwrap();
    let hash = challenge(VERIFIER);
    let mut person = Person::new(&world);
    person.look(&sign_in(&hash, demo::MCP_DEFAULT_SCOPE)).await;
    assert!(person.page.contains("Payroll API"), "{}", person.page);
    person.on("action", "accept").await;
    let code = person.answered("code").unwrap();
    let token = world.redeem(&code).await.token();
    let payroll = [("scope", demo::PAYROLL_READ_SCOPE)];
    world.obo(&token.text, &payroll).await.token();
}

#[tokio::test]
async fn some_scopes_are_for_administrators_to_allow() {
    let directory = Directory::demo().map_app(demo::PAYROLL_API, |app| {
        app.scope_for("payroll.write", ConsentKind::Admin)
    });
    for (directory, allowed) in [
        (directory.clone(), false),
        (directory.map_user(demo::ALICE, User::administrator), true),
    ] {
        let world = World::with(directory).await;
        let hash = challenge(VERIFIER);
        let scope = format!("{}/payroll.write", demo::PAYROLL_API_URI);
        let mut person = Person::new(&world);
        person.look(&sign_in(&hash, &scope)).await;
        person.on("action", "accept").await;
        let entry = world.emulator.journal().last().unwrap();
        assert_eq!(entry.error_code(), (!allowed).then_some(90094));
        assert_eq!(person.answered("code").is_some(), allowed);
    }
}

#[tokio::test]
async fn where_users_may_not_consent_only_administrators_do() {
    let mut tenants = Directory::demo();
    let closed = tenants
        .tenants()
        .next()
        .unwrap()
        .clone()
        .without_user_consent();
    tenants = Directory::new().tenant(closed);
    let world = World::with(tenants).await;
    let hash = challenge(VERIFIER);
    let mut person = Person::new(&world);
    person.look(&sign_in(&hash, demo::PAYROLL_READ_SCOPE)).await;
    person.on("action", "accept").await;
    assert_eq!(person.answered("error").as_deref(), Some("access_denied"));
    let text = person.answered("error_description").unwrap();
    assert!(text.starts_with("AADSTS90094"), "{text}");
}

#[tokio::test]
async fn personal_accounts_are_a_tenant_of_their_own() {
    let personal = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let (mia, hint) = (
        "c0de0000-0b1e-4000-8000-00000000001a",
        "mia@outlook.example",
    );
    let demo_tenant = Directory::demo().tenants().next().unwrap().clone();
    let mut live = Tenant::new(personal, "live.example").user(User::new(mia, hint, "Mia"));
    for app in demo_tenant.apps().cloned() {
        live = live.app(app);
    }
    let live = live.grant(entra_emulator::ConsentGrant::delegated(
        demo::MCP_CLIENT,
        demo::MCP_SERVER,
        [demo::MCP_READ],
    ));
    let world = World::with(Directory::new().tenant(demo_tenant).tenant(live)).await;
    let hash = challenge(VERIFIER);
    let mut form = sign_in(&hash, demo::MCP_READ_SCOPE);
    change(&mut form, &[("login_hint", hint)]);
    for (alias, enters) in [
        ("consumers", true),
        ("common", true),
        ("organizations", false),
    ] {
        let response = world.authorize_at(alias, &form).await;
        let code = query(&response, "code");
        assert_eq!(code.is_some(), enters, "{alias}");
        if let Some(code) = code {
            let token = world.token_at(alias, &redemption(&code)).await.token();
            assert_eq!(token.claims["tid"], personal);
        }
    }
    let base = world.emulator.base_url();
    let document = world
        .get("/consumers/v2.0/.well-known/openid-configuration")
        .await;
    assert_eq!(document.text("issuer"), format!("{base}/{personal}/v2.0"));
    assert!(document.text("token_endpoint").contains("/consumers/"));
    let document = world
        .get("/organizations/v2.0/.well-known/openid-configuration?appid=c0de0000-a4b1-4000-8000-0000000000a1")
        .await;
    assert_eq!(document.text("issuer"), format!("{base}/{{tenantid}}/v2.0"));
    assert!(
        document
            .text("jwks_uri")
            .ends_with("/keys?appid=c0de0000-a4b1-4000-8000-0000000000a1")
    );
}
