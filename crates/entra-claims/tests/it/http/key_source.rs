//! When keys are fetched, and what happens when they cannot be.

use std::time::Duration;

use entra_claims::transport::TransportError;
use entra_claims::{Authenticator, Reason, RejectionClass, VerifiedToken};
use futures_util::future::join_all;
use serde_json::json;

use super::script::{Reply, Script, authenticator, discovery_url, settle};
use crate::support::{NOW, TENANT, header, sign, sign_raw, user, with};

const HOUR: Duration = Duration::from_secs(3600);
const DOWN: Reply = Reply::Fail(TransportError::Connect);

/// A token of long life, signed with `key-1`.
pub(super) fn lasting() -> String {
    sign(&with(&user(), &[("exp", json!(NOW + 7 * 86_400))]))
}

/// A token of long life, signed with `key-2`.
fn rotated() -> String {
    with_kid("key-2", "other-key")
}

fn with_kid(kid: &str, signer: &str) -> String {
    let header = with(&header(), &[("kid", json!(kid))]);
    let claims = with(
        &user(),
        &[("exp", json!(NOW + 7 * 86_400)), ("uti", json!(kid))],
    );
    sign_raw(signer, header.to_string(), claims.to_string())
}

pub(super) async fn outcome(
    authenticator: &Authenticator,
    token: &str,
) -> Result<VerifiedToken, (Reason, RejectionClass)> {
    authenticator
        .authenticate(token)
        .await
        .map_err(|refusal| (refusal.reason(), refusal.class()))
}

#[track_caller]
fn is_unavailable(result: Result<VerifiedToken, (Reason, RejectionClass)>) -> Duration {
    match result.unwrap_err() {
        (Reason::KeysUnavailable, RejectionClass::Unavailable { retry_after }) => retry_after,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_cold_herd_causes_one_fetch_and_all_pass() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    script.close();
    let token = lasting();
    let herd = (0..500).map(|_| outcome(&authenticator, &token));
    let (results, ()) = tokio::join!(join_all(herd), async {
        settle().await;
        script.open();
    });
    assert!(results.iter().all(Result::is_ok));
    assert_eq!((script.key_fetches(), script.requests()), (1, 2));
}

#[tokio::test]
async fn a_cold_failure_is_unavailable_and_recovers_within_two_seconds() {
    let script = Script::new();
    script.answer_all(&DOWN);
    let (authenticator, clock) = authenticator(&script);
    let token = lasting();
    for (round, pause) in [1, 2, 2, 2].into_iter().enumerate() {
        let retry_after = is_unavailable(outcome(&authenticator, &token).await);
        assert_eq!(retry_after, Duration::from_secs(pause));
        // During the pause the answer is there at once.
        assert_eq!(
            is_unavailable(outcome(&authenticator, &token).await),
            retry_after
        );
        assert_eq!(script.requests(), round + 1);
        clock.advance(Duration::from_secs(pause));
    }
    script.tenant(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
}

#[tokio::test]
async fn a_cold_herd_shares_one_failure() {
    let script = Script::new();
    script.answer_all(&DOWN);
    let (authenticator, _) = authenticator(&script);
    script.close();
    let token = lasting();
    let herd = (0..100).map(|_| outcome(&authenticator, &token));
    let (results, ()) = tokio::join!(join_all(herd), async {
        settle().await;
        script.open();
    });
    results
        .into_iter()
        .for_each(|result| assert!(!is_unavailable(result).is_zero()));
    assert_eq!(script.requests(), 1);
}

#[tokio::test]
async fn a_new_key_is_accepted_on_its_first_token() {
    let script = Script::new();
    script.publish(&["key-1"]);
    let (authenticator, _) = authenticator(&script);
    assert!(outcome(&authenticator, &lasting()).await.is_ok());
    script.publish(&["key-1", "key-2"]);
    assert!(outcome(&authenticator, &rotated()).await.is_ok());
    assert!(outcome(&authenticator, &lasting()).await.is_ok());
    assert_eq!(
        (script.key_fetches(), script.count(&discovery_url(TENANT))),
        (2, 1)
    );
}

#[tokio::test]
async fn a_flood_of_unknown_keys_causes_one_fetch_per_minute() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let good = lasting();
    assert!(outcome(&authenticator, &good).await.is_ok());
    for minute in 1..=3 {
        for i in 0..300 {
            let hostile = with_kid(&format!("kid-{minute}-{i}"), "other-key");
            let refusal = outcome(&authenticator, &hostile).await.unwrap_err();
            assert_eq!(refusal, (Reason::UnknownKey, RejectionClass::InvalidToken));
        }
        assert_eq!(script.key_fetches(), 1 + minute);
        clock.advance(Duration::from_secs(59));
        assert!(
            outcome(&authenticator, &with_kid("late", "other-key"))
                .await
                .is_err()
        );
        assert_eq!(script.key_fetches(), 1 + minute);
        clock.advance(Duration::from_secs(1));
    }
    assert!(outcome(&authenticator, &good).await.is_ok());
}

#[tokio::test]
async fn a_cold_flood_beside_good_tokens_causes_one_fetch() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    script.close();
    let (good, hostile) = (lasting(), with_kid("nobody's", "other-key"));
    let herd = (0..200).map(|i| outcome(&authenticator, if i % 2 == 0 { &good } else { &hostile }));
    let (results, ()) = tokio::join!(join_all(herd), async {
        settle().await;
        script.open();
    });
    for (i, result) in results.into_iter().enumerate() {
        assert_eq!(result.is_ok(), i % 2 == 0);
    }
    assert_eq!(script.key_fetches(), 1);
}

#[tokio::test]
async fn the_slot_is_used_up_by_a_failing_fetch_and_good_keys_stay() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    assert!(outcome(&authenticator, &lasting()).await.is_ok());
    script.answer_all(&DOWN);
    let hostile = with_kid("nobody's", "other-key");
    is_unavailable(outcome(&authenticator, &hostile).await);
    let failed = script.requests();
    for _ in 0..59 {
        // Neither known nor unknown keys ask again; what cannot be decided is said so.
        is_unavailable(outcome(&authenticator, &hostile).await);
        assert!(
            authenticator
                .validator()
                .verify(&lasting(), &crate::support::keys())
                .is_ok()
        );
        assert!(outcome(&authenticator, &lasting()).await.is_ok());
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(script.requests(), failed);
    script.tenant(TENANT);
    clock.advance(Duration::from_secs(1));
    let refusal = outcome(&authenticator, &hostile).await.unwrap_err();
    assert_eq!(refusal.0, Reason::UnknownKey);
}

#[tokio::test]
async fn more_waiters_than_places_are_told_at_once() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    assert!(outcome(&authenticator, &lasting()).await.is_ok());
    script.close();
    let hostile = with_kid("nobody's", "other-key");
    let herd = (0..1100).map(|_| outcome(&authenticator, &hostile));
    let (results, ()) = tokio::join!(join_all(herd), async {
        settle().await;
        // Known keys wait for nothing.
        assert!(outcome(&authenticator, &lasting()).await.is_ok());
        script.open();
    });
    let overloaded = results
        .iter()
        .filter(|result| matches!(result, Err((Reason::Overloaded, _))));
    assert_eq!(overloaded.count(), 1100 - 1024);
    assert_eq!(script.key_fetches(), 2);
    assert_eq!(
        outcome(&authenticator, &hostile).await.unwrap_err().0,
        Reason::UnknownKey
    );
}

/// Who went away or was answered takes no place.
#[tokio::test]
async fn places_are_free_again() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    assert!(outcome(&authenticator, &lasting()).await.is_ok());
    let hostile = with_kid("nobody's", "other-key");
    for _ in 0..3 {
        script.close();
        let herd = (0..1000).map(|_| outcome(&authenticator, &hostile));
        let (results, ()) = tokio::join!(join_all(herd), async {
            settle().await;
            script.open();
        });
        for result in results {
            assert_eq!(result.unwrap_err().0, Reason::UnknownKey);
        }
        clock.advance(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn keys_are_served_for_a_day_while_the_authority_is_down() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let token = lasting();
    assert!(outcome(&authenticator, &token).await.is_ok());
    script.answer_all(&DOWN);
    let mut minutes = 0;
    for _ in 0..(24 * 60 - 1) {
        clock.advance(Duration::from_secs(60));
        minutes += 1;
        assert!(
            outcome(&authenticator, &token).await.is_ok(),
            "after {minutes} minutes"
        );
        settle().await;
    }
    let tried = script.requests() - 2;
    assert!(
        (12 * 6..=12 * 60).contains(&tried),
        "{tried} attempts in the second half of the day"
    );
    clock.advance(Duration::from_secs(60));
    // The limit: what cannot be decided is not "invalid".
    assert!(authenticator.cached(&token).is_none());
    is_unavailable(outcome(&authenticator, &token).await);
    script.tenant(TENANT);
    clock.advance(Duration::from_secs(60));
    assert!(outcome(&authenticator, &token).await.is_ok());
}

#[tokio::test]
async fn a_refresh_runs_in_the_background_and_drops_withdrawn_keys() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let token = lasting();
    assert!(outcome(&authenticator, &token).await.is_ok());
    script.publish(&["key-2"]);
    clock.advance(12 * HOUR - Duration::from_secs(1));
    assert!(outcome(&authenticator, &token).await.is_ok());
    settle().await;
    assert_eq!(script.key_fetches(), 1, "not due");
    clock.advance(HOUR);
    script.close();
    assert!(
        outcome(&authenticator, &token).await.is_ok(),
        "nobody waits for a refresh"
    );
    script.open();
    settle().await;
    assert_eq!(
        (script.key_fetches(), script.count(&discovery_url(TENANT))),
        (2, 2)
    );
    assert!(authenticator.cached(&token).is_none(), "its key is gone");
    assert_eq!(
        outcome(&authenticator, &token).await.unwrap_err().0,
        Reason::UnknownKey
    );
    assert!(outcome(&authenticator, &rotated()).await.is_ok());
}

#[tokio::test]
async fn a_useless_key_set_is_a_failure_and_changes_nothing() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let token = lasting();
    assert!(outcome(&authenticator, &token).await.is_ok());
    let whole = crate::support::key_document().to_string();
    for body in [
        "",
        "null",
        "[]",
        "{\"keys\":[]}",
        "<html>",
        &whole[..whole.len() / 2],
    ] {
        script.answer(
            &super::script::keys_url(TENANT),
            Reply::Body(200, body.into()),
        );
        clock.advance(Duration::from_secs(61));
        is_unavailable(outcome(&authenticator, &with_kid("nobody's", "other-key")).await);
        assert!(outcome(&authenticator, &token).await.is_ok(), "{body}");
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_neither_ends_nor_poisons_the_fetch() {
    let token = lasting();
    for polls in 0..6 {
        let script = Script::new();
        let (authenticator, _) = authenticator(&script);
        script.close();
        {
            let mut leader = Box::pin(outcome(&authenticator, &token));
            for _ in 0..polls {
                assert!(futures_util::poll!(&mut leader).is_pending());
                tokio::task::yield_now().await;
            }
        }
        let (result, ()) = tokio::join!(outcome(&authenticator, &token), async {
            settle().await;
            script.open();
        });
        assert!(result.is_ok(), "leader dropped after {polls} polls");
        assert_eq!(
            script.key_fetches(),
            1,
            "leader dropped after {polls} polls"
        );
    }
}

#[test]
fn a_waiter_outlives_the_runtime_of_the_one_who_fetched() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
    };
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    let token = lasting();
    script.close();
    let (first, second) = (runtime(), runtime());
    first.block_on(async {
        let mut leader = Box::pin(outcome(&authenticator, &token));
        assert!(futures_util::poll!(&mut leader).is_pending());
        settle().await;
    });
    second.block_on(async {
        let mut waiter = Box::pin(outcome(&authenticator, &token));
        assert!(futures_util::poll!(&mut waiter).is_pending());
        first.shutdown_background();
        script.open();
        assert!(waiter.await.is_ok());
    });
}

#[test]
fn a_fetch_whose_runtime_stands_still_is_given_up_for_another() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    let token = lasting();
    script.close();
    let stands_still = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    stands_still.block_on(async {
        let mut leader = Box::pin(outcome(&authenticator, &token));
        assert!(futures_util::poll!(&mut leader).is_pending());
        settle().await;
    });
    let goes_on = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    goes_on.block_on(async {
        let mut first = Box::pin(outcome(&authenticator, &token));
        assert!(futures_util::poll!(&mut first).is_pending());
        script.open();
        tokio::time::advance(Duration::from_secs(6)).await;
        is_unavailable(first.await);
        let mut second = Box::pin(outcome(&authenticator, &token));
        assert!(futures_util::poll!(&mut second).is_pending());
        settle().await;
        assert!(
            futures_util::poll!(&mut second).is_pending(),
            "it was nudged"
        );
        tokio::time::advance(Duration::from_secs(20)).await;
        assert!(outcome(&authenticator, &token).await.is_ok());
        assert!(second.await.is_ok());
    });
}

#[test]
fn without_a_runtime_nothing_is_decided_and_nothing_panics() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    let result = futures_util::FutureExt::now_or_never(authenticator.authenticate(&lasting()));
    assert_eq!(
        result.unwrap().unwrap_err().reason(),
        Reason::KeysUnavailable
    );
    assert_eq!(script.requests(), 0);
}

#[tokio::test]
async fn a_transport_that_panics_is_a_failure() {
    let script = Script::new();
    script.answer_all(&Reply::Panic);
    let (authenticator, clock) = authenticator(&script);
    assert_eq!(
        is_unavailable(outcome(&authenticator, &lasting()).await),
        Duration::from_secs(1)
    );
    assert_eq!(script.requests(), 1);
    script.tenant(TENANT);
    clock.advance(Duration::from_secs(1));
    assert!(outcome(&authenticator, &lasting()).await.is_ok());
}

/// The monotonic clock stands still while a machine sleeps: a key that was withdrawn meanwhile must
/// not be as good as before.
#[tokio::test]
async fn keys_are_as_old_as_the_clock_that_moved_more_says() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let token = sign(&with(&user(), &[("exp", json!(NOW + 90 * 86_400))]));
    assert!(outcome(&authenticator, &token).await.is_ok());
    // Within the interval nothing is fetched, whichever clock moved.
    clock.set_wall(NOW + 3_600);
    assert!(outcome(&authenticator, &token).await.is_ok());
    settle().await;
    assert_eq!(script.key_fetches(), 1);
    // Set back, the keys are no younger, and no fetch is due.
    clock.set_wall(NOW);
    assert!(outcome(&authenticator, &token).await.is_ok());
    settle().await;
    assert_eq!(script.key_fetches(), 1);
    // Thirty days asleep: not accepted from memory, and fetched before anything is decided.
    clock.set_wall(NOW + 30 * 86_400);
    assert!(authenticator.cached(&token).is_none());
    assert!(outcome(&authenticator, &token).await.is_ok());
    assert_eq!(script.key_fetches(), 2);
    script.answer_all(&Reply::Fail(TransportError::Connect));
    clock.set_wall(NOW + 60 * 86_400);
    is_unavailable(outcome(&authenticator, &token).await);
}

#[tokio::test]
async fn a_wall_clock_that_is_set_to_nonsense_accepts_nothing() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let token = lasting();
    assert!(outcome(&authenticator, &token).await.is_ok());
    for wall in [0, i64::MIN, i64::MAX] {
        clock.set_wall(wall);
        assert!(authenticator.cached(&token).is_none());
        let refusal = outcome(&authenticator, &token).await.unwrap_err();
        assert!(
            matches!(refusal.0, Reason::NotYetValid | Reason::Expired),
            "{refusal:?}"
        );
    }
}
