//! Routing, and the memory of verified tokens.

use std::time::Duration;

use entra_claims::{AcceptedAudiences, Reason, RejectionClass, TenantPolicy, Validator};
use foundry_scopes::{ClientId, Cloud};
use serde_json::{Value, json};

use super::script::{Script, authenticator, build, discovery_url, keys_url};
use crate::support::{
    API, NOW, OTHER_TENANT, TENANT, clock, header, sign, sign_raw, sign_with, tenant, user,
    v2_issuer, with,
};

const THIRD: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

fn of(tid: &str) -> Value {
    with(
        &user(),
        &[("iss", json!(v2_issuer(tid))), ("tid", json!(tid))],
    )
}

#[tokio::test]
async fn the_claimed_tenant_only_picks_a_configured_authority() {
    let script = Script::new();
    script.tenant(OTHER_TENANT);
    script.tenant(THIRD);
    let validator = Validator::new(
        Cloud::public(),
        TenantPolicy::allow_list([tenant(TENANT), tenant(OTHER_TENANT)]).unwrap(),
        AcceptedAudiences::for_client(ClientId::parse(API).unwrap()),
    )
    .with_clock(clock());
    let authenticator = build(&script, validator);
    for hostile in [
        THIRD,
        "../../evil",
        "evil.example/x",
        &TENANT.to_uppercase(),
        "",
    ] {
        let refusal = authenticator
            .authenticate(&sign(&of(hostile)))
            .await
            .unwrap_err();
        assert_eq!(refusal.class(), RejectionClass::InvalidToken, "{hostile}");
    }
    let refusal = authenticator
        .authenticate(&sign(&of(THIRD)))
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::TenantNotAllowed);
    let mixed = with(&of(TENANT), &[("tid", json!(OTHER_TENANT))]);
    let refusal = authenticator.authenticate(&sign(&mixed)).await.unwrap_err();
    assert_eq!(refusal.reason(), Reason::TenantMismatch);
    assert_eq!(script.requests(), 0, "refused before anything is fetched");

    for tid in [TENANT, OTHER_TENANT] {
        let verified = authenticator.authenticate(&sign(&of(tid))).await.unwrap();
        assert_eq!(verified.principal().tenant(), tenant(tid));
        assert_eq!(
            (
                script.count(&discovery_url(tid)),
                script.count(&keys_url(tid))
            ),
            (1, 1)
        );
    }
    assert_eq!(script.count(&keys_url(THIRD)), 0);
}

#[tokio::test]
async fn what_is_refused_anyway_fetches_nothing() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    for (token, expected) in [
        ("x".to_owned(), Reason::NotCompact),
        (
            sign(&with(&user(), &[("aud", json!("api://other"))])),
            Reason::WrongAudience,
        ),
        (
            sign(&with(&user(), &[("exp", json!(NOW - 301))])),
            Reason::Expired,
        ),
        (sign(&of(OTHER_TENANT)), Reason::TenantNotAllowed),
        (
            sign_with(&with(&header(), &[("nonce", json!("x"))]), &user()),
            Reason::GraphStyleToken,
        ),
    ] {
        let refusal = authenticator.authenticate(&token).await.unwrap_err();
        assert_eq!(refusal.reason(), expected);
        assert!(!refusal.signature_checked());
    }
    assert_eq!(script.requests(), 0);
}

#[tokio::test]
async fn a_verified_token_is_found_again_until_it_expires() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let token = sign(&user());
    assert!(authenticator.cached(&token).is_none());
    let verified = authenticator.authenticate(&token).await.unwrap();
    let cached = authenticator.cached(&token).unwrap();
    assert_eq!(cached.expose_token(), token);
    assert_eq!(cached.principal(), verified.principal());
    assert!(
        authenticator.clone().cached(&token).is_some(),
        "clones share"
    );

    clock.advance(Duration::from_secs(3599));
    assert!(authenticator.cached(&token).is_some());
    clock.advance(Duration::from_secs(1));
    assert!(
        authenticator.cached(&token).is_none(),
        "never longer than exp"
    );
    // Within the leeway it is verified anew.
    assert!(authenticator.authenticate(&token).await.is_ok());
    clock.advance(Duration::from_secs(301));
    assert_eq!(
        authenticator
            .authenticate(&token)
            .await
            .unwrap_err()
            .reason(),
        Reason::Expired
    );
}

#[tokio::test]
async fn a_token_from_the_future_of_a_clock_set_back_is_not_served() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let token = sign(&user());
    authenticator.authenticate(&token).await.unwrap();
    clock.set_wall(NOW - 600 - 300);
    assert!(authenticator.cached(&token).is_some());
    clock.set_wall(NOW - 600 - 301);
    assert!(authenticator.cached(&token).is_none());
}

#[tokio::test]
async fn no_other_text_meets_the_entry() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    let token = sign(&user());
    authenticator.authenticate(&token).await.unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let foreign = sign_raw("other-key", header().to_string(), user().to_string());
    for forged in [
        format!("{input}."),
        format!("{input}.AAAA"),
        format!("{input}.{}", &signature[..signature.len() - 4]),
        format!("{token} "),
        foreign,
    ] {
        assert!(authenticator.cached(&forged).is_none(), "{forged}");
        assert!(
            authenticator.authenticate(&forged).await.is_err(),
            "{forged}"
        );
        assert!(
            authenticator.cached(&forged).is_none(),
            "refused tokens are not kept"
        );
    }
}

#[tokio::test]
async fn each_token_gives_its_own_caller_under_load() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    let users: Vec<(String, String)> = (1..=64)
        .map(|i| {
            let oid = format!("{i:08x}-0000-4000-8000-000000000000");
            (sign(&with(&user(), &[("oid", json!(oid))])), oid)
        })
        .collect();
    for round in 0..20 {
        for (i, (token, oid)) in users.iter().enumerate() {
            let verified = match (round + i) % 3 {
                0 => authenticator.cached(token),
                _ => None,
            };
            let verified = match verified {
                Some(verified) => verified,
                None => authenticator.authenticate(token).await.unwrap(),
            };
            assert_eq!(verified.principal().object().to_string(), *oid);
        }
    }
}
