//! A server that is away at start, frozen, full, or answers with errors.

use std::time::Duration;

use entra_parts::store::SharedStore as _;
use entra_redis::RedisSettings;

use super::server::{Server, free_port, store, until};

const TTL: Duration = Duration::from_secs(60);

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn it_starts_without_its_server_and_finds_it_later() {
    let port = free_port();
    let settings = RedisSettings::new(&format!("redis://127.0.0.1:{port}")).unwrap();
    let store = settings.connect().await.unwrap();
    assert!(store.get(&["a"]).await.is_err());
    assert!(store.ping().await.is_err());
    let _server = Server::on(port, &["--port", &port.to_string()], &[], &[]);
    until("a connection", || async {
        store.put("a", b"1", TTL).await.is_ok()
    })
    .await;
}

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn a_frozen_server_is_an_error_and_its_late_replies_are_nobodys() {
    let server = Server::start(&[]);
    let store = store(&server.url()).await;
    store.put("a", b"a", TTL).await.unwrap();
    store.put("b", b"b", TTL).await.unwrap();
    server.signal("STOP");
    assert!(store.get(&["a"]).await.is_err());
    server.signal("CONT");
    until("an answer", || async { store.ping().await.is_ok() }).await;
    for _ in 0..100 {
        assert_eq!(store.get(&["b"]).await.unwrap(), [Some(b"b".to_vec())]);
    }
}

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn a_full_server_refuses_writes_and_still_reads() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let store = store(&server.url()).await;
    store.put("a", b"a", TTL).await.unwrap();
    server.cli(&["config", "set", "maxmemory", "1"]);
    let error = store.put("b", b"b", TTL).await.unwrap_err();
    assert!(error.to_string().contains("OOM"), "{error}");
    assert_eq!(store.get(&["a"]).await.unwrap(), [Some(b"a".to_vec())]);
}

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn a_value_of_another_type_is_an_error_and_no_value() {
    let server = Server::start(&[]);
    let store = store(&server.url()).await;
    server.cli(&["lpush", "list", "x"]);
    server.cli(&["set", "word", "x"]);
    assert_eq!(store.get(&["list"]).await.unwrap(), [None]);
    assert!(store.add("list", 1, TTL).await.is_err());
    assert!(store.add("word", 1, TTL).await.is_err());
    assert!(store.take("list").await.is_err());
    assert_eq!(store.ping().await, Ok(()));
}
