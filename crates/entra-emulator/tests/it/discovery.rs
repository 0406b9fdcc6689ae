//! Metadata and key sets.

use aws_lc_rs::digest;
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use entra_emulator::demo;
use serde_json::Value;

use crate::support::World;

fn names(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn v2_metadata_of_a_tenant() {
    let world = World::new().await;
    let base = world.emulator.base_url();
    let tenant = demo::TENANT;
    for name in [tenant, demo::TENANT_DOMAIN, &tenant.to_uppercase()] {
        let path = format!("/{name}/v2.0/.well-known/openid-configuration?appid=x");
        let answer = world.get(&path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["cache-control"], "max-age=86400, private");
        for (member, value) in [
            ("issuer", format!("{base}/{tenant}/v2.0")),
            ("jwks_uri", format!("{base}/{tenant}/discovery/v2.0/keys")),
            ("token_endpoint", world.emulator.token_endpoint(tenant)),
            (
                "authorization_endpoint",
                world.emulator.authorization_endpoint(tenant),
            ),
            ("cloud_instance_name", "microsoftonline.com".to_owned()),
        ] {
            assert_eq!(answer.text(member), value);
        }
        assert_eq!(answer.json.as_object().unwrap().len(), 23);
        for absent in ["grant_types_supported", "code_challenge_methods_supported"] {
            assert!(answer.json.get(absent).is_none());
        }
    }
}

#[tokio::test]
async fn v1_metadata_of_a_tenant() {
    let world = World::new().await;
    let base = world.emulator.base_url();
    let path = format!("/{}/.well-known/openid-configuration", demo::TENANT);
    let answer = world.get(&path).await;
    assert_eq!(answer.text("issuer"), format!("{base}/{}/", demo::TENANT));
    assert_eq!(
        answer.text("jwks_uri"),
        format!("{base}/common/discovery/keys")
    );
}

#[tokio::test]
async fn common_metadata_has_templates() {
    let world = World::new().await;
    let base = world.emulator.base_url();
    for alias in ["common", "organizations", "Common"] {
        let lower = alias.to_lowercase();
        let answer = world
            .get(&format!("/{alias}/v2.0/.well-known/openid-configuration"))
            .await;
        assert_eq!(answer.text("issuer"), format!("{base}/{{tenantid}}/v2.0"));
        assert_eq!(
            answer.text("token_endpoint"),
            world.emulator.token_endpoint(&lower)
        );
        let answer = world
            .get(&format!("/{alias}/.well-known/openid-configuration"))
            .await;
        assert_eq!(answer.text("issuer"), format!("{base}/{{tenantid}}/"));
    }
}

#[tokio::test]
async fn an_unknown_tenant_has_no_metadata_and_no_keys() {
    let world = World::new().await;
    for (path, error) in [
        ("v2.0/.well-known/openid-configuration", "invalid_tenant"),
        (".well-known/openid-configuration", "invalid_tenant"),
        ("discovery/v2.0/keys", "invalid_request"),
        ("discovery/keys", "invalid_request"),
    ] {
        let answer = world.get(&format!("/nobody.example/{path}")).await;
        answer.refused(400, error, 90002);
        let answer = world.get(&format!("/nobody/{path}")).await;
        let code = if error == "invalid_tenant" {
            90002
        } else {
            900023
        };
        answer.refused(400, error, code);
    }
}

#[tokio::test]
async fn keys_are_published_as_entra_does() {
    let world = World::new().await;
    let base = world.emulator.base_url();
    let v2 = world
        .get(&format!("/{}/discovery/v2.0/keys", demo::TENANT_DOMAIN))
        .await;
    assert_eq!(v2.headers["cache-control"], "max-age=86400, private");
    let key = &v2.json["keys"][0];
    assert_eq!(
        names(key),
        [
            "cloud_instance_name",
            "e",
            "issuer",
            "kid",
            "kty",
            "n",
            "use",
            "x5c",
            "x5t"
        ]
    );
    assert_eq!(key["issuer"], format!("{base}/{}/v2.0", demo::TENANT));
    assert_eq!((&key["kty"], &key["use"]), (&"RSA".into(), &"sig".into()));

    let certificate = BASE64_STANDARD
        .decode(key["x5c"][0].as_str().unwrap())
        .unwrap();
    let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate);
    assert_eq!(key["kid"], BASE64_URL_SAFE_NO_PAD.encode(sha1));
    assert_eq!(key["x5t"], key["kid"]);
    let modulus = BASE64_URL_SAFE_NO_PAD
        .decode(key["n"].as_str().unwrap())
        .unwrap();
    assert_eq!(modulus.len(), 256);
    assert!(
        certificate.windows(256).any(|w| w == modulus),
        "one key in both"
    );

    let common = world.get("/common/discovery/v2.0/keys").await.json;
    assert_eq!(
        common["keys"][0]["issuer"],
        format!("{base}/{{tenantid}}/v2.0")
    );
    let v1 = world.get("/common/discovery/keys").await.json;
    assert_eq!(
        names(&v1["keys"][0]),
        ["e", "kid", "kty", "n", "use", "x5c", "x5t"]
    );
}

#[tokio::test]
async fn instance_discovery_names_our_own_host() {
    let world = World::new().await;
    let base = world.emulator.base_url();
    let host = base.strip_prefix("http://").unwrap();
    // msal-python drops the port from the question.
    for asked in [
        format!("{base}/{}", demo::TENANT),
        format!("https://localhost/{}", demo::TENANT),
    ] {
        let path = format!(
            "/common/discovery/instance?api-version=1.1&authorization_endpoint={asked}/oauth2/v2.0/authorize"
        );
        let answer = world.get(&path).await;
        assert_eq!(
            answer.text("tenant_discovery_endpoint"),
            format!(
                "{base}/{}/v2.0/.well-known/openid-configuration",
                demo::TENANT
            )
        );
        assert_eq!(answer.text("api-version"), "1.1");
        assert_eq!(
            answer.json["metadata"][0]["aliases"],
            serde_json::json!([host])
        );
    }
    for foreign in [
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "x",
        "",
    ] {
        let path = format!("/common/discovery/instance?authorization_endpoint={foreign}");
        world
            .get(&path)
            .await
            .refused(400, "invalid_instance", 50049);
    }
}
