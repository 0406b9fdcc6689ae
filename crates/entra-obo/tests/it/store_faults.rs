//! A store that is slow, hangs, fails, panics or answers nonsense: never a caller's error, and
//! hardly a caller's time.

use std::time::Duration;

use crate::support::store::*;
use crate::support::*;
use tokio::time::Instant;

const DEADLINE: Duration = Duration::from_millis(100);

/// A new user each time: every call would ask the store. How long it took.
async fn ask(world: &World, n: u32) -> Duration {
    let start = Instant::now();
    let assertion = token(TENANT, n, "");
    let got = world
        .api
        .token_on_behalf_of(&assertion_of(&assertion))
        .await
        .unwrap();
    assert_eq!(got.expose(), expected(&assertion, SCOPE));
    let took = start.elapsed();
    world.settle().await;
    took
}

#[tokio::test(start_paused = true)]
async fn no_failure_of_the_store_is_a_callers() {
    for mode in [
        Mode::Fails,
        Mode::Hangs,
        Mode::Panics,
        Mode::AnswersTooLittle,
        Mode::Slow(500),
        Mode::WritesFail,
    ] {
        let fleet = Fleet::new(Endpoint::granting());
        fleet.store.set(mode);
        let world = fleet.process();
        for n in 0..20 {
            assert!(ask(&world, n).await <= DEADLINE, "{mode:?}");
        }
        assert_eq!(world.client.stats().in_flight, 0);
        assert!(world.client.stats().remote_failures > 0, "{mode:?}");
        assert!(fleet.memory().names().is_empty(), "{mode:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_within_its_time_is_waited_for() {
    let fleet = Fleet::new(Endpoint::granting());
    fleet.store.set(Mode::Slow(50));
    let (one, two) = (fleet.process(), fleet.process());
    assert_eq!(ask(&one, 1).await, Duration::from_millis(50));
    // Keeping it takes the store's time and nobody else's.
    while fleet.memory().names().len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(ask(&two, 1).await, Duration::from_millis(50));
    assert_eq!(fleet.endpoint.calls(), 1);
    assert_eq!(two.client.stats().remote_failures, 0);
}

#[tokio::test(start_paused = true)]
async fn after_five_failures_it_is_left_out_and_costs_no_time() {
    let fleet = Fleet::new(Endpoint::granting());
    fleet.store.set(Mode::Hangs);
    let world = fleet.process();
    for n in 0..5 {
        assert_eq!(ask(&world, n).await, DEADLINE);
    }
    for n in 5..100 {
        assert_eq!(ask(&world, n).await, Duration::ZERO);
    }
    let stats = world.client.stats();
    assert_eq!((fleet.store.gets(), stats.remote_failures), (5, 5));
    assert_eq!(stats.remote_left_out, 95);
}

#[tokio::test(start_paused = true)]
async fn every_five_seconds_somebody_looks_whether_it_is_back_and_nobody_waits() {
    let fleet = Fleet::new(Endpoint::granting());
    fleet.store.set(Mode::Hangs);
    let world = fleet.process();
    for n in 0..10 {
        ask(&world, n).await;
    }
    for round in 1..4 {
        fleet.clock.advance(Duration::from_millis(4999));
        assert_eq!(ask(&world, 100 * round).await, Duration::ZERO);
        assert_eq!(fleet.store.gets(), 4 + round as usize);
        fleet.clock.advance(Duration::from_millis(1));
        for n in 1..10 {
            assert_eq!(ask(&world, 100 * round + n).await, Duration::ZERO);
        }
        // The probe hangs as the others did, by itself.
        tokio::time::sleep(DEADLINE).await;
        assert_eq!(fleet.store.gets(), 5 + round as usize);
    }
    fleet.store.set(Mode::Works);
    fleet.clock.advance(Duration::from_secs(5));
    ask(&world, 1000).await;
    tokio::task::yield_now().await;
    // It answered: from now on it is asked, and told.
    ask(&world, 1001).await;
    assert_eq!(fleet.memory().names().len(), 2);
    ask(&fleet.process(), 1001).await;
    assert_eq!(world.client.stats().remote_misses, 1);
}

#[tokio::test(start_paused = true)]
async fn failures_with_successes_between_them_leave_it_in() {
    let fleet = Fleet::new(Endpoint::granting());
    let world = fleet.process();
    for n in 0..40 {
        let works = n % 4 == 0;
        fleet
            .store
            .set(if works { Mode::Works } else { Mode::Fails });
        ask(&world, n).await;
    }
    assert_eq!(fleet.store.gets(), 40);
    assert_eq!(world.client.stats().remote_left_out, 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_looked_up_is_not_written() {
    let fleet = Fleet::new(Endpoint::granting());
    let world = fleet.process();
    fleet.store.set(Mode::Fails);
    ask(&world, 1).await;
    assert_eq!(fleet.store.puts(), 0);
}

#[tokio::test]
async fn a_write_that_fails_is_nobodys_error() {
    let fleet = Fleet::new(Endpoint::granting());
    fleet.store.set(Mode::WritesFail);
    let world = fleet.process();
    ask(&world, 1).await;
    assert!(world.api.cached(&user(1)).is_some());
    assert_eq!(world.client.stats().remote_failures, 1);
}

/// A store that loses everything all the time costs requests and nothing else.
#[tokio::test]
async fn a_store_that_is_emptied_makes_misses() {
    let fleet = Fleet::new(Endpoint::granting());
    for n in 0..50 {
        let world = fleet.process();
        ask(&world, n / 4).await;
        if n % 2 == 0 {
            fleet.memory().clear();
        }
    }
    assert!(fleet.endpoint.calls() < 50);
}
