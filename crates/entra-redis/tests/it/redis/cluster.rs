//! A cluster of three nodes, and a slot that moves.

use std::sync::Arc;
use std::time::Duration;

use entra_parts::store::SharedStore as _;
use entra_parts::testing::check_shared_store;
use entra_redis::RedisStore;

use super::server::{Server, store, until};

const TTL: Duration = Duration::from_secs(60);

async fn cluster() -> (Vec<Server>, RedisStore) {
    let arguments = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
    let nodes: Vec<_> = (0..3).map(|_| Server::start(&arguments)).collect();
    let addresses: Vec<_> = nodes
        .iter()
        .map(|node| format!("127.0.0.1:{}", node.port))
        .collect();
    let mut create = vec!["--cluster", "create"];
    create.extend(addresses.iter().map(String::as_str));
    create.push("--cluster-yes");
    let made = nodes[0].cli(&create);
    assert!(made.contains("All 16384 slots covered"), "{made}");
    until("all nodes agree", || async {
        nodes
            .iter()
            .all(|node| node.cli(&["cluster", "info"]).contains("cluster_state:ok"))
    })
    .await;
    let store = store(&format!(
        "redis-cluster://{}?node={}",
        addresses[0], addresses[1]
    ))
    .await;
    (nodes, store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn it_does_what_the_trait_asks_over_three_nodes() {
    let (nodes, store) = cluster().await;
    check_shared_store(Arc::new(store.clone()), "cluster:")
        .await
        .unwrap();
    let names: Vec<_> = (0..50).map(|n| format!("name-{n}")).collect();
    for name in &names {
        store.put(name, name.as_bytes(), TTL).await.unwrap();
    }
    let asked: Vec<_> = names.iter().map(String::as_str).collect();
    let expected: Vec<_> = names
        .iter()
        .map(|name| Some(name.clone().into_bytes()))
        .collect();
    assert_eq!(store.get(&asked).await.unwrap(), expected);
    for node in &nodes {
        assert_ne!(node.cli(&["dbsize"]).trim(), "0", "a node got nothing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn a_slot_that_moves_costs_an_error_at_most() {
    let (nodes, store) = cluster().await;
    store.put("moving", b"1", TTL).await.unwrap();
    let id = |node: &Server| node.cli(&["cluster", "myid"]).trim().to_owned();
    let slot = nodes[0]
        .cli(&["cluster", "keyslot", "moving"])
        .trim()
        .to_owned();
    let held = |node: &Server| node.cli(&["cluster", "countkeysinslot", &slot]).trim() == "1";
    let from = nodes.iter().position(held).unwrap();
    let (from, to) = (&nodes[from], &nodes[(from + 1) % nodes.len()]);
    to.cli(&["cluster", "setslot", &slot, "importing", &id(from)]);
    from.cli(&["cluster", "setslot", &slot, "migrating", &id(to)]);
    // On the way: the old node answers ASK for what it has not any more.
    assert_eq!(store.get(&["moving"]).await.unwrap(), [Some(b"1".to_vec())]);
    let port = to.port.to_string();
    let moved = from.cli(&["migrate", "127.0.0.1", &port, "moving", "0", "5000"]);
    assert_eq!(moved.trim(), "OK");
    until("the value at the new node", || async {
        let found = store.get(&["moving"]).await;
        found.is_ok_and(|found| found == [Some(b"1".to_vec())])
    })
    .await;
    for node in &nodes {
        node.cli(&["cluster", "setslot", &slot, "node", &id(to)]);
    }
    until("a write to the new node", || async {
        store.put("moving", b"2", TTL).await.is_ok()
    })
    .await;
    assert_eq!(to.cli(&["get", "moving"]).trim(), "2");
}
