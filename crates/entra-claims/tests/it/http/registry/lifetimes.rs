//! How long an answer counts, and what ends it.

use entra_claims::registry::TenantCacheLimits;

use super::super::script::settle;
use super::{DENIED, Database, MINUTE, Mood, SECOND, guard, of, outcome, undecided, usual};
use crate::support::{NOW, OTHER_TENANT, TENANT, tenant};

#[tokio::test]
async fn a_removed_tenant_lives_no_longer_than_its_answer_whatever_is_remembered() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    database.set(TENANT, false);
    clock.advance(5 * MINUTE - SECOND);
    // Nobody asked in the last fifth, so nothing was renewed.
    assert!(authenticator.cached(&token).is_some());
    clock.advance(SECOND);
    assert!(authenticator.cached(&token).is_none());
    assert_eq!(outcome(&authenticator, &token).await.unwrap_err(), DENIED);
    assert!(authenticator.cached(&token).is_none());
}

#[tokio::test]
async fn an_answer_is_renewed_in_the_background_before_it_ends() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    for round in 0..5 {
        clock.advance(4 * MINUTE);
        assert!(
            authenticator.cached(&token).is_some(),
            "nobody waits, {round}"
        );
        settle().await;
        assert_eq!(database.asked(), 2 + round);
    }
    database.set(TENANT, false);
    clock.advance(4 * MINUTE);
    assert!(authenticator.cached(&token).is_some());
    settle().await;
    assert!(authenticator.cached(&token).is_none(), "the renewal denied");
    assert_eq!(outcome(&authenticator, &token).await.unwrap_err(), DENIED);
}

#[tokio::test]
async fn known_tenants_outlive_an_outage_to_the_hard_limit_and_recover() {
    let database = Database::new(&[TENANT]);
    let limits = TenantCacheLimits::default().with_stale_for(10 * MINUTE);
    let (authenticator, clock, _) = guard(&database, limits);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    database.is(Mood::Down);
    for minute in 1..15 {
        clock.advance(MINUTE);
        assert!(
            outcome(&authenticator, &token).await.is_ok(),
            "after {minute} minutes"
        );
        // Let in beyond its time, but only while the failure is fresh.
        assert!(authenticator.cached(&token).is_some());
        settle().await;
    }
    let asked = database.asked();
    assert!((2..=15).contains(&asked), "{asked}");
    clock.advance(MINUTE);
    assert!(undecided(outcome(&authenticator, &token).await) >= 1);
    assert!(authenticator.cached(&token).is_none());
    // A stranger during the outage: not denied either.
    let stranger = outcome(&authenticator, &of(OTHER_TENANT)).await;
    assert!(undecided(stranger) >= 1);
    database.is(Mood::Well);
    clock.advance(30 * SECOND);
    assert!(outcome(&authenticator, &token).await.is_ok());
    let stranger = outcome(&authenticator, &of(OTHER_TENANT)).await;
    assert_eq!(stranger.unwrap_err(), DENIED);
}

#[tokio::test]
async fn a_tenant_is_forgotten_on_request() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    database.set(TENANT, false);
    authenticator.forget_tenant(tenant(TENANT));
    assert!(authenticator.cached(&token).is_none());
    assert_eq!(outcome(&authenticator, &token).await.unwrap_err(), DENIED);
    database.set(TENANT, true);
    authenticator.forget_tenant(tenant(TENANT));
    assert!(outcome(&authenticator, &token).await.is_ok());
}

/// A lookup that began before is answered to those who wait, and not kept.
#[tokio::test]
async fn what_was_asked_before_a_tenant_was_forgotten_is_not_kept() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    let token = of(TENANT);
    authenticator.warm_up().await.unwrap();
    database.is(Mood::Hanging);
    let mut waiting = Box::pin(outcome(&authenticator, &token));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    settle().await;
    authenticator.forget_tenant(tenant(TENANT));
    database.is(Mood::Well);
    assert!(waiting.await.is_ok());
    assert!(authenticator.cached(&token).is_none());
    assert!(outcome(&authenticator, &token).await.is_ok());
    assert_eq!(database.asked(), 2);
}

/// Answers are as old as the clock that moved more says.
#[tokio::test]
async fn an_answer_ends_also_while_the_machine_sleeps() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    for wall in [NOW + 60, NOW - 120, NOW] {
        clock.set_wall(wall);
        assert!(authenticator.cached(&token).is_some(), "{wall}");
    }
    assert_eq!(database.asked(), 1);
    clock.set_wall(NOW + 20 * 86_400);
    assert!(authenticator.cached(&token).is_none());
}
