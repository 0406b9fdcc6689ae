//! The authorization endpoint: what is asked for.

use entra_emulator::{ConsentGrant, Directory, demo};
use reqwest::Response;

use crate::support::{VERIFIER, World, challenge, change, query, sign_in};

async fn ask(world: &World, scope: &str, changes: &[(&str, &str)]) -> Response {
    let hash = challenge(VERIFIER);
    let mut request = sign_in(&hash, scope);
    change(&mut request, changes);
    world.authorize(&request).await
}

#[track_caller]
fn refused(response: &Response, error: &str, code: u32) {
    let text = query(response, "error_description").unwrap();
    assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
    assert_eq!(query(response, "error").as_deref(), Some(error), "{text}");
    assert_eq!(query(response, "code"), None);
}

#[tokio::test]
async fn scope_is_compulsory() {
    let world = World::new().await;
    let response = ask(&world, "x", &[("scope", "")]).await;
    refused(&response, "invalid_request", 900144);
}

#[tokio::test]
async fn the_resource_parameter_must_be_an_identifier_uri_of_the_scopes_app() {
    let world = World::new().await;
    let equal = [("resource", demo::MCP_SERVER_URI)];
    assert!(query(&ask(&world, demo::MCP_READ_SCOPE, &equal).await, "code").is_some());
    let slash = format!("{}/", demo::MCP_SERVER_URI);
    let upper = demo::MCP_SERVER_URI.to_uppercase();
    for other in [
        "http://localhost:3000/mcp",
        demo::ORDERS_API_URI,
        // The client id is a name of the resource, but not an identifier URI.
        demo::MCP_SERVER,
        &slash,
        &upper,
    ] {
        let response = ask(&world, demo::MCP_READ_SCOPE, &[("resource", other)]).await;
        refused(&response, "invalid_target", 9010010);
    }
    // A short scope is Graph's, so no URI of another app fits.
    let response = ask(&world, demo::MCP_READ, &equal).await;
    refused(&response, "invalid_target", 9010010);
}

#[tokio::test]
async fn each_of_several_resource_parameters_counts() {
    let world = World::new().await;
    let hash = challenge(VERIFIER);
    let mut request = sign_in(&hash, demo::MCP_READ_SCOPE);
    request.push(("resource", demo::MCP_SERVER_URI));
    request.push(("resource", "http://localhost:3000/mcp"));
    refused(&world.authorize(&request).await, "invalid_target", 9010010);
}

#[tokio::test]
async fn an_mcp_server_that_registers_its_url_needs_no_facade() {
    let url = "http://localhost:3000/mcp";
    let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| app.identifier_uri(url));
    let world = World::with(directory).await;
    let scope = format!("{url}/mcp.read");
    let response = ask(&world, &scope, &[("resource", url)]).await;
    let code = query(&response, "code").unwrap();
    let answer = world.redeem(&code).await;
    assert_eq!(answer.token().claims["aud"], demo::MCP_SERVER);
    assert_eq!(answer.text("scope"), format!("{scope} {url}/mcp.write"));
}

#[tokio::test]
async fn a_short_scope_belongs_to_graph() {
    let world = World::new().await;
    let response = ask(&world, demo::MCP_READ, &[]).await;
    refused(&response, "invalid_client", 650053);
    let text = query(&response, "error_description").unwrap();
    assert!(
        text.contains("'MCP client' asked for scope 'mcp.read'"),
        "{text}"
    );
    assert!(
        text.contains("00000003-0000-0000-c000-000000000000"),
        "{text}"
    );
}

#[tokio::test]
async fn scopes_that_cannot_be_had() {
    let world = World::new().await;
    let two = format!("{} {}", demo::MCP_READ_SCOPE, demo::REPORTS_READ_SCOPE);
    let mixed = format!("{} {}", demo::MCP_READ_SCOPE, demo::MCP_DEFAULT_SCOPE);
    let unknown = format!("{}/other", demo::MCP_SERVER_URI);
    for (scope, error, code) in [
        (two.as_str(), "invalid_request", 28000),
        (&mixed, "invalid_scope", 70011),
        (&unknown, "invalid_client", 650053),
        ("api://nobody/read", "invalid_resource", 500011),
        ("api://", "invalid_scope", 70011),
        ("/read", "invalid_scope", 70011),
        ("a\"b", "invalid_scope", 70011),
        (" ", "invalid_scope", 70011),
    ] {
        refused(&ask(&world, scope, &[]).await, error, code);
    }
}

#[tokio::test]
async fn two_names_of_one_resource_are_one_resource() {
    let world = World::new().await;
    let scope = format!("{} {}/mcp.write", demo::MCP_READ_SCOPE, demo::MCP_SERVER);
    let code = query(&ask(&world, &scope, &[]).await, "code").unwrap();
    assert_eq!(
        world.redeem(&code).await.token().claims["scp"],
        "mcp.read mcp.write"
    );
}

#[tokio::test]
async fn consent_is_needed_and_may_be_one_users() {
    let world = World::new().await;
    let response = ask(&world, demo::ORDERS_READ_SCOPE, &[]).await;
    refused(&response, "interaction_required", 65001);
    assert_eq!(
        query(&response, "error_subcode").as_deref(),
        Some("consent_required")
    );
    let default = ask(&world, demo::ORDERS_DEFAULT_SCOPE, &[]).await;
    refused(&default, "interaction_required", 65001);

    let grant = ConsentGrant::delegated(demo::MCP_CLIENT, demo::ORDERS_API, [demo::ORDERS_READ])
        .only_for(demo::ALICE);
    world.emulator.grant_consent(demo::TENANT, grant).unwrap();
    let response = ask(&world, demo::ORDERS_READ_SCOPE, &[]).await;
    assert!(query(&response, "code").is_some());
    let bob = [("login_hint", demo::BOB_UPN)];
    let response = ask(&world, demo::ORDERS_READ_SCOPE, &bob).await;
    refused(&response, "interaction_required", 65001);
}

#[tokio::test]
async fn default_gives_all_that_was_consented_to() {
    let world = World::new().await;
    let answer = world.sign_in(demo::MCP_DEFAULT_SCOPE).await;
    assert_eq!(answer.token().claims["scp"], "mcp.read mcp.write");
    let all = [
        demo::MCP_READ_SCOPE,
        demo::MCP_WRITE_SCOPE,
        demo::MCP_DEFAULT_SCOPE,
    ];
    assert_eq!(answer.text("scope"), all.join(" "));
}
