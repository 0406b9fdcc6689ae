//! The story the workspace is about: sign in, call on behalf of.

use entra_emulator::demo;

use crate::support::World;

#[tokio::test]
async fn a_user_signs_in_and_the_server_calls_on_behalf_of_the_user() {
    let world = World::new().await;
    let base = world.emulator.base_url();
    let keys = world
        .get(&format!("/{}/discovery/v2.0/keys", demo::TENANT))
        .await
        .json;

    let first = world.sign_in(demo::MCP_READ_SCOPE).await.token();
    assert!(first.verifies(&keys));
    assert_eq!(first.claims["aud"], demo::MCP_SERVER);
    assert_eq!(first.claims["iss"], format!("{base}/{}/v2.0", demo::TENANT));
    assert_eq!(first.claims["azp"], demo::MCP_CLIENT);
    assert_eq!(first.claims["azpacr"], "0");
    assert_eq!(first.claims["scp"], "mcp.read mcp.write");

    let second = world.obo(&first.text, &[]).await.token();
    assert!(second.verifies(&keys));
    assert_eq!(second.claims["aud"], demo::ORDERS_API);
    assert_eq!(second.claims["azp"], demo::MCP_SERVER);
    assert_eq!(second.claims["azpacr"], "1");
    assert_eq!(second.claims["scp"], "orders.read");
    assert_eq!(second.claims["oid"], demo::ALICE);
    for same in ["oid", "tid", "iss", "name", "preferred_username"] {
        assert_eq!(first.claims[same], second.claims[same], "{same}");
    }
    for other in ["sub", "uti", "aud", "azp"] {
        assert_ne!(first.claims[other], second.claims[other], "{other}");
    }
}

#[tokio::test]
async fn an_app_gets_a_token_as_itself() {
    let world = World::new().await;
    let token = world.daemon(&[]).await.token();
    assert_eq!(token.claims["aud"], demo::MCP_SERVER);
    assert_eq!(token.claims["roles"][0], demo::MCP_RUN_ROLE);
    assert_eq!(token.claims["oid"], token.claims["sub"]);
    assert!(token.claims.get("scp").is_none());
}
