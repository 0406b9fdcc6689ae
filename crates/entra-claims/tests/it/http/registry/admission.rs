//! Who is let in, who is denied, and what is asked for that.

use std::time::Duration;

use entra_claims::registry::TenantCacheLimits;
use entra_claims::{Decision, Reason};
use serde_json::json;

use super::{DENIED, Database, Mood, SECOND, guard, numbered, of, outcome, undecided, usual};
use crate::support::{
    NOW, OTHER_TENANT, TENANT, base64url, header, sign, sign_raw, tenant, user, v2_issuer, with,
};

#[tokio::test]
async fn known_tenants_are_let_in_unknown_ones_denied_and_each_is_asked_about_once() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, script) = usual(&database);
    for _ in 0..10 {
        let verified = outcome(&authenticator, &of(TENANT)).await.unwrap();
        assert_eq!(verified.principal().tenant(), tenant(TENANT));
        let denied = outcome(&authenticator, &of(OTHER_TENANT)).await;
        assert_eq!(denied.unwrap_err(), DENIED);
        assert!(authenticator.cached(of(TENANT)).is_some());
        assert!(authenticator.cached(of(OTHER_TENANT)).is_none());
    }
    assert_eq!(database.asked(), 2);
    assert_eq!(script.requests(), 2, "one key set, whoever asks");

    // Who signs up is let in when the short memory of strangers ends.
    database.set(OTHER_TENANT, true);
    clock.advance(29 * SECOND);
    let denied = outcome(&authenticator, &of(OTHER_TENANT)).await;
    assert_eq!(denied.unwrap_err(), DENIED);
    clock.advance(SECOND);
    assert!(outcome(&authenticator, &of(OTHER_TENANT)).await.is_ok());
    assert_eq!(database.asked(), 3);
}

/// Keys alone do not decide where a registry has to be asked.
#[tokio::test]
async fn nothing_new_is_decided_before_the_registry_is_asked() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    authenticator.warm_up().await.unwrap();
    for tid in [TENANT, OTHER_TENANT] {
        assert!(matches!(
            authenticator.decide(of(tid)),
            Decision::Pending(_)
        ));
    }
    assert!(outcome(&authenticator, &of(TENANT)).await.is_ok());
    // Then its answer decides at once, until it is too old.
    assert!(matches!(
        authenticator.decide(of(TENANT)),
        Decision::Accepted(_)
    ));
    let again = with(&user(), &[("uti", json!("another token"))]);
    let Decision::Accepted(_) = authenticator.decide(sign(&again)) else {
        panic!("the registry was asked about this tenant a moment ago");
    };
    assert_eq!(database.asked(), 1);
}

/// Signature first: what nobody signed reaches neither the registry nor its memory.
#[tokio::test]
async fn a_flood_of_made_up_tenants_asks_nobody() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, script) = usual(&database);
    assert!(outcome(&authenticator, &of(TENANT)).await.is_ok());
    let signature = of(TENANT).rsplit_once('.').unwrap().1.to_owned();
    for number in 0..20_000 {
        let tid = numbered(number);
        let claims = with(
            &user(),
            &[("iss", json!(v2_issuer(&tid))), ("tid", json!(tid))],
        );
        // A `kid` of the authority, so that only the signature tells.
        let input = format!(
            "{}.{}",
            base64url(header().to_string()),
            base64url(claims.to_string())
        );
        let refusal = authenticator
            .authenticate(&format!("{input}.{signature}"))
            .await
            .unwrap_err();
        assert_eq!(refusal.reason(), Reason::BadSignature);
    }
    assert_eq!(database.asked(), 1);
    assert_eq!(script.requests(), 2);
}

/// Anybody can make tenants: their tokens are signed well and cost one lookup each.
#[tokio::test]
async fn real_strangers_cost_one_lookup_each_and_no_key_fetch() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, script) = usual(&database);
    for number in 0..200 {
        let token = of(&numbered(number));
        for _ in 0..3 {
            let denied = outcome(&authenticator, &token).await;
            assert_eq!(denied.unwrap_err(), DENIED);
        }
    }
    assert_eq!(database.asked(), 200);
    assert_eq!(script.requests(), 2);
    assert_eq!(authenticator.key_health().len(), 1);
}

#[tokio::test]
async fn a_registry_that_fails_denies_nobody_and_is_asked_again_after_a_pause() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    database.is(Mood::Down);
    for (round, pause) in [1, 2, 4].into_iter().enumerate() {
        for _ in 0..5 {
            let wait = undecided(outcome(&authenticator, &of(TENANT)).await);
            assert_eq!(wait, pause);
        }
        assert_eq!(database.asked(), round + 1, "no question during the pause");
        clock.advance(pause as u32 * SECOND);
    }
    database.is(Mood::Well);
    assert!(outcome(&authenticator, &of(TENANT)).await.is_ok());
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said_before_its_tenant_is_asked_about() {
    let database = Database::new(&[]);
    let (authenticator, _, _) = usual(&database);
    let foreign = sign_raw("other-key", header().to_string(), user().to_string());
    for (token, reason) in [
        (
            sign(&with(&user(), &[("aud", json!("x"))])),
            Reason::WrongAudience,
        ),
        (
            sign(&with(&user(), &[("exp", json!(NOW - 3000))])),
            Reason::BadLifetime,
        ),
        (
            sign(&with(&user(), &[("tid", json!(OTHER_TENANT))])),
            Reason::TenantMismatch,
        ),
        (foreign, Reason::BadSignature),
    ] {
        let refusal = authenticator.authenticate(&token).await.unwrap_err();
        assert_eq!(refusal.reason(), reason);
    }
    assert_eq!(database.asked(), 0);
}

/// Answers that are not kept are asked for each time, and still decide.
#[tokio::test]
async fn strangers_need_not_be_kept() {
    let database = Database::new(&[]);
    let limits = TenantCacheLimits::default().with_unknown_for(Duration::ZERO);
    let (authenticator, _, _) = guard(&database, limits);
    for asked in 1..4 {
        let denied = outcome(&authenticator, &of(TENANT)).await;
        assert_eq!(denied.unwrap_err(), DENIED);
        assert_eq!(database.asked(), asked);
    }
}
