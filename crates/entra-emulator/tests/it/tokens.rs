//! What tokens carry, in both versions.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use entra_emulator::{Directory, OptionalClaim, RequestedTokenVersion, demo};
use serde_json::Value;

use crate::support::{Token, World};

fn names(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn a_v2_token_of_a_user() {
    let world = World::new().await;
    world.emulator.clock().freeze_at(1_800_000_000);
    let answer = world.sign_in(demo::MCP_READ_SCOPE).await;
    let token = answer.token();
    assert_eq!(names(&token.header), ["alg", "kid", "typ"]);
    assert_eq!(
        names(&token.claims),
        [
            "aio",
            "aud",
            "azp",
            "azpacr",
            "exp",
            "iat",
            "iss",
            "name",
            "nbf",
            "oid",
            "preferred_username",
            "rh",
            "scp",
            "sub",
            "tid",
            "uti",
            "ver",
            "xms_ftd",
        ]
    );
    let c = &token.claims;
    assert_eq!(c["iat"], 1_799_999_700_i64, "five minutes ago");
    assert_eq!(c["nbf"], c["iat"]);
    assert_eq!(
        c["exp"],
        1_800_000_001 + answer.json["expires_in"].as_i64().unwrap()
    );
    assert_eq!(c["ver"], "2.0");
    assert_eq!(c["name"], demo::ALICE_NAME);
    assert_eq!(c["preferred_username"], demo::ALICE_UPN);
}

#[tokio::test]
async fn a_v1_token_of_a_user() {
    let world = World::new().await;
    let token = world.sign_in(demo::REPORTS_READ_SCOPE).await.token();
    assert_eq!(names(&token.header), ["alg", "kid", "typ", "x5t"]);
    assert_eq!(token.header["x5t"], token.header["kid"]);
    assert_eq!(
        names(&token.claims),
        [
            "acr",
            "aio",
            "amr",
            "appid",
            "appidacr",
            "aud",
            "exp",
            "family_name",
            "given_name",
            "iat",
            "ipaddr",
            "iss",
            "name",
            "nbf",
            "oid",
            "rh",
            "scp",
            "sid",
            "sub",
            "tid",
            "unique_name",
            "upn",
            "uti",
            "ver",
            "xms_ftd",
        ]
    );
    let (c, base) = (&token.claims, world.emulator.base_url());
    assert_eq!(c["aud"], demo::REPORTS_API_URI);
    assert_eq!(c["iss"], format!("{base}/{}/", demo::TENANT));
    assert_eq!(c["ver"], "1.0");
    assert_eq!(c["appid"], demo::MCP_CLIENT);
    assert_eq!(c["appidacr"], "0");
    assert_eq!(c["upn"], demo::ALICE_UPN);
    // v1 tokens verify with either key set.
    for version in ["", "v2.0/"] {
        let keys = world
            .get(&format!("/common/discovery/{version}keys"))
            .await
            .json;
        assert!(token.verifies(&keys));
    }
}

#[tokio::test]
async fn a_v2_token_of_an_app() {
    let world = World::new().await;
    let token = world.daemon(&[]).await.token();
    assert_eq!(
        names(&token.claims),
        [
            "aio", "aud", "azp", "azpacr", "exp", "iat", "iss", "nbf", "oid", "rh", "roles", "sub",
            "tid", "uti", "ver", "xms_ftd",
        ]
    );
    // The service principal is neither the app nor a user, and always the same.
    let oid = token.claims["oid"].as_str().unwrap();
    assert_ne!(oid, demo::DAEMON);
    assert_eq!(world.daemon(&[]).await.token().claims["oid"], oid);
    let own = "c0de0000-0b1e-4000-8000-0000000000aa";
    let directory = Directory::demo().map_app(demo::DAEMON, |app| app.service_principal(own));
    let world = World::with(directory).await;
    assert_eq!(world.daemon(&[]).await.token().claims["oid"], own);
}

#[tokio::test]
async fn the_resource_decides_the_version() {
    let directory = Directory::demo()
        .map_app(demo::MCP_SERVER, |app| {
            app.token_version(RequestedTokenVersion::V1)
        })
        .map_app(demo::REPORTS_API, |app| {
            app.token_version(RequestedTokenVersion::V2)
        });
    let world = World::with(directory).await;
    let mcp = world.sign_in(demo::MCP_READ_SCOPE).await.token();
    let reports = world.sign_in(demo::REPORTS_READ_SCOPE).await.token();
    assert_eq!(
        (&mcp.claims["ver"], &reports.claims["ver"]),
        (&"1.0".into(), &"2.0".into())
    );
    assert_eq!(mcp.claims["aud"], demo::MCP_SERVER_URI);
    assert_eq!(reports.claims["aud"], demo::REPORTS_API);
    let by_id = format!("{}/mcp.read", demo::MCP_SERVER);
    let claims = world.sign_in(&by_id).await.token().claims;
    assert_eq!(claims["aud"], demo::MCP_SERVER);
}

#[tokio::test]
async fn sub_is_pairwise_and_oid_is_not() {
    let world = World::new().await;
    let mcp = world.sign_in(demo::MCP_READ_SCOPE).await.token().claims;
    let again = world.sign_in(demo::MCP_WRITE_SCOPE).await.token().claims;
    let reports = world.sign_in(demo::REPORTS_READ_SCOPE).await.token().claims;
    assert_eq!(mcp["sub"], again["sub"]);
    assert_ne!(mcp["sub"], reports["sub"]);
    assert_eq!(mcp["oid"], reports["oid"]);
    let forge = world.emulator.forge();
    let (client, api) = (demo::MCP_CLIENT, demo::MCP_SERVER);
    let bob = forge
        .user_token(demo::TENANT, demo::BOB, client, api, &[])
        .unwrap();
    assert_ne!(bob.claims()["sub"], mcp["sub"]);
}

#[tokio::test]
async fn an_id_token_is_for_the_client() {
    let world = World::new().await;
    let scope = format!("{} openid profile", demo::MCP_READ_SCOPE);
    let answer = world.sign_in(&scope).await;
    let access = answer.token();
    let id = Token::read(answer.text("id_token"));
    assert_eq!(
        names(&id.claims),
        [
            "aio",
            "aud",
            "exp",
            "iat",
            "iss",
            "name",
            "nbf",
            "nonce",
            "oid",
            "preferred_username",
            "rh",
            "sid",
            "sub",
            "tid",
            "uti",
            "ver",
        ]
    );
    assert_eq!(id.claims["aud"], demo::MCP_CLIENT);
    assert_eq!(id.claims["nonce"], "the nonce");
    assert_eq!(id.claims["oid"], access.claims["oid"]);
    assert_ne!(id.claims["sub"], access.claims["sub"]);
    let keys = world.get("/common/discovery/v2.0/keys").await.json;
    assert!(id.verifies(&keys));
    let both = format!("{} {}", demo::MCP_READ_SCOPE, demo::MCP_WRITE_SCOPE);
    assert_eq!(answer.text("scope"), both);
    // The nonce is the client's and not the API's.
    assert!(access.claims.get("nonce").is_none());
}

#[tokio::test]
async fn protocol_scopes_alone_give_a_token_of_graph() {
    let world = World::new().await;
    let answer = world.sign_in("openid profile offline_access").await;
    let token = answer.token();
    assert_eq!(token.claims["aud"], "00000003-0000-0000-c000-000000000000");
    assert_eq!(token.claims["scp"], "openid profile email");
    assert_eq!(answer.text("scope"), "openid profile email");
    assert_ne!(answer.text("id_token"), "");
}

#[tokio::test]
async fn client_info_names_the_account_when_asked() {
    let world = World::new().await;
    let code = world.code(demo::MCP_READ_SCOPE).await;
    let mut form = crate::support::redemption(&code);
    form.push(("client_info", "1"));
    let answer = world.token(&form).await;
    let info = BASE64_URL_SAFE_NO_PAD
        .decode(answer.text("client_info"))
        .unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(
        info,
        serde_json::json!({ "uid": demo::ALICE, "utid": demo::TENANT })
    );
    let answer = world.sign_in(demo::MCP_READ_SCOPE).await;
    assert!(answer.json.get("client_info").is_none());
}

#[tokio::test]
async fn idtyp_in_users_tokens_must_be_asked_for() {
    let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| {
        app.optional_claim(OptionalClaim::IdtypWithUser)
    });
    let world = World::with(directory).await;
    let user = world.sign_in(demo::MCP_READ_SCOPE).await.token();
    assert_eq!(user.claims["idtyp"], "user");
    assert_eq!(world.daemon(&[]).await.token().claims["idtyp"], "app");
}
