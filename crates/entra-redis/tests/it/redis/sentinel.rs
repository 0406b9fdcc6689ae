//! A replicated pair behind a Sentinel, and a failover.

use std::time::Duration;

use entra_parts::store::SharedStore as _;

use super::server::{Server, free_port, store, until};

const TTL: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn after_a_failover_the_new_primary_is_asked() {
    let mut primary = Server::start(&[]);
    let port = primary.port.to_string();
    let replica = Server::start(&["--replicaof", "127.0.0.1", &port]);
    until("the replica follows", || async {
        replica
            .cli(&["info", "replication"])
            .contains("master_link_status:up")
    })
    .await;
    let sentinel = sentinel(&port);
    until("the Sentinel knows the replica", || async {
        sentinel
            .cli(&["sentinel", "replicas", "main"])
            .contains(&replica.port.to_string())
    })
    .await;
    let store = store(&format!(
        "redis-sentinel://127.0.0.1:{}?service=main",
        sentinel.port
    ))
    .await;
    store.put("a", b"1", TTL).await.unwrap();
    until("the write at the replica", || async {
        replica.cli(&["get", "a"]).trim() == "1"
    })
    .await;
    primary.kill();
    until("a write at the new primary", || async {
        store.put("a", b"2", TTL).await.is_ok()
    })
    .await;
    assert_eq!(replica.cli(&["get", "a"]).trim(), "2");
    assert!(
        replica
            .cli(&["info", "replication"])
            .contains("role:master")
    );
}

fn sentinel(primary: &str) -> Server {
    let port = free_port();
    let file = std::env::temp_dir().join(format!(
        "entra-redis-sentinel-{}-{port}.conf",
        std::process::id()
    ));
    let text = format!(
        "sentinel monitor main 127.0.0.1 {primary} 1\nsentinel down-after-milliseconds main 500\n\
         sentinel failover-timeout main 5000\n"
    );
    std::fs::write(&file, text).unwrap();
    let port_text = port.to_string();
    Server::on(
        port,
        &[file.to_str().unwrap(), "--sentinel", "--port", &port_text],
        &[],
        &[],
    )
}
