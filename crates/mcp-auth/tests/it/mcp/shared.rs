//! Sessions that several instances share (CT-108).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use entra_emulator::demo;
use mcp_auth::McpLayer;
use mcp_auth::shared::{MemoryStore, SealingKeys, SharedStore, SharedTier, StoreError};

use super::client::{Client, call, initialize, send};
use super::server::{Mode, Server, listen, service};
use crate::common::world::World;

/// What a shared store does, in memory; it can fail.
#[derive(Debug, Default)]
struct Table {
    rows: MemoryStore,
    down: AtomicBool,
}

impl Table {
    fn up(&self) -> Result<&MemoryStore, StoreError> {
        match self.down.load(Ordering::SeqCst) {
            true => Err(StoreError::failed("down")),
            false => Ok(&self.rows),
        }
    }
}

#[async_trait::async_trait]
impl SharedStore for Table {
    async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.up()?.get(names).await
    }

    async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        self.up()?.put(name, value, ttl).await
    }

    async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.up()?.put_if_absent(name, value, ttl).await
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.up()?.delete(name).await
    }

    async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.up()?.take(name).await
    }

    async fn add(&self, name: &str, n: u64, ttl: Duration) -> Result<u64, StoreError> {
        self.up()?.add(name, n, ttl).await
    }
}

/// Over a store that is down.
pub(super) fn broken_tier() -> SharedTier {
    let table = Table::default();
    table.down.store(true, Ordering::SeqCst);
    SharedTier::new(table, SealingKeys::random().unwrap())
}

#[tokio::test]
async fn instances_with_one_store_know_each_others_sessions() {
    let world = World::start().await;
    let table = Arc::new(Table::default());
    let mcp = service(&Server::default(), Mode::Sessions);
    let instance = |layer: McpLayer| {
        let app = axum::Router::new().nest_service("/mcp", mcp.clone());
        listen(app.layer(layer))
    };
    let keys = SealingKeys::random().unwrap();
    let shared = || {
        let tier = SharedTier::new(Arc::clone(&table), keys.clone());
        let layer = McpLayer::new(world.guard());
        layer.shared_sessions(&tier).unwrap()
    };
    let [one, two] = [instance(shared()).await, instance(shared()).await];
    let alone = instance(McpLayer::new(world.guard())).await;
    let alice = |url: &str| Client::new(url, world.token(&[demo::MCP_READ]));
    let forge = world.emulator.forge();
    let (client, scopes) = (demo::MCP_CLIENT, &[demo::MCP_READ]);
    let bob = forge.user_token(demo::TENANT, demo::BOB, client, demo::MCP_SERVER, scopes);
    let bob = Client::new(&two, bob.unwrap().sign().unwrap());

    let session = alice(&one).open().await;
    let ask = |client: &Client| send(client.in_session(&session, &call("read")));
    assert_eq!(ask(&alice(&two)).await.status, 200);
    assert_eq!(ask(&bob).await.status, 404);
    // Who does not ask the store does not know the session.
    assert_eq!(ask(&alice(&alone)).await.status, 404);

    // A store that fails decides nothing, and no session is given away meanwhile.
    table.down.store(true, Ordering::SeqCst);
    for request in [
        alice(&one).in_session(&session, &call("read")),
        alice(&one).legacy(&initialize()),
    ] {
        let answer = send(request).await;
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert_eq!(answer.header("mcp-session-id"), None);
        assert_eq!(answer.message()["error"]["code"], -32603);
    }
    table.down.store(false, Ordering::SeqCst);
    assert_eq!(ask(&alice(&one)).await.status, 200);

    let delete = alice(&two)
        .request("DELETE")
        .header("mcp-session-id", &session);
    assert_eq!(send(delete).await.status, 202);
    assert_eq!(ask(&alice(&one)).await.status, 404);
    assert!(table.rows.names().is_empty());
}
