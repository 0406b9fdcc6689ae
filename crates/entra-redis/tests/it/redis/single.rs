//! A single server: what the trait asks, cancelled calls, restarts.

use std::sync::Arc;
use std::time::Duration;

use entra_parts::store::{SharedStore as _, StoreError};
use entra_parts::testing::check_shared_store;
use tokio::task::JoinSet;

use super::server::{Server, store, until};

const TTL: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn it_does_what_the_trait_asks() {
    let server = Server::start(&[]);
    let store = Arc::new(store(&server.url()).await);
    check_shared_store(store, "single:").await.unwrap();
}

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn every_value_and_counter_has_an_end() {
    let server = Server::start(&[]);
    let store = store(&server.url()).await;
    store.put("a", b"1", TTL).await.unwrap();
    store.put_if_absent("b", b"1", TTL).await.unwrap();
    store.add("c", 1, TTL).await.unwrap();
    store.add("c", 1, TTL * 10).await.unwrap();
    store.put("d", b"1", Duration::ZERO).await.unwrap();
    for name in ["a", "b", "c"] {
        let left: i64 = server.cli(&["pttl", name]).trim().parse().unwrap();
        assert!(left > 0 && left <= 60_000, "{name}: {left}");
    }
    assert_eq!(store.ping().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn replies_of_cancelled_calls_reach_no_other_call() {
    let server = Server::start(&[]);
    let store = Arc::new(store(&server.url()).await);
    for n in 0..64_u64 {
        store
            .put(&format!("n{n}"), &n.to_be_bytes(), TTL)
            .await
            .unwrap();
    }
    let mut tasks = JoinSet::new();
    for round in 0..4_000_u64 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let n = round % 64;
            let name = format!("n{n}");
            let names = [name.as_str()];
            let mut call = std::pin::pin!(store.get(&names));
            // A third is polled once and dropped, between the request and its reply.
            if round % 3 == 0 {
                std::future::poll_fn(|context| {
                    let _ = call.as_mut().poll(context);
                    std::task::Poll::Ready(())
                })
                .await;
                return true;
            }
            match call.await {
                Ok(values) => values == [Some(n.to_be_bytes().to_vec())],
                // A busy machine may miss the time; a wrong value is what must not be.
                Err(error) => error == StoreError::TimedOut,
            }
        });
    }
    assert!(tasks.join_all().await.into_iter().all(|right| right));
}

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn nothing_that_was_asked_during_an_outage_happens_after_it() {
    let mut server = Server::start(&[]);
    let store = store(&server.url()).await;
    store.put("before", b"1", TTL).await.unwrap();
    server.kill();
    until("an error", || async {
        store.put("during", b"1", TTL).await.is_err()
    })
    .await;
    assert!(store.put("during", b"1", TTL).await.is_err());
    assert!(store.take("before").await.is_err());
    server.start_again();
    until("a connection", || async {
        store.put("after", b"1", TTL).await.is_ok()
    })
    .await;
    let found = store.get(&["before", "during", "after"]).await.unwrap();
    assert_eq!(found, [None, None, Some(b"1".to_vec())]);
}
