use super::*;

const USER: u8 = 7;

fn flights<T: Clone>() -> Arc<Flights<u32, T, u8>> {
    Flights::new()
}

#[tokio::test]
async fn everyone_on_board_gets_the_answer_and_the_map_is_empty() {
    let flights = flights();
    let (leader, completer) = flights.join(1, USER);
    let (follower, second) = flights.join(1, USER);
    assert!(second.is_none());
    assert_eq!(flights.len(), 1);
    completer.unwrap().complete(7);
    assert_eq!(flights.len(), 0);
    assert_eq!(leader.wait().await, Some(7));
    assert_eq!(follower.wait().await, Some(7));
    assert!(flights.waiter(&1).is_none());
    assert!(flights.join(1, USER).1.is_some(), "answers are not kept");
}

#[tokio::test]
async fn a_flight_that_ends_without_an_answer_says_so_and_leaves_the_map() {
    let flights = flights::<u8>();
    let (waiter, completer) = flights.join(1, USER);
    drop(completer);
    assert_eq!(flights.len(), 0);
    assert_eq!(waiter.wait().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_flight_that_never_ends_is_given_up_and_does_not_hurt_its_successor() {
    let flights = flights();
    let (waiter, stuck) = flights.join(1, USER);
    assert_eq!(waiter.wait().await, None);
    assert_eq!(flights.len(), 0);
    let (waiter, completer) = flights.join(1, USER);
    drop(stuck);
    assert_eq!(flights.len(), 1, "the old flight removed the new one");
    completer.unwrap().complete(8);
    assert_eq!(waiter.wait().await, Some(8));
}

#[tokio::test(start_paused = true)]
async fn who_joins_a_flight_that_stands_still_opens_another() {
    let flights = flights();
    let (impatient, stuck) = flights.join(1, USER);
    drop(impatient);
    tokio::time::advance(NUDGE).await;
    let (patient, second) = flights.join(1, USER);
    assert!(second.is_none(), "it was nudged");
    tokio::time::advance(SILENCE - Duration::from_millis(1)).await;
    assert!(flights.join(1, USER).1.is_none());
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(flights.waiter(&1).is_none());
    assert_eq!(patient.wait_without_timer().await, None);
    let (waiter, completer) = flights.join(1, USER);
    completer.unwrap().complete(8);
    assert_eq!(waiter.wait().await, Some(8));
    stuck.unwrap().complete(9);
}

#[tokio::test(start_paused = true)]
async fn work_that_answers_a_nudge_is_joined_however_long_it_takes() {
    let flights = flights();
    let (waiter, completer) = flights.join(1, USER);
    let completer = completer.unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<u8>();
    tokio::spawn(async move {
        let outcome = completer.drive(ended).await.unwrap().unwrap();
        completer.complete(outcome);
    });
    for _ in 0..20 {
        tokio::time::advance(NUDGE + SILENCE).await;
        assert!(flights.join(1, USER).1.is_none());
        tokio::task::yield_now().await;
    }
    end.send(7).unwrap();
    assert_eq!(waiter.wait_without_timer().await, Some(7));
}

#[tokio::test(start_paused = true)]
async fn work_that_gives_signs_is_waited_for_however_long_it_takes() {
    let flights = flights();
    let (waiter, completer) = flights.join(1, USER);
    let completer = completer.unwrap();
    tokio::spawn(async move {
        let work = tokio::time::sleep(100 * SILENCE);
        completer.drive(work).await.unwrap();
        completer.complete(7);
    });
    assert_eq!(waiter.wait().await, Some(7));
    assert_eq!(flights.len(), 0);
}

#[tokio::test]
async fn a_panic_of_the_work_is_an_outcome_like_any_other() {
    let flights = flights();
    let (waiter, completer) = flights.join(1, USER);
    let completer = completer.unwrap();
    tokio::spawn(async move {
        let outcome = completer.drive(async { panic!("the work panics") }).await;
        completer.complete(outcome);
    });
    assert_eq!(waiter.wait().await, Some(Err::<(), _>(Panicked)));
}

#[test]
fn a_waiter_whose_runtime_of_the_work_is_gone_starts_again() {
    let flights = flights::<u8>();
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
    };
    let (waiter, completer) = flights.join(1, USER);
    let gone = runtime();
    gone.spawn(async move {
        let completer = completer.unwrap();
        let _ = completer.drive(std::future::pending::<()>()).await;
    });
    gone.block_on(tokio::task::yield_now());
    drop(gone);
    assert_eq!(runtime().block_on(waiter.wait()), None);
    assert!(flights.join(1, USER).1.is_some());
}

#[tokio::test]
async fn a_parted_flight_still_answers_those_on_board() {
    let flights = flights();
    let (waiter, completer) = flights.join(1, USER);
    flights.detach(|_, owner| *owner == USER);
    assert!(flights.join(1, USER).1.is_some());
    completer.unwrap().complete_with(|current| {
        assert!(!current, "it may not be kept");
        9
    });
    assert_eq!(waiter.wait().await, Some(9));
    let (_, completer) = flights.join(2, USER);
    completer.unwrap().complete_with(|current| {
        assert!(current);
        1
    });
}

#[tokio::test]
async fn flights_of_one_tag_are_bounded_and_those_of_others_are_not() {
    let flights = flights::<u8>();
    let opened = |key, tag| flights.join_if_fewer(key, tag, 2);
    let held: Vec<_> = (0..2).map(|key| opened(key, USER).unwrap()).collect();
    assert!(opened(2, USER).is_none());
    assert!(opened(0, USER).unwrap().1.is_none(), "joined, not opened");
    assert!(opened(3, USER + 1).unwrap().1.is_some());
    drop(held);
    assert!(opened(2, USER).unwrap().1.is_some());
}
