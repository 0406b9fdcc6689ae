//! Client assertions as the official clients send them, and each way to get one wrong.

use aws_lc_rs::{digest, rand::SystemRandom, rsa, signature};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD},
};
use entra_emulator::{AppCertificate, Directory, FederatedCredential, demo};
use serde_json::{Value, json};

use crate::support::{Answer, World};

const KEY: &[u8] = include_bytes!("../../keys/test-only-1.pk8.der");
const CERTIFICATE: &[u8] = include_bytes!("../../keys/test-only-1.cert.der");
const OTHER_KEY: &[u8] = include_bytes!("../../keys/test-only-2.pk8.der");
const OTHER_CERTIFICATE: &[u8] = include_bytes!("../../keys/test-only-2.cert.der");
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The subject of `CERTIFICATE`.
const NAME: &str = "entra-emulator TEST ONLY 1";
const NOW: i64 = 1_800_000_000;

fn sha1(der: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der)
}

fn sha256(der: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, der)
}

fn sign(key: &[u8], header: &Value, claims: &Value) -> String {
    let key = rsa::KeyPair::from_pkcs8(key).unwrap();
    let encode = |v: &Value| BASE64_URL_SAFE_NO_PAD.encode(v.to_string());
    let input = format!("{}.{}", encode(header), encode(claims));
    let padding: &dyn signature::RsaEncoding = match header["alg"].as_str() {
        Some("PS256") => &signature::RSA_PSS_SHA256,
        _ => &signature::RSA_PKCS1_SHA256,
    };
    let mut sig = vec![0; key.public_modulus_len()];
    key.sign(padding, &SystemRandom::new(), input.as_bytes(), &mut sig)
        .unwrap();
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(sig))
}

async fn world(change: impl Fn(entra_emulator::App) -> entra_emulator::App) -> World {
    let world = World::with(Directory::demo().map_app(demo::DAEMON, change)).await;
    world.emulator.clock().freeze_at(NOW);
    world
}

async fn registered() -> World {
    world(|app| app.certificate(AppCertificate::from_der(CERTIFICATE).unwrap())).await
}

fn header() -> Value {
    json!({ "alg": "RS256", "typ": "JWT", "x5t": BASE64_URL_SAFE.encode(sha1(CERTIFICATE)) })
}

fn claims(world: &World) -> Value {
    json!({
        "aud": world.emulator.token_endpoint(demo::TENANT),
        "iss": demo::DAEMON, "sub": demo::DAEMON, "jti": "1",
        "exp": NOW + 600, "iat": NOW,
    })
}

async fn present(world: &World, assertion: &str) -> Answer {
    world
        .daemon(&[
            ("client_secret", ""),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion),
        ])
        .await
}

#[tokio::test]
async fn every_official_client_gets_in() {
    let world = registered().await;
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        BASE64_STANDARD.encode(CERTIFICATE)
    );
    let headers = [
        header(),
        json!({ "alg": "PS256", "x5t#S256": BASE64_URL_SAFE.encode(sha256(CERTIFICATE)) }),
        json!({ "alg": "PS256", "x5t#S256": BASE64_URL_SAFE_NO_PAD.encode(sha256(CERTIFICATE)) }),
        json!({
            "alg": "RS256", "x5t": BASE64_STANDARD.encode(sha1(CERTIFICATE)),
            "x5c": BASE64_STANDARD.encode(pem),
        }),
    ];
    for header in headers {
        let token = present(&world, &sign(KEY, &header, &claims(&world))).await;
        assert_eq!(token.token().claims["azpacr"], "2", "{header}");
    }
    let base = world.emulator.base_url();
    for change in [
        json!({ "exp": 1_800_000_600.17, "iat": 1_800_000_000.5 }),
        json!({ "exp": "1800000600", "nbf": "1800000000" }),
        json!({ "nbf": NOW + 1 }),
        json!({ "aud": format!("{base}/{}/v2.0", demo::TENANT) }),
        json!({ "aud": format!("{base}/{}/oauth2/token", demo::TENANT_DOMAIN) }),
        json!({ "aud": [world.emulator.token_endpoint(demo::TENANT)] }),
    ] {
        let mut claims = claims(&world);
        let changed = change.as_object().unwrap().clone();
        claims.as_object_mut().unwrap().extend(changed);
        let answer = present(&world, &sign(KEY, &header(), &claims)).await;
        assert_eq!(answer.status, 200, "{change} {}", answer.json);
    }
}

#[tokio::test]
async fn each_mistake_has_its_own_number() {
    let world = registered().await;
    let claims = claims(&world);
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        sign(KEY, &header(), &claims)
    };
    let other = json!({
        "alg": "RS256", "x5t": BASE64_URL_SAFE.encode(sha1(OTHER_CERTIFICATE)),
    });
    let base = world.emulator.base_url();
    let cases = [
        (sign(OTHER_KEY, &other, &claims), 700027),
        (sign(OTHER_KEY, &header(), &claims), 700027),
        (sign(KEY, &json!({ "alg": "RS256" }), &claims), 700027),
        (sign(KEY, &json!({ "alg": "HS256" }), &claims), 5002738),
        (sign(KEY, &json!({ "alg": "none" }), &claims), 5002738),
        (with("exp", json!(NOW)), 700024),
        (with("exp", json!(null)), 700024),
        (with("nbf", json!(NOW + 301)), 700024),
        (with("iss", json!(demo::MCP_SERVER)), 700021),
        (with("sub", json!(demo::MCP_SERVER)), 700021),
        (
            with("aud", json!(format!("{base}/{}/", demo::TENANT))),
            700023,
        ),
        (
            with(
                "aud",
                json!(world.emulator.token_endpoint(demo::OTHER_TENANT)),
            ),
            700023,
        ),
        (
            with(
                "aud",
                json!(world.emulator.token_endpoint(demo::TENANT).to_uppercase()),
            ),
            700023,
        ),
        // It trusts no other issuer at all.
        (with("iss", json!("https://issuer.example/")), 70025),
    ];
    for (assertion, code) in cases {
        present(&world, &assertion)
            .await
            .refused(401, "invalid_client", code);
    }
    let answer = present(&world, "no token").await;
    answer.refused(400, "invalid_request", 50027);
    let late = sign(KEY, &header(), &json!({}));
    world.emulator.clock().freeze_at(40_000_000_000);
    present(&world, &late)
        .await
        .refused(401, "invalid_client", 1000502);
}

#[tokio::test]
async fn a_subject_name_is_trusted_only_from_its_authority() {
    // The test certificates sign themselves: each is its own authority.
    let trusting = |authority: &'static [u8], name: &'static str| {
        world(move |app| app.trusted_subject(name, AppCertificate::from_der(authority).unwrap()))
    };
    let chain = |der: &[u8]| {
        let x5c = BASE64_STANDARD.encode(der).replace('A', "A\n");
        json!({ "alg": "PS256", "x5c": [x5c] })
    };
    let good = trusting(CERTIFICATE, NAME).await;
    let assertion = sign(KEY, &chain(CERTIFICATE), &claims(&good));
    present(&good, &assertion).await.token();
    let elsewhere = trusting(OTHER_CERTIFICATE, NAME).await;
    let assertion = sign(KEY, &chain(CERTIFICATE), &claims(&elsewhere));
    let answer = present(&elsewhere, &assertion).await;
    answer.refused(401, "invalid_client", 700027);

    let renamed = trusting(CERTIFICATE, "other.example").await;
    let assertion = sign(KEY, &chain(CERTIFICATE), &claims(&renamed));
    let answer = present(&renamed, &assertion).await;
    answer.refused(401, "invalid_client", 700030);
}

#[tokio::test]
async fn a_federated_token_is_checked_with_keys_fetched_from_its_issuer() {
    let issuer = World::new().await;
    issuer.emulator.clock().freeze_at(NOW);
    let iss = format!("{}/{}/v2.0", issuer.emulator.base_url(), demo::TENANT);
    let forge = issuer.emulator.forge();
    let right = forge
        .app_token(demo::TENANT, demo::DAEMON, demo::MCP_SERVER, &[])
        .unwrap()
        .claim("sub", "worker")
        .claim("aud", vec!["api://AzureADTokenExchange"]);
    let trusting = iss.clone();
    let world = world(move |app| {
        app.federated_credential(FederatedCredential::new(trusting.clone(), "worker"))
    })
    .await;
    let token = present(&world, &right.sign().unwrap()).await.token();
    assert_eq!(token.claims["azpacr"], "2");

    let wrong_key = entra_emulator::ForgeKey::UnpublishedUnderLiveKid;
    for (assertion, code) in [
        (right.clone().claim("sub", "other"), 700213),
        (right.clone().claim("aud", "api://other"), 700212),
        (right.clone().claim("iss", "http://localhost:1/x"), 700211),
        (right.clone().key(wrong_key), 50013),
        (
            right.clone().key(entra_emulator::ForgeKey::Unpublished),
            50013,
        ),
        (right.clone().claim("exp", NOW), 700024),
    ] {
        present(&world, &assertion.sign().unwrap())
            .await
            .refused(401, "invalid_client", code);
    }
    let right = right.sign().unwrap();
    issuer.emulator.shutdown().await;
    present(&world, &right)
        .await
        .refused(400, "invalid_request", 50166);
}

#[tokio::test]
async fn a_token_of_its_own_tenant_must_be_an_applications() {
    let world = World::new().await;
    let iss = format!("{}/{}/v2.0", world.emulator.base_url(), demo::TENANT);
    let forge = world.emulator.forge();
    let exchange = "fb60f99c-7a34-4190-8149-302f77469936";
    let app = forge.app_token(demo::TENANT, demo::MCP_SERVER, exchange, &[]);
    let app = app.unwrap();
    let sub = app.claims()["sub"].as_str().unwrap().to_owned();
    let changed = world.emulator.directory().map_app(demo::DAEMON, |a| {
        a.federated_credential(FederatedCredential::new(iss.clone(), sub.clone()))
    });
    world.emulator.replace_directory(changed).unwrap();
    present(&world, &app.sign().unwrap()).await.token();
    let user = world.forged().claim("sub", sub.as_str()).sign().unwrap();
    present(&world, &user)
        .await
        .refused(401, "invalid_client", 700229);
    let resource = forge.app_token(demo::TENANT, demo::MCP_SERVER, demo::ORDERS_API, &[]);
    present(&world, &resource.unwrap().sign().unwrap())
        .await
        .refused(401, "invalid_client", 700227);
}

#[tokio::test]
async fn a_given_key_set_is_used_and_nothing_is_fetched() {
    let issuer = "https://issuer.example/";
    let claims = json!({
        "iss": issuer, "sub": "worker", "aud": "api://azureadtokenexchange", "exp": NOW + 60,
    });
    // `KEY` is the one that an emulator signs with first.
    let published = World::new()
        .await
        .get("/common/discovery/v2.0/keys")
        .await
        .json;
    let mut rsa = published["keys"][0].clone();
    rsa["kid"] = json!("rsa");
    let ec = json!({ "kid": "ec", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" });
    let keys = json!({ "keys": [rsa, ec] });
    let world = world(move |app| {
        let credential = FederatedCredential::new(issuer, "worker").key_set(keys.clone());
        app.federated_credential(credential)
    })
    .await;
    let header = |kid: &str| json!({ "alg": "RS256", "kid": kid });
    let right = sign(KEY, &header("rsa"), &claims);
    present(&world, &right).await.token();
    for (key, kid, code) in [
        (OTHER_KEY, "rsa", 50013),
        (KEY, "gone", 50013),
        (KEY, "ec", 5002730),
    ] {
        let answer = present(&world, &sign(key, &header(kid), &claims)).await;
        answer.refused(401, "invalid_client", code);
    }
}
