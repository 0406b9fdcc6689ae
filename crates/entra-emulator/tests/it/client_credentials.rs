//! Apps as themselves.

use entra_emulator::{ConsentGrant, Directory, OptionalClaim, RequestedTokenVersion, demo};

use crate::support::World;

#[tokio::test]
async fn the_answer_has_four_members() {
    let world = World::new().await;
    let answer = world.daemon(&[("client_info", "1")]).await;
    let members: Vec<_> = answer.json.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        ["access_token", "expires_in", "ext_expires_in", "token_type"]
    );
    assert_eq!(answer.json["expires_in"], 3599);
    assert_eq!(answer.headers["pragma"], "no-cache");
}

#[tokio::test]
async fn the_scope_is_one_default_of_a_known_resource() {
    let world = World::new().await;
    for named in [demo::MCP_READ_SCOPE, "openid", "mcp.read"] {
        let answer = world.daemon(&[("scope", named)]).await;
        answer.refused(400, "invalid_scope", 1002012);
    }
    // MSAL Go sends them; they give nothing here.
    let more = format!("{} openid offline_access profile", demo::MCP_DEFAULT_SCOPE);
    let answer = world.daemon(&[("scope", &more)]).await;
    answer.token();
    assert!(answer.json.get("refresh_token").is_none());
    assert!(answer.json.get("id_token").is_none());
    let two = format!("{} {}", demo::MCP_DEFAULT_SCOPE, demo::ORDERS_DEFAULT_SCOPE);
    world
        .daemon(&[("scope", &two)])
        .await
        .refused(400, "invalid_scope", 1002012);
    let answer = world.daemon(&[("scope", "api://nobody/.default")]).await;
    answer.refused(400, "invalid_resource", 500011);
    assert!(answer.text("error_description").contains("api://nobody"));
    world
        .daemon(&[("scope", "")])
        .await
        .refused(400, "invalid_request", 900144);
}

#[tokio::test]
async fn the_resource_parameter_must_be_the_resource() {
    let world = World::new().await;
    world
        .daemon(&[("resource", demo::MCP_SERVER_URI)])
        .await
        .token();
    let answer = world.daemon(&[("resource", demo::ORDERS_API_URI)]).await;
    answer.refused(400, "invalid_target", 9010010);
}

#[tokio::test]
async fn roles_are_those_assigned_and_may_be_none() {
    let world = World::new().await;
    let orders = [("scope", demo::ORDERS_DEFAULT_SCOPE)];
    assert!(
        world
            .daemon(&orders)
            .await
            .token()
            .claims
            .get("roles")
            .is_none()
    );
    let grant = ConsentGrant::app_roles(demo::DAEMON, demo::ORDERS_API, [demo::ORDERS_ROLE]);
    world.emulator.grant_consent(demo::TENANT, grant).unwrap();
    let claims = world.daemon(&orders).await.token().claims;
    assert_eq!(claims["roles"], serde_json::json!([demo::ORDERS_ROLE]));
}

#[tokio::test]
async fn idtyp_is_there_only_if_the_resource_asks() {
    let world = World::new().await;
    assert!(
        world
            .daemon(&[])
            .await
            .token()
            .claims
            .get("idtyp")
            .is_none()
    );
    let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| {
        app.optional_claim(OptionalClaim::Idtyp)
    });
    let world = World::with(directory).await;
    assert_eq!(world.daemon(&[]).await.token().claims["idtyp"], "app");
    let user = world.sign_in(demo::MCP_READ_SCOPE).await.token();
    assert!(user.claims.get("idtyp").is_none());
}

#[tokio::test]
async fn a_v1_resource_gets_the_name_it_was_asked_by() {
    let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| {
        app.token_version(RequestedTokenVersion::V1)
    });
    let world = World::with(directory).await;
    let claims = world.daemon(&[]).await.token().claims;
    assert_eq!(claims["aud"], demo::MCP_SERVER_URI);
    assert_eq!(claims["appid"], demo::DAEMON);
    assert_eq!(claims["idp"], claims["iss"]);
    let by_id = format!("{}/.default", demo::MCP_SERVER);
    let claims = world.daemon(&[("scope", &by_id)]).await.token().claims;
    assert_eq!(claims["aud"], demo::MCP_SERVER);
}
