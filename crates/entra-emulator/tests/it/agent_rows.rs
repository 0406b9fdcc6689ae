//! Requests of agents as captures have them: what each leg takes, gives and refuses.

use entra_emulator::{App, ConsentGrant, Directory, demo};
use reqwest::Method;
use serde_json::{Value, json};

use crate::graph::refused as refused_by_graph;
use crate::support::{Answer, OBO, World, change};

const OTHER_AGENT: &str = "c0de0000-a6e0-4000-8000-0000000000c4";
const EXCHANGE: &str = "api://AzureADTokenExchange/.default";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const GRAPH_DEFAULT: &str = "https://graph.microsoft.com/.default";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn world() -> World {
    let tenant = Directory::demo().tenants().next().unwrap().clone();
    let other = App::new(OTHER_AGENT, "Other agent").agent_identity_of(demo::BLUEPRINT);
    let of_user = ConsentGrant::delegated(demo::AGENT, GRAPH, ["User.Read"]);
    let tenant = tenant.app(other).grant(of_user);
    World::with(Directory::new().tenant(tenant)).await
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

async fn as_client(world: &World, id: &str, proof: &str, changes: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_assertion_type", TYPE),
        ("client_assertion", proof),
        ("scope", demo::ORDERS_DEFAULT_SCOPE),
    ];
    change(&mut form, changes);
    world.token(&form).await
}

fn caller(world: &World, api: &str) -> String {
    let forge = world.emulator.forge();
    let (client, scopes) = (demo::MCP_CLIENT, ["access_agent"]);
    let token = forge.user_token(demo::TENANT, demo::ALICE, client, api, &scopes);
    token.unwrap().sign().unwrap()
}

/// Minutes between `nbf` and `exp`.
fn minutes(claims: &Value) -> i64 {
    (claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap()) / 60
}

#[tokio::test]
async fn exchange_tokens_live_an_hour_and_the_exchange_is_spelt_in_two_ways() {
    let world = world().await;
    for scope in [EXCHANGE, "api://AzureAdTokenExchange/.default"] {
        let t1 = blueprint(&world, &[("scope", scope)]).await.token();
        assert_eq!(minutes(&t1.claims), 65, "{scope}");
        let own = as_client(&world, demo::AGENT, &t1.text, &[("scope", scope)]).await;
        assert_eq!(minutes(&own.token().claims), 65, "{scope}");
    }
}

#[tokio::test]
async fn an_agent_refreshes_with_a_fresh_exchange_token() {
    let world = world().await;
    let t1 = blueprint(&world, &[]).await.token();
    let tc = caller(&world, demo::BLUEPRINT);
    let scope = format!("{} offline_access", demo::ORDERS_READ_SCOPE);
    let obo = [
        ("grant_type", OBO),
        ("assertion", tc.as_str()),
        ("requested_token_use", "on_behalf_of"),
        ("scope", scope.as_str()),
    ];
    let answer = as_client(&world, demo::AGENT, &t1.text, &obo).await;
    let refresh = answer.text("refresh_token").to_owned();
    let again = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("scope", demo::ORDERS_READ_SCOPE),
    ];
    let fresh = blueprint(&world, &[]).await.token();
    let token = as_client(&world, demo::AGENT, &fresh.text, &again)
        .await
        .token();
    assert_eq!(
        (&token.claims["oid"], &token.claims["azp"]),
        (&demo::ALICE.into(), &demo::AGENT.into())
    );
    // Another agent's proof, and none.
    let other = blueprint(&world, &[("fmi_path", OTHER_AGENT)])
        .await
        .token();
    let answer = as_client(&world, demo::AGENT, &other.text, &again).await;
    answer.refused(401, "invalid_client", 700_213);
    let answer = as_client(&world, OTHER_AGENT, &other.text, &again).await;
    answer.refused(400, "invalid_grant", 70000);
    let mut bare = again.to_vec();
    bare.push(("client_id", demo::AGENT));
    world
        .token(&bare)
        .await
        .refused(401, "invalid_client", 7_000_218);
}

#[tokio::test]
async fn an_agents_user_gets_an_id_token_for_the_agent_alone() {
    let world = world().await;
    let t1 = blueprint(&world, &[]).await.token();
    let t2 = as_client(&world, demo::AGENT, &t1.text, &[("scope", EXCHANGE)])
        .await
        .token();
    let openid = [
        ("grant_type", "user_fic"),
        ("user_federated_identity_credential", t2.text.as_str()),
        ("user_id", demo::AGENT_USER),
        ("scope", "openid profile"),
    ];
    let answer = as_client(&world, demo::AGENT, &t1.text, &openid).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let id_token = crate::support::Token::read(answer.text("id_token"));
    assert_eq!(id_token.claims["aud"], demo::AGENT);
    assert_eq!(id_token.claims["oid"], demo::AGENT_USER);
}

#[tokio::test]
async fn a_leg_with_the_wrong_token_is_refused_as_captured() {
    let world = world().await;
    let t1 = blueprint(&world, &[]).await.token();
    // The first leg asked for Graph.
    let graph = [("scope", GRAPH_DEFAULT), ("fmi_path", "")];
    let graph = blueprint(&world, &graph).await.token();
    let answer = as_client(&world, demo::AGENT, &graph.text, &[]).await;
    answer.refused(401, "invalid_client", 700_211);
    // The caller's token is Graph's: its signature does not hold for anybody else.
    let assertion = world.forged().sign().unwrap();
    let user = world
        .obo(&assertion, &[("scope", demo::GRAPH_SCOPE)])
        .await
        .token();
    let obo = [
        ("grant_type", OBO),
        ("assertion", user.text.as_str()),
        ("requested_token_use", "on_behalf_of"),
    ];
    let answer = as_client(&world, demo::AGENT, &t1.text, &obo).await;
    answer.refused(400, "invalid_grant", 50013);
    // An application that is no agent of this blueprint.
    let answer = as_client(&world, demo::DAEMON, &t1.text, &[]).await;
    answer.refused(401, "invalid_client", 70025);
    // A named scope where there is no user, an empty path, a path that is none.
    let named = [("scope", demo::ORDERS_READ_SCOPE)];
    let answer = as_client(&world, demo::AGENT, &t1.text, &named).await;
    answer.refused(400, "invalid_scope", 1_002_012);
    let empty = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::BLUEPRINT),
        ("client_secret", demo::BLUEPRINT_SECRET),
        ("scope", EXCHANGE),
        ("fmi_path", ""),
    ];
    world
        .token(&empty)
        .await
        .refused(400, "invalid_request", 90100);
    // RFC 8693 has one number for agents and another for everybody else.
    let kind = "urn:ietf:params:oauth:grant-type:token-exchange";
    let answer = world.daemon(&[("grant_type", kind)]).await;
    answer.refused(400, "unsupported_grant_type", 70003);
}

#[tokio::test]
async fn the_refusal_of_a_blueprint_names_the_resource_by_its_id() {
    let world = world().await;
    let direct = [("scope", demo::ORDERS_DEFAULT_SCOPE), ("fmi_path", "")];
    let answer = blueprint(&world, &direct).await;
    let said = answer.text("error_description");
    for part in [
        "AADSTS82001: Agentic application '",
        demo::BLUEPRINT,
        "is not permitted to request app-only tokens for resource",
        demo::ORDERS_API,
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test]
async fn agents_are_granted_for_one_principal_and_never_what_is_block_listed() {
    let world = world().await;
    let rights = [
        "DelegatedPermissionGrant.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
    ];
    let token = world.graph_token(&rights);
    let found = world
        .graph(
            Method::GET,
            &format!("/graph/v1.0/servicePrincipals?$filter=appId eq '{GRAPH}'"),
            &world.graph_token(&["Application.Read.All"]),
            None,
        )
        .await;
    let graph = found.json["value"][0].clone();
    let grant = |scope: &str, user: Option<&str>| {
        let kind = if user.is_some() {
            "Principal"
        } else {
            "AllPrincipals"
        };
        json!({
            "clientId": demo::AGENT, "consentType": kind, "principalId": user,
            "resourceId": graph["id"], "scope": scope, "startTime": "2024-01-01T00:00:00Z",
        })
    };
    let path = "/graph/v1.0/oauth2PermissionGrants";
    let body = grant("Mail.Read", Some(demo::AGENT_USER));
    let made = world.graph(Method::POST, path, &token, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.json);
    for blocked in ["Application.ReadWrite.All", "Directory.ReadWrite.All"] {
        let body = grant(&format!("User.Read {blocked}"), None);
        let answer = world.graph(Method::POST, path, &token, Some(body)).await;
        refused_by_graph(&answer, 400, "Request_BadRequest");
        let roles = graph["appRoles"].as_array().unwrap();
        let role = roles.iter().find(|role| role["value"] == blocked).unwrap();
        let body = json!({
            "principalId": demo::AGENT, "resourceId": graph["id"], "appRoleId": role["id"],
        });
        let path = format!(
            "/graph/v1.0/servicePrincipals/{}/appRoleAssignments",
            demo::AGENT
        );
        let answer = world.graph(Method::POST, &path, &token, Some(body)).await;
        refused_by_graph(&answer, 400, "Request_BadRequest");
    }
}
