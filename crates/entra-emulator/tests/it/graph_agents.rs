//! Graph's objects of Entra Agent ID: set up in order, and refused to clients that carry too
//! much.

use entra_emulator::{ConsentGrant, Directory, Reading, demo};
use reqwest::Method;
use serde_json::{Value, json};

use crate::graph::refused;
use crate::support::{Answer, World};

const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const BLUEPRINTS: &str = "/graph/v1.0/applications/microsoft.graph.agentIdentityBlueprint";
const PRINCIPALS: &str =
    "/graph/v1.0/servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal";
const IDENTITIES: &str = "/graph/beta/servicePrincipals/Microsoft.Graph.AgentIdentity";
const EXCHANGE: &str = "api://AzureADTokenExchange/.default";
const MANAGER: [&str; 6] = [
    "AgentIdentityBlueprint.Create",
    "AgentIdentityBlueprint.AddRemoveCreds.All",
    "AgentIdentityBlueprint.UpdateAuthProperties.All",
    "AgentIdentityBlueprint.Read.All",
    "AgentIdentityBlueprintPrincipal.Create",
    "AgentIdentity.EnableDisable.All",
];

fn manager(world: &World, more: &[&str]) -> String {
    world.graph_token(&[&MANAGER[..], more].concat())
}

fn sponsored(name: &str) -> Value {
    let sponsor = format!("https://graph.microsoft.com/v1.0/users/{}", demo::ALICE);
    json!({ "displayName": name, "sponsors@odata.bind": [sponsor] })
}

async fn post(world: &World, path: &str, token: &str, body: Value) -> Answer {
    world.graph(Method::POST, path, token, Some(body)).await
}

async fn client_credentials(
    world: &World,
    id: &str,
    secret: &str,
    more: &[(&str, &str)],
) -> Answer {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
    ];
    form.extend(more);
    world.token(&form).await
}

#[tokio::test]
async fn an_agent_is_set_up_in_order_and_works() {
    let world = World::new().await;
    let token = manager(&world, &[]);
    let bare = post(&world, BLUEPRINTS, &token, json!({ "displayName": "B" })).await;
    refused(&bare, 400, "Request_BadRequest");
    let made = post(&world, BLUEPRINTS, &token, sponsored("B")).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let (blueprint, object) = (made.text("appId").to_owned(), made.text("id").to_owned());
    assert_ne!(blueprint, object);
    let secret = format!("/graph/v1.0/applications/{object}/addPassword");
    let secret = post(&world, &secret, &token, json!({})).await;
    let secret = secret.text("secretText").to_owned();
    // The principal is made apart, and without it there is no such client in the tenant.
    let graph = [("scope", "https://graph.microsoft.com/.default")];
    let absent = client_credentials(&world, &blueprint, &secret, &graph).await;
    absent.refused(400, "unauthorized_client", 700_016);
    let principal = json!({ "appId": blueprint });
    let made = post(&world, PRINCIPALS, &token, principal.clone()).await;
    assert_eq!(made.status, 201);
    let again = post(&world, PRINCIPALS, &token, principal).await;
    refused(&again, 409, "Request_MultipleObjectsWithSameKeyValue");
    let face = json!({
        "identifierUris": [format!("api://{blueprint}")],
        "api": { "oauth2PermissionScopes": [{ "value": "access_agent" }] },
        "web": { "redirectUris": ["https://app.contoso.example/consented"] },
    });
    let path = format!("/graph/v1.0/applications/{blueprint}");
    let changed = world.graph(Method::PATCH, &path, &token, Some(face)).await;
    assert_eq!(changed.status, 204);

    // The blueprint makes its identity, with its own token.
    let own = client_credentials(&world, &blueprint, &secret, &graph).await;
    let own = own.token();
    assert_eq!(own.claims["roles"][0], "AgentIdentity.CreateAsManager");
    let mut body = sponsored("A");
    body["agentIdentityBlueprintId"] = json!(blueprint);
    let made = post(&world, IDENTITIES, &own.text, body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let agent = made.text("appId").to_owned();
    assert_eq!(made.text("id"), agent);
    assert_eq!(made.text("servicePrincipalType"), "ServiceIdentity");
    body["agentIdentityBlueprintId"] = json!(demo::BLUEPRINT);
    let foreign = post(&world, IDENTITIES, &own.text, body).await;
    refused(&foreign, 403, "Authorization_RequestDenied");
    let account = json!({
        "@odata.type": "microsoft.graph.agentUser",
        "displayName": "A's user",
        "userPrincipalName": "a@contoso.onmicrosoft.com",
        "identityParentId": agent,
        "accountEnabled": true,
    });
    let made = post(&world, "/graph/beta/users", &own.text, account.clone()).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let second = post(&world, "/graph/beta/users", &own.text, account).await;
    refused(&second, 409, "Request_MultipleObjectsWithSameKeyValue");

    let leg = [("scope", EXCHANGE), ("fmi_path", agent.as_str())];
    let t1 = client_credentials(&world, &blueprint, &secret, &leg).await;
    let t1 = t1.token();
    assert!(t1.claims["sub"].as_str().unwrap().ends_with(&agent));

    // Disabled, it is refused.
    let path = format!("/graph/v1.0/servicePrincipals/{agent}");
    let off = json!({ "accountEnabled": false });
    let done = world.graph(Method::PATCH, &path, &token, Some(off)).await;
    assert_eq!(done.status, 204);
    let disabled = client_credentials(&world, &blueprint, &secret, &leg).await;
    disabled.refused(400, "unauthorized_client", 7_000_112);
}

#[tokio::test]
async fn a_broad_directory_permission_makes_agent_permissions_count_for_nothing() {
    let world = World::new().await;
    for broad in ["Directory.AccessAsUser.All", "Directory.ReadWrite.All"] {
        let token = manager(&world, &[broad]);
        let answer = post(&world, BLUEPRINTS, &token, sponsored("B")).await;
        refused(&answer, 403, "Authorization_RequestDenied");
    }
    let weak = world.graph_token(&["Application.ReadWrite.All"]);
    let answer = post(&world, BLUEPRINTS, &weak, sponsored("B")).await;
    refused(&answer, 403, "Authorization_RequestDenied");
    let right = manager(&world, &[]);
    let answer = post(&world, BLUEPRINTS, &right, sponsored("B")).await;
    assert_eq!(answer.status, 201);
    let all = world.graph(Method::GET, BLUEPRINTS, &right, None).await;
    assert_eq!(all.json["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_tenant_without_agents_says_so() {
    let directory = Directory::demo().reading(Reading::AgentIdUnavailable);
    let world = World::with(directory).await;
    let token = manager(&world, &[]);
    let answer = world.graph(Method::GET, BLUEPRINTS, &token, None).await;
    refused(&answer, 400, "Request_BadRequest");
    let text = answer.json["error"]["message"].as_str().unwrap();
    assert!(text.contains("not found for the segment"), "{text}");
}

#[tokio::test]
async fn inheritable_permissions_are_made_changed_and_removed() {
    let directory = Directory::demo();
    let grant = ConsentGrant::delegated(demo::BLUEPRINT, GRAPH, ["User.Read"]);
    let tenant = directory.tenants().next().unwrap().clone().grant(grant);
    let world = World::with(Directory::new().tenant(tenant)).await;
    let token = manager(&world, &[]);
    let path = format!("{BLUEPRINTS}/{}/inheritablePermissions", demo::BLUEPRINT);
    let kinds = |kind: &str| {
        let scopes = format!("#microsoft.graph.{kind}Scopes");
        let name = if kind == "no" { "none" } else { "allAllowed" };
        json!({ "inheritableScopes": { "@odata.type": scopes, "kind": name } })
    };
    let with = |id: &str| {
        let mut body = kinds("allAllowed");
        body["resourceAppId"] = json!(id);
        body
    };
    let bad = post(&world, &path, &token, with("graph")).await;
    refused(&bad, 400, "Request_BadRequest");
    let of_agent = async || {
        let leg = [("scope", EXCHANGE), ("fmi_path", demo::AGENT)];
        let (id, secret) = (demo::BLUEPRINT, demo::BLUEPRINT_SECRET);
        let t1 = client_credentials(&world, id, secret, &leg).await;
        let t1 = t1.token().text;
        let forge = world.emulator.forge();
        let (client, scopes) = (demo::MCP_CLIENT, ["access_agent"]);
        let tc = forge.user_token(demo::TENANT, demo::ALICE, client, id, &scopes);
        let tc = tc.unwrap().sign().unwrap();
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let form = [
            ("grant_type", crate::support::OBO),
            ("client_id", demo::AGENT),
            ("client_assertion_type", kind),
            ("client_assertion", &t1),
            ("assertion", &tc),
            ("requested_token_use", "on_behalf_of"),
            ("scope", "https://graph.microsoft.com/User.Read"),
        ];
        world.token(&form).await
    };
    of_agent().await.refused(400, "invalid_grant", 65001);
    let made = post(&world, &path, &token, with(GRAPH)).await;
    assert_eq!(made.status, 201, "{}", made.json);
    assert_eq!(of_agent().await.token().claims["scp"], "User.Read");
    let again = post(&world, &path, &token, with(GRAPH)).await;
    refused(&again, 409, "Request_MultipleObjectsWithSameKeyValue");
    let one = format!("{path}/{GRAPH}");
    let none = Some(kinds("no"));
    let changed = world.graph(Method::PATCH, &one, &token, none).await;
    assert_eq!(changed.status, 204);
    of_agent().await.refused(400, "invalid_grant", 65001);
    for status in [204, 404] {
        let removed = world.graph(Method::DELETE, &one, &token, None).await;
        assert_eq!(removed.status, status);
    }
    for n in 0..11 {
        let id = format!("c0de0000-0000-4000-8000-0000000000{n:02}");
        let made = post(&world, &path, &token, with(&id)).await;
        assert_eq!(made.status, if n < 10 { 201 } else { 400 }, "{n}");
    }
}
