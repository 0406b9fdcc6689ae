//! Claims challenges and stale sign-ins: at most one 401 for each cause.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use entra_emulator::{AccessPolicy, Fault, PolicyRequirement, demo};
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use serde_json::json;
use std::time::Duration;

use super::scene::{CONSENTED, Scene, url};
use crate::common::mcp::{LEGACY, Raw, Reply};

const POLICY: &str = "c0de0000-ca00-4000-8000-000000000001";

/// Orders need a second factor from now on.
fn demand(scene: &Scene) {
    let policy = AccessPolicy::new(POLICY, PolicyRequirement::Mfa).resource(demo::ORDERS_API);
    scene
        .world
        .emulator
        .set_policy(demo::TENANT, policy)
        .unwrap();
}

fn capable(scene: &Scene) -> String {
    scene
        .forged()
        .claim("xms_cc", json!(["CP1"]))
        .sign()
        .unwrap()
}

fn claims_in(challenge: &str) -> String {
    let value = challenge.split("claims=\"").nth(1).unwrap();
    let bytes = BASE64_STANDARD.decode(value.split('"').next().unwrap());
    String::from_utf8(bytes.unwrap()).unwrap()
}

fn is_in_words(reply: &Reply) {
    assert_eq!(reply.result()["isError"], true, "{reply:?}");
    assert_eq!(reply.content()["error"], "insufficient_claims");
    assert!(reply.content()["claims"].as_str().unwrap().contains(POLICY));
    assert!(!reply.headers.contains_key("www-authenticate"));
}

/// 401 with exactly the claims that Entra ID asked for, and with scope and metadata.
#[tokio::test]
async fn a_capable_client_gets_the_challenge_byte_for_byte() {
    let scene = Scene::start().await;
    let odd = r#"{ "access_token" : {"acrs":{"essential":true, "value":"c1"}}, "x":"\u00e9??>>" }"#;
    let fault = Fault::aadsts("/oauth2/v2.0/token", 50076).claims(odd);
    scene.world.emulator.fail_next(fault);
    let alice = Raw::modern(&scene.origin, &capable(&scene), url());
    let reply = alice.call("orders", json!({})).await;
    assert_eq!(reply.status, 401, "{reply:?}");
    let challenge = reply.challenge();
    assert!(
        challenge.starts_with("Bearer error=\"insufficient_claims\", scope=\""),
        "{challenge}"
    );
    assert!(
        challenge.contains("resource_metadata=\"https://mcp.test/"),
        "{challenge}"
    );
    assert_eq!(claims_in(challenge), odd);
}

/// The client satisfies it: the next call succeeds, and a new cause gets a 401 of its own.
#[tokio::test]
async fn a_satisfied_challenge_is_forgotten() {
    let scene = Scene::start().await;
    let alice = Raw::modern(&scene.origin, &capable(&scene), url());
    for _ in 0..3 {
        demand(&scene);
        let fresh = alice.with_token(&capable(&scene));
        assert_eq!(fresh.call("orders", json!({})).await.status, 401);
        scene
            .world
            .emulator
            .remove_policy(demo::TENANT, POLICY)
            .unwrap();
        let reply = fresh
            .with_token(&capable(&scene))
            .call("orders", json!({}))
            .await;
        assert_eq!(reply.content()["orders"], 12);
    }
}

/// A client that comes back with the same is told in words, and not sent around again: not
/// with a new token, not by another tool call, until the memory ends.
#[tokio::test]
async fn one_cause_gets_one_401() {
    let scene = Scene::start().await;
    demand(&scene);
    let alice = Raw::modern(&scene.origin, &capable(&scene), url());
    assert_eq!(alice.call("orders", json!({})).await.status, 401);
    is_in_words(&alice.call("orders", json!({})).await);
    is_in_words(
        &alice
            .with_token(&capable(&scene))
            .call("orders", json!({}))
            .await,
    );
    // Another user, and another client application, are asked by themselves.
    let token = scene
        .forged()
        .claim("xms_cc", json!(["cp1"]))
        .claim("azp", demo::DAEMON);
    let elsewhere = alice.with_token(&token.sign().unwrap());
    assert_eq!(elsewhere.call("orders", json!({})).await.status, 401);
    // So is another cause at the same place.
    let other = r#"{"access_token":{"acrs":{"essential":true,"value":"c9"}}}"#;
    let fault = Fault::aadsts("/oauth2/v2.0/token", 50076).claims(other);
    scene.world.emulator.fail_next(fault);
    let reply = alice.call("orders", json!({})).await;
    assert_eq!(
        (reply.status.as_u16(), claims_in(reply.challenge()).as_str()),
        (401, other)
    );
    scene.clock.advance(Duration::from_secs(599));
    is_in_words(&alice.call("orders", json!({})).await);
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(alice.call("orders", json!({})).await.status, 401);
}

/// Without `cp1` a 401 would only make the client sign in as before.
#[tokio::test]
async fn a_client_without_the_capability_is_told_in_words() {
    let scene = Scene::start().await;
    demand(&scene);
    let modern = scene.modern(demo::ALICE, url());
    let legacy = scene.legacy(demo::ALICE, url()).await;
    let other = scene
        .forged()
        .claim("xms_cc", json!(["protapp"]))
        .sign()
        .unwrap();
    let other = Raw::modern(&scene.origin, &other, url());
    for client in [modern, legacy, other] {
        is_in_words(&client.call("orders", json!({})).await);
    }
}

/// In a session HTTP is past its head: words, however often. Stateless older servers that
/// answer with JSON can still refuse by HTTP.
#[tokio::test]
async fn the_older_era_gets_what_its_mode_allows() {
    let scene = Scene::start().await;
    demand(&scene);
    let session = Raw::legacy(&scene.origin, &capable(&scene), url()).await;
    for _ in 0..2 {
        let reply = session.call("orders", json!({})).await;
        is_in_words(&reply);
        let message = reply.content()["message"].as_str().unwrap();
        assert!(
            !message.contains("signed in again"),
            "nothing was sent: {message}"
        );
    }
    let mut config = StreamableHttpServerConfig::default();
    config.legacy_session_mode = false;
    config.json_response = true;
    let scene = Scene::with(|b| b.redirect_uri(CONSENTED), config).await;
    demand(&scene);
    let alice = Raw::of_version(&scene.origin, &capable(&scene), url(), LEGACY).await;
    assert_eq!(alice.call("orders", json!({})).await.status, 401);
    is_in_words(&alice.call("orders", json!({})).await);
}

/// A token that has just expired, and that the guard's allowance still let in.
#[tokio::test]
async fn an_expired_assertion_is_an_invalid_token() {
    let scene = Scene::start().await;
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let token = scene
        .forged()
        .claim("nbf", now - 3700)
        .claim("exp", now - 100);
    let token = token.sign().unwrap();
    let alice = Raw::modern(&scene.origin, &token, url());
    for _ in 0..2 {
        let reply = alice.call("orders", json!({})).await;
        assert_eq!(reply.status, 401, "{reply:?}");
        assert!(
            reply
                .challenge()
                .starts_with("Bearer error=\"invalid_token\", scope=\"")
        );
        assert!(!reply.challenge().contains("claims="));
        // The tool's own refusal, not the guard's.
        assert!(
            reply
                .challenge()
                .ends_with("\"the user has to sign in again\"")
        );
    }
    let fresh = alice.with_token(&scene.world.token_of(demo::ALICE));
    assert_eq!(
        fresh.call("orders", json!({})).await.content()["orders"],
        12
    );
    let session = Raw::legacy(&scene.origin, &token, url()).await;
    let reply = session.call("orders", json!({})).await;
    assert_eq!(reply.content()["error"], "sign_in_required");
}

/// Entra ID wants a new sign-in and does not say which: one 401, then words.
#[tokio::test]
async fn a_sign_in_that_entra_refuses_is_asked_for_once() {
    let scene = Scene::start().await;
    let fault = Fault::aadsts("/oauth2/v2.0/token", 50173).always();
    let fault = scene.world.emulator.fail_next(fault);
    let alice = scene.modern(demo::ALICE, url());
    let reply = alice.call("orders", json!({})).await;
    assert_eq!(reply.status, 401, "{reply:?}");
    assert!(reply.challenge().contains("invalid_token"));
    let again = alice.with_token(&scene.world.token_of(demo::ALICE));
    let reply = again.call("orders", json!({})).await;
    assert_eq!(reply.content()["error"], "sign_in_required");
    let message = reply.content()["message"].as_str().unwrap();
    assert!(message.contains("Sign out"), "{message}");
    scene.world.emulator.remove_fault(fault);
    assert_eq!(
        again.call("orders", json!({})).await.content()["orders"],
        12
    );
}
