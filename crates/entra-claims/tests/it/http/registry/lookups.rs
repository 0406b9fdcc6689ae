//! One lookup at a time, and what happens when it hangs, ends early or is left.

use std::sync::Arc;

use entra_claims::Reason;
use futures_util::future::join_all;

use super::super::script::settle;
use super::{DENIED, Database, MINUTE, Mood, SECOND, numbered, of, outcome, undecided, usual};
use crate::support::TENANT;

#[tokio::test]
async fn a_registry_that_panics_has_failed() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    database.is(Mood::Panicking);
    assert_eq!(undecided(outcome(&authenticator, &of(TENANT)).await), 1);
    database.is(Mood::Well);
    clock.advance(SECOND);
    assert!(outcome(&authenticator, &of(TENANT)).await.is_ok());
}

/// Tokio's time runs by itself here: no second of ours passes.
#[tokio::test(start_paused = true)]
async fn a_slow_registry_has_its_deadline() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    database.is(Mood::Hanging);
    let began = tokio::time::Instant::now();
    assert_eq!(undecided(outcome(&authenticator, &of(TENANT)).await), 1);
    assert_eq!(began.elapsed().as_secs(), 3);
    assert_eq!(database.asked(), 1);
}

#[tokio::test]
async fn a_herd_asks_once_and_who_goes_away_harms_nobody() {
    for polls in 0..4 {
        let database = Database::new(&[TENANT]);
        let (authenticator, _, _) = usual(&database);
        authenticator.warm_up().await.unwrap();
        database.is(Mood::Hanging);
        let token = of(TENANT);
        {
            let mut leader = Box::pin(outcome(&authenticator, &token));
            for _ in 0..polls {
                assert!(futures_util::poll!(&mut leader).is_pending());
                tokio::task::yield_now().await;
            }
        }
        let herd = (0..200).map(|_| outcome(&authenticator, &token));
        let (results, ()) = tokio::join!(join_all(herd), async {
            settle().await;
            database.is(Mood::Well);
        });
        assert!(results.iter().all(Result::is_ok));
        assert_eq!(database.asked(), 1, "leader dropped after {polls} polls");
    }
}

/// Strangers have 64 places among the lookups; known tenants need none.
#[tokio::test]
async fn strangers_that_hang_delay_no_known_tenant() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    clock.advance(5 * MINUTE);
    database.is(Mood::Hanging);
    let strangers: Vec<String> = (0..70).map(|number| of(&numbered(number))).collect();
    let mut waiting: Vec<_> = strangers
        .iter()
        .map(|token| Box::pin(outcome(&authenticator, token)))
        .collect();
    let mut refused = 0;
    for future in &mut waiting {
        if let std::task::Poll::Ready(result) = futures_util::poll!(future) {
            assert_eq!(undecided(result), 1);
            refused += 1;
        }
    }
    assert_eq!(refused, 6);
    let mut known = Box::pin(outcome(&authenticator, &token));
    assert!(futures_util::poll!(&mut known).is_pending());
    settle().await;
    assert_eq!(database.asked(), 1 + 64 + 1);
    database.is(Mood::Well);
    assert!(known.await.is_ok());
    settle().await;
    // The places are free again.
    let denied = outcome(&authenticator, &of(&numbered(1000))).await;
    assert_eq!(denied.unwrap_err(), DENIED);
}

#[test]
fn a_waiter_outlives_the_runtime_of_the_one_who_asked() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
    };
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    let token = of(TENANT);
    let (first, second) = (runtime(), runtime());
    first.block_on(async {
        authenticator.warm_up().await.unwrap();
        database.is(Mood::Hanging);
        let mut leader = Box::pin(outcome(&authenticator, &token));
        assert!(futures_util::poll!(&mut leader).is_pending());
        settle().await;
    });
    second.block_on(async {
        let mut waiter = Box::pin(outcome(&authenticator, &token));
        assert!(futures_util::poll!(&mut waiter).is_pending());
        first.shutdown_background();
        database.is(Mood::Well);
        assert!(waiter.await.is_ok());
    });
}

/// Customers have even numbers. Answers end, are renewed and fail while four threads ask.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_load_no_stranger_is_let_in_and_no_customer_denied() {
    let customers: Vec<String> = (0..8).map(|number| numbered(2 * number)).collect();
    let known: Vec<&str> = customers.iter().map(String::as_str).collect();
    let database = Database::new(&known);
    let (authenticator, clock, _) = usual(&database);
    let tokens: Arc<[String]> = (0..16).map(|number| of(&numbered(number))).collect();
    let workers = (0..8_usize).map(|worker| {
        let (authenticator, tokens) = (authenticator.clone(), tokens.clone());
        let (database, clock) = (database.clone(), clock.clone());
        tokio::spawn(async move {
            let (mut let_in, mut denied) = (0, 0);
            for round in 0..200 {
                let number = (worker * 5 + round * 7) % tokens.len();
                match outcome(&authenticator, &tokens[number]).await {
                    Ok(_) => {
                        assert_eq!(number % 2, 0, "a stranger was let in");
                        let_in += 1;
                    }
                    Err(DENIED) => {
                        assert_eq!(number % 2, 1, "a customer was denied");
                        denied += 1;
                    }
                    Err((reason, _)) => assert_eq!(reason, Reason::RegistryUnavailable),
                }
                if round % 20 == worker {
                    clock.advance(40 * SECOND);
                    let down = (round / 20) % 3 == 1;
                    database.is(if down { Mood::Down } else { Mood::Well });
                }
            }
            (let_in, denied)
        })
    });
    let counts = join_all(workers).await.into_iter().map(Result::unwrap);
    let (let_in, denied) = counts.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    assert!(let_in > 0 && denied > 0, "{let_in} let in, {denied} denied");
    // Whatever happened, nothing is stuck.
    database.is(Mood::Well);
    clock.advance(10 * MINUTE);
    for (number, token) in tokens.iter().enumerate() {
        let ended = outcome(&authenticator, token).await;
        assert_eq!(ended.is_ok(), number % 2 == 0);
    }
}
