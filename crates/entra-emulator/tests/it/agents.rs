//! Entra Agent ID: the three flows, the claims they carry, and what is refused.

use entra_emulator::{App, ConsentGrant, Directory, OptionalClaim, User, demo};

use crate::support::{Answer, OBO, Token, World, change};

const BLUEPRINT: &str = "c0de0000-a6e0-4000-8000-0000000000b1";
const AGENT: &str = "c0de0000-a6e0-4000-8000-0000000000a1";
const OTHER_AGENT: &str = "c0de0000-a6e0-4000-8000-0000000000a2";
const AGENT_USER: &str = "c0de0000-0b1e-4000-8000-0000000000a1";
const AGENT_UPN: &str = "agent@contoso.onmicrosoft.com";
const EXCHANGE: &str = "api://AzureADTokenExchange/.default";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn world() -> World {
    let facets = [
        OptionalClaim::IdtypWithUser,
        OptionalClaim::XmsActFct,
        OptionalClaim::XmsSubFct,
        OptionalClaim::XmsIdrel,
        OptionalClaim::XmsParAppAzp,
    ];
    let directory = Directory::demo().map_app(demo::ORDERS_API, |app| {
        facets
            .iter()
            .fold(app, |app, claim| app.optional_claim(*claim))
    });
    let mut tenants = directory.tenants().cloned();
    let agent = |id| App::new(id, "Agent").agent_identity_of(BLUEPRINT);
    let tenant = tenants
        .next()
        .unwrap()
        .app(
            App::new(BLUEPRINT, "Blueprint")
                .blueprint()
                .secret("s")
                .identifier_uri(format!("api://{BLUEPRINT}"))
                .scope("access_as_user"),
        )
        .app(agent(AGENT))
        .app(agent(OTHER_AGENT))
        .user(User::new(AGENT_USER, AGENT_UPN, "Agent").agent_account_of(AGENT))
        .grant(ConsentGrant::delegated(
            AGENT,
            demo::ORDERS_API,
            [demo::ORDERS_READ],
        ))
        .grant(ConsentGrant::app_roles(
            AGENT,
            demo::ORDERS_API,
            [demo::ORDERS_ROLE],
        ));
    let other = tenants.next().unwrap();
    World::with(Directory::new().tenant(tenant).tenant(other)).await
}

async fn blueprint(world: &World, changes: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", BLUEPRINT),
        ("client_secret", "s"),
        ("scope", EXCHANGE),
        ("fmi_path", AGENT),
    ];
    change(&mut form, changes);
    world.token(&form).await
}

/// A request of the agent identity, proved with the blueprint's exchange token.
async fn agent(world: &World, t1: &str, changes: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("client_id", AGENT),
        ("client_assertion_type", TYPE),
        ("client_assertion", t1),
        ("scope", demo::ORDERS_DEFAULT_SCOPE),
    ];
    change(&mut form, changes);
    world.token(&form).await
}

const ALONE: (&str, &str) = ("grant_type", "client_credentials");

fn has_facet(token: &Token, claim: &str, facet: &str) -> bool {
    token.claims[claim]
        .as_str()
        .unwrap()
        .split(' ')
        .any(|f| f == facet)
}

#[tokio::test]
async fn an_agent_acts_alone() {
    let world = world().await;
    let t1 = blueprint(&world, &[]).await.token();
    assert_eq!(t1.claims["aud"], "fb60f99c-7a34-4190-8149-302f77469936");
    assert_eq!(t1.claims["azp"], BLUEPRINT);
    let sub = t1.claims["sub"].as_str().unwrap();
    assert!(
        sub.starts_with("/eid1/c/pub/t/") && sub.ends_with(AGENT),
        "{sub}"
    );

    let token = agent(&world, &t1.text, &[ALONE]).await.token();
    assert_eq!(token.claims["idtyp"], "app");
    assert_eq!(token.claims["azp"], AGENT);
    assert_eq!(token.claims["oid"], AGENT);
    assert_eq!(token.claims["azpacr"], "2");
    assert_eq!(token.claims["roles"][0], demo::ORDERS_ROLE);
    assert_eq!(token.claims["xms_par_app_azp"], BLUEPRINT);
    assert!(has_facet(&token, "xms_act_fct", "11"));
    assert!(has_facet(&token, "xms_sub_fct", "11"));
    assert!(has_facet(&token, "xms_idrel", "7"));
}

#[tokio::test]
async fn an_agent_acts_for_a_user() {
    let world = world().await;
    let t1 = blueprint(&world, &[]).await.token();
    let forge = world.emulator.forge();
    let (client, scopes) = (demo::MCP_CLIENT, ["access_as_user"]);
    let user = |api| forge.user_token(demo::TENANT, demo::ALICE, client, api, &scopes);
    let tc = user(BLUEPRINT).unwrap().sign().unwrap();
    let form = [
        ("grant_type", OBO),
        ("requested_token_use", "on_behalf_of"),
        ("assertion", &tc),
    ];
    let token = agent(&world, &t1.text, &form).await.token();
    assert_eq!(token.claims["oid"], demo::ALICE);
    assert_eq!(token.claims["idtyp"], "user");
    assert_eq!(token.claims["scp"], demo::ORDERS_READ);
    assert_eq!(token.claims["azp"], AGENT);
    assert_eq!(token.claims["xms_par_app_azp"], BLUEPRINT);
    assert!(has_facet(&token, "xms_act_fct", "11"));
    assert!(!has_facet(&token, "xms_sub_fct", "13"));

    // The caller's token is the blueprint's, not the agent's.
    let wrong = user(AGENT).unwrap().sign().unwrap();
    let form = [form[0], form[1], ("assertion", &wrong)];
    let answer = agent(&world, &t1.text, &form).await;
    answer.refused(400, "invalid_grant", 500131);
}

#[tokio::test]
async fn an_agent_has_a_user_account() {
    let world = world().await;
    let t1 = blueprint(&world, &[]).await.token();
    let t2 = agent(&world, &t1.text, &[ALONE, ("scope", EXCHANGE)])
        .await
        .token();
    let named = |name: &'static str, value: &'static str| {
        [
            ("grant_type", "user_fic"),
            ("user_federated_identity_credential", t2.text.as_str()),
            (name, value),
        ]
    };
    for (name, value) in [("username", AGENT_UPN), ("user_id", AGENT_USER)] {
        let token = agent(&world, &t1.text, &named(name, value)).await.token();
        assert_eq!(token.claims["oid"], AGENT_USER);
        assert_eq!(token.claims["idtyp"], "user");
        assert!(has_facet(&token, "xms_sub_fct", "13"));
        assert!(has_facet(&token, "xms_act_fct", "11"));
    }
    let alice = named("user_id", demo::ALICE);
    let answer = agent(&world, &t1.text, &alice).await;
    answer.refused(400, "unauthorized_client", 82002);
    let nobody = named("username", "nobody@contoso.onmicrosoft.com");
    let answer = agent(&world, &t1.text, &nobody).await;
    answer.refused(400, "invalid_grant", 50034);
    let answer = agent(&world, &t1.text, &named("x", "x")).await;
    answer.refused(400, "invalid_request", 900144);
    // The blueprint's token in the place of the agent's own.
    let mut mixed = named("username", AGENT_UPN);
    mixed[1].1 = &t1.text;
    let answer = agent(&world, &t1.text, &mixed).await;
    answer.refused(401, "invalid_client", 700213);
}

#[tokio::test]
async fn an_exchange_token_is_for_one_agent_of_one_tenant() {
    let world = world().await;
    let t1 = blueprint(&world, &[("fmi_path", OTHER_AGENT)])
        .await
        .token();
    let answer = agent(&world, &t1.text, &[ALONE]).await;
    answer.refused(401, "invalid_client", 700213);
    let plain = blueprint(&world, &[("fmi_path", "")]).await.token();
    let answer = agent(&world, &plain.text, &[ALONE]).await;
    answer.refused(401, "invalid_client", 700213);
    // The right path, in a token that another application got.
    let exchange = "fb60f99c-7a34-4190-8149-302f77469936";
    let right = blueprint(&world, &[]).await.token();
    let stolen = world
        .emulator
        .forge()
        .app_token(demo::TENANT, demo::DAEMON, exchange, &[])
        .unwrap()
        .claim("sub", right.claims["sub"].clone());
    let answer = agent(&world, &stolen.sign().unwrap(), &[ALONE]).await;
    answer.refused(401, "invalid_client", 700213);
    let foreign = world
        .emulator
        .forge()
        .app_token(demo::OTHER_TENANT, demo::MCP_SERVER, demo::MCP_SERVER, &[])
        .unwrap();
    let answer = agent(&world, &foreign.sign().unwrap(), &[ALONE]).await;
    answer.refused(401, "invalid_client", 700211);
    let answer = agent(&world, "", &[ALONE]).await;
    answer.refused(401, "invalid_client", 7000216);
}

#[tokio::test]
async fn what_agents_may_not_do() {
    let world = world().await;
    let direct = [("scope", demo::ORDERS_DEFAULT_SCOPE), ("fmi_path", "")];
    let answer = blueprint(&world, &direct).await;
    answer.refused(400, "unauthorized_client", 82001);
    let exchange = [(
        "grant_type",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    )];
    let answer = blueprint(&world, &exchange).await;
    answer.refused(400, "unauthorized_client", 82001);
    let answer = blueprint(&world, &[("fmi_path", demo::DAEMON)]).await;
    answer.refused(400, "unauthorized_client", 82002);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", BLUEPRINT),
        ("client_secret", "s"),
        ("scope", EXCHANGE),
        ("fmi_path", ""),
    ];
    world
        .token(&form)
        .await
        .refused(400, "invalid_request", 90100);
    let response = world
        .authorize(&[
            ("client_id", AGENT),
            ("response_type", "code"),
            ("redirect_uri", "http://localhost"),
            ("scope", "openid"),
        ])
        .await;
    assert_ne!(response.status(), 302);
    let entry = world.emulator.journal().last().unwrap();
    assert_eq!(entry.error_code(), Some(82014));
    let daemon = [("grant_type", "user_fic")];
    let answer = world.daemon(&daemon).await;
    answer.refused(400, "unauthorized_client", 82002);
}
