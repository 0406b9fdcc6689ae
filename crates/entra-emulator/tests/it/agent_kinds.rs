//! Agents beyond the classic three legs: single-instance agents, local agents, clients with a
//! metadata document, inherited permissions, and the claims of each kind of token.

use entra_emulator::{App, ConsentGrant, Directory, OptionalClaim, Reading, Tenant, User, demo};

use crate::support::{Answer, OBO, REDIRECT, Token, VERIFIER, World, challenge, change, query};

const SINGLE: &str = "c0de0000-a6e0-4000-8000-0000000000c1";
const SINGLE_URI: &str = "api://c0de0000-a6e0-4000-8000-0000000000c1";
const LOCAL: &str = "c0de0000-a6e0-4000-8000-0000000000c2";
const DOCUMENTED: &str = "c0de0000-a6e0-4000-8000-0000000000c3";
const DOCUMENT: &str = "https://vscode.dev/oauth/client-metadata.json";
const OTHER_AGENT: &str = "c0de0000-a6e0-4000-8000-0000000000c4";
const OTHER_USER: &str = "c0de0000-0b1e-4000-8000-0000000000c4";
const EXCHANGE: &str = "api://AzureADTokenExchange/.default";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const GRAPH_DEFAULT: &str = "https://graph.microsoft.com/.default";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MARKERS: [&str; 5] = [
    "idtyp",
    "xms_act_fct",
    "xms_sub_fct",
    "xms_idrel",
    "xms_par_app_azp",
];

/// The demo directory with agents of all kinds; Orders asks for the agent claims if `marked`.
fn directory(marked: bool, change: impl FnOnce(Tenant) -> Tenant) -> Directory {
    let facets = [
        OptionalClaim::IdtypWithUser,
        OptionalClaim::XmsActFct,
        OptionalClaim::XmsSubFct,
        OptionalClaim::XmsIdrel,
        OptionalClaim::XmsParAppAzp,
    ];
    let directory = Directory::demo().map_app(demo::ORDERS_API, |app| {
        let all = facets.iter().filter(|_| marked);
        all.fold(app, |app, claim| app.optional_claim(*claim))
    });
    let tenant = directory.tenants().next().unwrap().clone();
    let (api, read) = (demo::ORDERS_API, [demo::ORDERS_READ]);
    let single = App::new(SINGLE, "Single agent")
        .single_instance_agent()
        .secret("s")
        .identifier_uri(SINGLE_URI)
        .scope("access_agent");
    let local = App::new(LOCAL, "Local agent").local_agent();
    let documented = App::new(DOCUMENTED, "Editor").client_metadata_url(DOCUMENT);
    let tenant = tenant
        .app(single)
        .app(local.redirect_uri("http://localhost/callback"))
        .app(documented.redirect_uri("http://localhost/callback"))
        .app(App::new(OTHER_AGENT, "Other agent").agent_identity_of(demo::BLUEPRINT))
        .user(
            User::new(OTHER_USER, "other.agent@contoso.onmicrosoft.com", "Other")
                .agent_account_of(OTHER_AGENT),
        )
        .grant(ConsentGrant::delegated(SINGLE, api, read))
        .grant(ConsentGrant::delegated(LOCAL, api, read))
        .grant(ConsentGrant::delegated(DOCUMENTED, api, read))
        .grant(ConsentGrant::app_roles(SINGLE, api, [demo::ORDERS_ROLE]));
    Directory::new().tenant(change(tenant))
}

async fn world(marked: bool) -> World {
    World::with(directory(marked, |tenant| tenant)).await
}

async fn blueprint(world: &World, changes: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", demo::BLUEPRINT),
        ("client_secret", demo::BLUEPRINT_SECRET),
        ("scope", EXCHANGE),
        ("fmi_path", demo::AGENT),
    ];
    change(&mut form, changes);
    world.token(&form).await
}

async fn agent(world: &World, id: &str, t1: &str, changes: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_assertion_type", TYPE),
        ("client_assertion", t1),
        ("scope", demo::ORDERS_DEFAULT_SCOPE),
        ("requested_token_use", "on_behalf_of"),
    ];
    change(&mut form, changes);
    world.token(&form).await
}

/// A user's token for an API, through the public client of the demo.
fn user_token(world: &World, api: &str) -> String {
    let forge = world.emulator.forge();
    let (client, scopes) = (demo::MCP_CLIENT, ["access_agent"]);
    let token = forge.user_token(demo::TENANT, demo::ALICE, client, api, &scopes);
    token.unwrap().sign().unwrap()
}

fn facets(token: &Token, claim: &str) -> Vec<String> {
    let text = token.claims[claim].as_str().unwrap_or_default();
    let mut all: Vec<_> = text.split(' ').map(str::to_owned).collect();
    all.sort();
    all
}

/// Signs Alice in at a public client with a code and PKCE.
async fn sign_in(world: &World, client: &str) -> Answer {
    let challenge = challenge(VERIFIER);
    let response = world
        .authorize(&[
            ("client_id", client),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", demo::ORDERS_READ_SCOPE),
            ("login_hint", demo::ALICE_UPN),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ])
        .await;
    let code = query(&response, "code").unwrap();
    world
        .token(&[
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
            ("code", &code),
        ])
        .await
}

#[tokio::test]
async fn exchange_tokens_say_what_captured_ones_say() {
    let world = world(true).await;
    let t1 = blueprint(&world, &[]).await.token();
    let issuer = format!("{}/{}/v2.0", world.emulator.base_url(), demo::TENANT);
    assert_eq!(t1.claims["ver"], "2.0");
    assert_eq!(t1.claims["iss"], issuer.as_str());
    assert_eq!(t1.claims["azpacr"], "1");
    assert_eq!(t1.claims["idtyp"], "app");
    assert_eq!(t1.claims["xms_ficinfo"], "CAAQABgAIAAoAjAA");
    assert_eq!(facets(&t1, "xms_act_fct"), ["3", "9"]);
    assert_eq!(facets(&t1, "xms_sub_fct"), ["3", "9"]);
    assert!(t1.claims["xms_idrel"].as_str().unwrap().starts_with("7 "));
    assert_eq!(t1.claims.get("xms_par_app_azp"), None);
    assert_ne!(t1.claims["oid"], demo::BLUEPRINT);
    let path = t1.claims["sub"].as_str().unwrap();
    let path: Vec<_> = path.split('/').collect();
    assert_eq!(path[1..5], ["eid1", "c", "pub", "t"]);
    assert_eq!((path[5].len(), path[6], path[7].len()), (22, "a", 22));
    assert_eq!(path[8..], [demo::AGENT]);

    let exchange = [("scope", EXCHANGE)];
    let t2 = agent(&world, demo::AGENT, &t1.text, &exchange)
        .await
        .token();
    for (claim, value) in [
        ("azp", demo::AGENT),
        ("oid", demo::AGENT),
        ("sub", demo::AGENT),
        ("azpacr", "2"),
        ("idtyp", "app"),
        ("xms_ficinfo", "CAAQABgAIAAoAzAAOAE"),
    ] {
        assert_eq!(t2.claims[claim], value, "{claim}");
    }
    assert_eq!(t2.claims["aud"], t1.claims["aud"]);
    assert!(facets(&t2, "xms_act_fct").contains(&"11".to_owned()));
}

#[tokio::test]
async fn graph_tokens_of_agents_say_what_captured_ones_say() {
    let world = World::with(directory(false, |tenant| {
        tenant.grant(ConsentGrant::delegated(demo::AGENT, GRAPH, ["User.Read"]))
    }))
    .await;
    let t1 = blueprint(&world, &[]).await.token();
    let graph = [("scope", GRAPH_DEFAULT)];
    let own = agent(&world, demo::AGENT, &t1.text, &graph).await.token();
    let tc = user_token(&world, demo::BLUEPRINT);
    let obo = [graph[0], ("grant_type", OBO), ("assertion", &tc)];
    let obo = agent(&world, demo::AGENT, &t1.text, &obo).await.token();
    let itself = [("scope", GRAPH_DEFAULT), ("fmi_path", "")];
    let itself = blueprint(&world, &itself).await.token();
    for (token, appid, proof, kind) in [
        (&own, demo::AGENT, "2", "app"),
        (&obo, demo::AGENT, "2", "user"),
        (&itself, demo::BLUEPRINT, "1", "app"),
    ] {
        assert_eq!(token.claims["ver"], "1.0");
        assert_eq!(token.claims["aud"], "https://graph.microsoft.com");
        assert_eq!(token.claims["appid"], appid);
        assert_eq!(token.claims["appidacr"], proof);
        assert_eq!(token.claims["idtyp"], kind);
    }
    assert_eq!(
        (&own.claims["oid"], &own.claims["sub"]),
        (&demo::AGENT.into(), &demo::AGENT.into())
    );
    assert_eq!(own.claims["xms_par_app_azp"], demo::BLUEPRINT);
    assert_eq!(own.claims.get("scp"), None);
    assert_eq!(facets(&own, "xms_sub_fct"), ["11", "3", "9"]);
    assert_eq!(obo.claims["oid"], demo::ALICE);
    assert_ne!(obo.claims["sub"], demo::ALICE);
    assert_eq!(obo.claims["scp"], "User.Read");
    assert_eq!(obo.claims["xms_par_app_azp"], demo::BLUEPRINT);
    assert!(obo.claims["xms_st"]["sub"].is_string());
    assert_eq!(facets(&obo, "xms_act_fct"), ["11", "3", "9"]);
    let subject = facets(&obo, "xms_sub_fct");
    assert!(!subject.contains(&"11".to_owned()) && !subject.contains(&"13".to_owned()));
    // The blueprint is no agent itself: its principal is the subject.
    assert_eq!(itself.claims["oid"], itself.claims["sub"]);
    assert_ne!(itself.claims["oid"], demo::BLUEPRINT);
    assert_eq!(itself.claims.get("xms_par_app_azp"), None);
    assert_eq!(facets(&itself, "xms_act_fct"), ["3", "9"]);
    // A path belongs to exchanges alone.
    let pathed = blueprint(&world, &[("scope", GRAPH_DEFAULT)]).await;
    pathed.refused(400, "invalid_request", 90100);
}

#[tokio::test]
async fn a_custom_api_gets_no_marker_that_it_did_not_ask_for() {
    for marked in [false, true] {
        let world = world(marked).await;
        let t1 = blueprint(&world, &[]).await.token();
        let token = agent(&world, demo::AGENT, &t1.text, &[]).await.token();
        for claim in MARKERS {
            assert_eq!(token.claims.get(claim).is_some(), marked, "{claim}");
        }
        assert_eq!(token.claims["azp"], demo::AGENT);
    }
}

#[tokio::test]
async fn a_single_instance_agent_uses_the_ordinary_grants() {
    let world = world(true).await;
    let form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", SINGLE),
        ("client_secret", "s"),
        ("scope", demo::ORDERS_DEFAULT_SCOPE),
    ];
    let own = world.token(&form).await.token();
    assert_eq!(own.claims["azp"], SINGLE);
    assert_eq!(own.claims["roles"][0], demo::ORDERS_ROLE);
    // One client id, and another object.
    assert_ne!(own.claims["oid"], SINGLE);
    assert_eq!(facets(&own, "xms_act_fct"), ["11", "3", "9"]);
    let pathed = [("fmi_path", SINGLE), ("scope", EXCHANGE)];
    let mut with_path = form.clone();
    change(&mut with_path, &pathed);
    let refused = world.token(&with_path).await;
    refused.refused(400, "unauthorized_client", 82002);
    for api in [SINGLE, demo::BLUEPRINT] {
        let tc = user_token(&world, api);
        let mut form = form.clone();
        let obo = [("grant_type", OBO), ("assertion", tc.as_str())];
        change(&mut form, &obo);
        change(&mut form, &[("requested_token_use", "on_behalf_of")]);
        let answer = world.token(&form).await;
        match api {
            SINGLE => assert_eq!(answer.token().claims["oid"], demo::ALICE),
            _ => answer.refused(400, "invalid_grant", 500131),
        }
    }
    let code = [
        ("client_id", SINGLE),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid"),
    ];
    world.authorize(&code).await;
    let entry = world.emulator.journal().last().unwrap();
    assert_eq!(entry.error_code(), Some(82014));
}

#[tokio::test]
async fn local_agents_and_metadata_clients_sign_users_in() {
    for marked in [true, false] {
        let world = world(marked).await;
        for (client, id) in [(LOCAL, LOCAL), (DOCUMENT, DOCUMENTED)] {
            let token = sign_in(&world, client).await.token();
            assert_eq!(token.claims["azp"], id);
            assert_eq!(token.claims["azpacr"], "0");
            assert_eq!(token.claims["oid"], demo::ALICE);
            assert_eq!(token.claims["scp"], demo::ORDERS_READ);
            assert_eq!(token.claims.get("xms_par_app_azp"), None);
            let facet = facets(&token, "xms_act_fct").contains(&"11".to_owned());
            assert_eq!(facet, marked, "{client}");
        }
        // They have no credential, and act for nobody but who signs in.
        for client in [LOCAL, DOCUMENT] {
            let alone = [
                ("grant_type", "client_credentials"),
                ("client_id", client),
                ("scope", demo::ORDERS_DEFAULT_SCOPE),
            ];
            let answer = world.token(&alone).await;
            answer.refused(401, "invalid_client", 7000216);
        }
    }
}

#[tokio::test]
async fn a_metadata_url_is_compared_character_for_character() {
    let world = world(false).await;
    for other in [
        "https://vscode.dev/oauth/client-metadata.json/",
        "https://vscode.dev:443/oauth/client-metadata.json",
        "https://VSCODE.dev/oauth/client-metadata.json",
        "https://vscode.dev/oauth/../oauth/client-metadata.json",
    ] {
        let request = [
            ("client_id", other),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", "openid"),
        ];
        assert_ne!(world.authorize(&request).await.status(), 302);
        let entry = world.emulator.journal().last().unwrap();
        assert_eq!(entry.error_code(), Some(700_016), "{other}");
    }
}

#[tokio::test]
async fn a_metadata_url_may_be_what_azp_says() {
    let directory = directory(true, |tenant| tenant.reading(Reading::MetadataUrlInAzp));
    let world = World::with(directory).await;
    let token = sign_in(&world, DOCUMENT).await.token();
    assert_eq!(token.claims["azp"], DOCUMENT);
    let token = sign_in(&world, LOCAL).await.token();
    assert_eq!(token.claims["azp"], LOCAL);
}

#[tokio::test]
async fn a_grant_to_the_blueprint_counts_for_agents_only_where_it_is_inheritable() {
    for inheritable in [false, true] {
        let directory = directory(false, |tenant| {
            let (api, scopes) = (demo::ORDERS_API, [demo::ORDERS_WRITE]);
            let for_all = ConsentGrant::delegated(demo::BLUEPRINT, api, scopes);
            let roles = ConsentGrant::app_roles(demo::BLUEPRINT, api, [demo::ORDERS_ROLE]);
            tenant.grant(for_all).grant(roles)
        });
        let directory = directory.map_app(demo::BLUEPRINT, |app| match inheritable {
            true => app.inheritable(demo::ORDERS_API),
            false => app,
        });
        let world = World::with(directory).await;
        let t1 = blueprint(&world, &[("fmi_path", OTHER_AGENT)])
            .await
            .token();
        let tc = user_token(&world, demo::BLUEPRINT);
        let obo = [("grant_type", OBO), ("assertion", tc.as_str())];
        let answer = agent(&world, OTHER_AGENT, &t1.text, &obo).await;
        let own = agent(&world, OTHER_AGENT, &t1.text, &[]).await.token();
        if inheritable {
            assert_eq!(answer.token().claims["scp"], demo::ORDERS_WRITE);
            assert_eq!(own.claims["roles"][0], demo::ORDERS_ROLE);
        } else {
            let text = answer.text("error_description").to_owned();
            // It names the agent identity, and not the blueprint.
            assert!(text.contains(OTHER_AGENT), "{text}");
            answer.refused(400, "invalid_grant", 65001);
            assert_eq!(own.claims.get("roles"), None);
        }
        // With a grant of its own, both count.
        let t1 = blueprint(&world, &[]).await.token();
        let token = agent(&world, demo::AGENT, &t1.text, &obo).await.token();
        let expected = match inheritable {
            true => format!("{} {}", demo::ORDERS_READ, demo::ORDERS_WRITE),
            false => demo::ORDERS_READ.to_owned(),
        };
        assert_eq!(token.claims["scp"], expected.as_str());
    }
}

#[tokio::test]
async fn an_agents_user_is_reached_by_its_own_agent_alone() {
    let world = world(false).await;
    let t1 = blueprint(&world, &[]).await.token();
    let other_t1 = blueprint(&world, &[("fmi_path", OTHER_AGENT)])
        .await
        .token();
    let exchange = [("scope", EXCHANGE)];
    let t2 = agent(&world, demo::AGENT, &t1.text, &exchange)
        .await
        .token();
    let other_t2 = agent(&world, OTHER_AGENT, &other_t1.text, &exchange).await;
    let other_t2 = other_t2.token();
    let as_user = async |t2: &str, more: &[(&str, &str)]| {
        let mut form = vec![
            ("grant_type", "user_fic"),
            ("user_federated_identity_credential", t2),
        ];
        form.extend(more);
        agent(&world, demo::AGENT, &t1.text, &form).await
    };
    let own = ("user_id", demo::AGENT_USER);
    as_user(&t2.text, &[own]).await.token();
    // Another agent's exchange token, another agent's user, and both names at once.
    let answer = as_user(&other_t2.text, &[own]).await;
    answer.refused(401, "invalid_client", 700_213);
    let answer = as_user(&t2.text, &[("user_id", OTHER_USER)]).await;
    answer.refused(400, "unauthorized_client", 82002);
    let answer = as_user(&t2.text, &[own, ("username", demo::AGENT_USER_UPN)]).await;
    answer.refused(400, "invalid_request", 90100);
}

#[tokio::test]
async fn a_blueprint_is_an_ordinary_resource() {
    let world = world(false).await;
    let token = world.sign_in(demo::BLUEPRINT_SCOPE).await.token();
    assert_eq!(token.claims["scp"], "access_agent");
    let t1 = blueprint(&world, &[]).await.token();
    // The URI form of the audience is as good as the client id, the agent's is not.
    for (api, good) in [(demo::BLUEPRINT_URI, true), (demo::AGENT, false)] {
        let tc = world.emulator.forge();
        let (client, scopes) = (demo::MCP_CLIENT, ["access_agent"]);
        let tc = tc.user_token(demo::TENANT, demo::ALICE, client, demo::BLUEPRINT, &scopes);
        let tc = tc.unwrap().claim("aud", api).sign().unwrap();
        let obo = [("grant_type", OBO), ("assertion", tc.as_str())];
        let answer = agent(&world, demo::AGENT, &t1.text, &obo).await;
        match good {
            true => assert_eq!(answer.token().claims["oid"], demo::ALICE),
            false => answer.refused(400, "invalid_grant", 500_131),
        }
    }
}
