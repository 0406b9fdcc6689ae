//! Forged tokens.

use entra_emulator::{ForgeError, ForgeKey, RequestedTokenVersion, demo};
use serde_json::{Map, Value};

use crate::support::{Token, World};

#[tokio::test]
async fn a_forged_token_is_like_an_issued_one() {
    let world = World::new().await;
    world.emulator.clock().freeze_at(1_800_000_000);
    let keys = world.get("/common/discovery/v2.0/keys").await.json;
    let without_random = |token: &Token| {
        let mut claims = token.claims.clone();
        for random in ["uti", "aio", "rh", "xms_ftd", "exp"] {
            assert!(claims.as_object_mut().unwrap().remove(random).is_some());
        }
        (token.header.clone(), claims)
    };
    let issued = world.sign_in(demo::MCP_READ_SCOPE).await.token();
    let forged = world.forged().claim("scp", "mcp.read mcp.write");
    let forged = Token::read(&forged.sign().unwrap());
    assert_eq!(without_random(&issued), without_random(&forged));
    assert!(forged.verifies(&keys));

    let issued = world.daemon(&[]).await.token();
    let (client, api) = (demo::DAEMON, demo::MCP_SERVER);
    let forged = world
        .emulator
        .forge()
        .app_token(demo::TENANT, client, api, &[demo::MCP_RUN_ROLE]);
    let forged = Token::read(&forged.unwrap().sign().unwrap());
    assert_eq!(without_random(&issued), without_random(&forged));
}

#[tokio::test]
async fn the_version_can_be_chosen() {
    let world = World::new().await;
    for (version, ver) in [
        (RequestedTokenVersion::V1, "1.0"),
        (RequestedTokenVersion::V2, "2.0"),
    ] {
        let forge = world.emulator.forge().version(version);
        let (tenant, client, api) = (demo::TENANT, demo::MCP_CLIENT, demo::MCP_SERVER);
        let user = forge.user_token(tenant, demo::ALICE, client, api, &[demo::MCP_READ]);
        assert_eq!(user.unwrap().claims()["ver"], ver);
        let app = forge.app_token(tenant, demo::DAEMON, api, &[]).unwrap();
        assert_eq!(app.claims()["ver"], ver);
    }
}

#[tokio::test]
async fn the_unpublished_key_is_in_no_key_set() {
    let world = World::new().await;
    let good = world.forged();
    let unknown = Token::read(&good.clone().key(ForgeKey::Unpublished).sign().unwrap());
    let liar = Token::read(
        &good
            .clone()
            .key(ForgeKey::UnpublishedUnderLiveKid)
            .sign()
            .unwrap(),
    );
    let live = Token::read(&good.sign().unwrap());
    assert_eq!(liar.header["kid"], live.header["kid"]);
    assert_ne!(unknown.header["kid"], live.header["kid"]);
    for _ in 0..4 {
        let keys = world.get("/common/discovery/v2.0/keys").await.json;
        assert!(!unknown.verifies(&keys) && !liar.verifies(&keys));
        let kids = keys["keys"].as_array().unwrap().iter().map(|k| &k["kid"]);
        assert!(kids.into_iter().all(|kid| *kid != unknown.header["kid"]));
        world.emulator.rotate_keys();
    }
}

#[tokio::test]
async fn header_claims_and_bytes_are_free() {
    let world = World::new().await;
    let forge = world.emulator.forge();
    let mut header = Map::new();
    header.insert("alg".into(), "RS256".into());
    let token = forge
        .token_of(header, Map::new())
        .claim("deep", vec![1, 2])
        .sign()
        .unwrap();
    let token = Token::read(&token);
    assert_eq!(token.header, serde_json::json!({ "alg": "RS256" }));
    assert_eq!(token.claims, serde_json::json!({ "deep": [1, 2] }));
    let bytes = forge.sign_bytes(b"{}", b"not json").unwrap();
    assert!(bytes.starts_with("e30.bm90IGpzb24."));
    let unsigned = world.forged().header("alg", "none").unsigned().unwrap();
    assert!(unsigned.ends_with('.') && unsigned.split('.').count() == 3);
    let bare = world
        .forged()
        .without_header("kid")
        .without_claim("exp")
        .sign()
        .unwrap();
    let bare = Token::read(&bare);
    assert_eq!(
        (bare.header.get("kid"), bare.claims.get("exp")),
        (None, None)
    );
}

#[tokio::test]
async fn what_the_directory_does_not_have_is_named() {
    let world = World::new().await;
    let forge = world.emulator.forge();
    let (t, u, c, r) = (
        demo::TENANT,
        demo::ALICE,
        demo::MCP_CLIENT,
        demo::MCP_SERVER,
    );
    for (what, result) in [
        ("tenant", forge.user_token("x", u, c, r, &[])),
        ("user", forge.user_token(t, "x", c, r, &[])),
        ("client", forge.user_token(t, u, "x", r, &[])),
        ("resource", forge.user_token(t, u, c, "x", &[])),
        ("client", forge.app_token(t, "x", r, &[])),
        ("user", forge.id_token(t, demo::CAROL, c)),
    ] {
        match result.unwrap_err() {
            ForgeError::Unknown { what: found, .. } => assert_eq!(found, what),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn no_token_claims_to_be_microsofts() {
    let world = World::new().await;
    for issuer in [
        "https://login.microsoftonline.com/x/v2.0",
        "https://sts.windows.net/x/",
        "https://STS.Windows.net/x/",
        "https://login.microsoftonline.us/x/v2.0",
        "https://contoso.ciamlogin.com/x/v2.0",
    ] {
        let refused = Err(ForgeError::MicrosoftIssuer {
            issuer: issuer.to_owned(),
        });
        assert_eq!(world.forged().claim("iss", issuer).sign(), refused);
        let payload = serde_json::json!({ "iss": issuer }).to_string();
        let forge = world.emulator.forge();
        assert_eq!(forge.sign_bytes(b"{}", payload.as_bytes()), refused);
    }
    let other = world
        .forged()
        .claim("iss", Value::from("https://sts.example/x/"));
    assert!(other.sign().is_ok());
}
