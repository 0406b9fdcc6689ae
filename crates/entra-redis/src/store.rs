//! `RedisStore`: the trait for shared state, on commands of Redis.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use entra_parts::store::{SharedStore, StoreError};
use futures_util::future::try_join_all;
use redis::{Cmd, FromRedisValue, RedisResult};

use crate::link::Link;
use crate::server::{Connection, Servers};

/// A [`SharedStore`] on Redis or Valkey, 6.2 or newer. A handle; the connection ends with the last one.
///
/// `MGET` (`GET` in a cluster), `SET` with `PX` (and `NX`), `DEL`, `GETDEL`, and for counters `SET NX` with `INCRBY` in one
/// transaction: an ACL user needs these, `MULTI`, `EXEC`, `PING`, behind Sentinel `ROLE`, and in a cluster `CLUSTER`.
///
/// A command whose future is dropped is still sent and its reply is taken off the connection, so that no reply reaches
/// another command.
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    link: Link,
    shown: String,
}

impl RedisStore {
    /// Begins to connect, in the background.
    pub(crate) fn start(servers: Servers) -> Self {
        let shown = format!("{:?}", servers.address);
        let link = Link::start(servers);
        Self(Arc::new(Inner { link, shown }))
    }

    /// Whether it is connected within this time. A store that is not goes on trying.
    pub async fn connected_within(&self, time: Duration) -> bool {
        tokio::time::timeout(time, self.0.link.connected())
            .await
            .is_ok()
    }

    /// Asks for a `PONG`: for a readiness probe.
    ///
    /// # Errors
    ///
    /// What Redis or the connection says.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.ask(redis::cmd("PING")).await
    }

    async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Result<T, StoreError> {
        self.run(async move |mut connection| command.query_async(&mut connection).await)
            .await
    }

    async fn run<T, F>(&self, call: impl FnOnce(Connection) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let link = &self.0.link;
        let Some(connection) = link.connection() else {
            return Err(StoreError::failed("there is no connection to Redis"));
        };
        match call(connection).await {
            Ok(answer) => {
                link.answered();
                Ok(answer)
            }
            Err(error) => {
                link.failed(&error);
                Err(match error.is_timeout() {
                    true => StoreError::TimedOut,
                    // The library's text has no password and no value in it.
                    false => StoreError::failed(error.to_string()),
                })
            }
        }
    }
}

/// Redis takes milliseconds, and no zero.
fn life(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis())
        .unwrap_or(u64::MAX)
        .clamp(1, i64::MAX as u64)
}

fn set(name: &str, value: impl redis::ToRedisArgs, ttl: Duration) -> Cmd {
    let mut command = redis::cmd("SET");
    command.arg(name).arg(value).arg("PX").arg(life(ttl));
    command
}

#[async_trait]
impl SharedStore for RedisStore {
    async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        self.run(async |mut connection| match connection {
            // Names are unrelated on purpose, so that they lie in different slots: a request for each, at the same time.
            Connection::Cluster(_) => {
                let each = names.iter().map(|name| {
                    let mut connection = connection.clone();
                    async move {
                        redis::cmd("GET")
                            .arg(*name)
                            .query_async(&mut connection)
                            .await
                    }
                });
                try_join_all(each).await
            }
            Connection::One(_) => {
                redis::cmd("MGET")
                    .arg(names)
                    .query_async(&mut connection)
                    .await
            }
        })
        .await
    }

    async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        self.ask(set(name, value, ttl)).await
    }

    async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let mut command = set(name, value, ttl);
        command.arg("NX");
        let kept: Option<String> = self.ask(command).await?;
        Ok(kept.is_some())
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        let mut command = redis::cmd("DEL");
        command.arg(name);
        self.ask(command).await
    }

    async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut command = redis::cmd("GETDEL");
        command.arg(name);
        self.ask(command).await
    }

    async fn add(&self, name: &str, n: u64, ttl: Duration) -> Result<u64, StoreError> {
        let n = i64::try_from(n).map_err(|_| StoreError::failed("too much to add at once"))?;
        // Its life is set once, when it is made: additions do not lengthen it.
        let mut first = set(name, 0, ttl);
        first.arg("NX");
        let mut sum = redis::cmd("INCRBY");
        sum.arg(name).arg(n);
        let mut transaction = redis::pipe();
        transaction
            .atomic()
            .add_command(first)
            .ignore()
            .add_command(sum);
        let (sum,): (i64,) = self
            .run(async move |mut connection| transaction.query_async(&mut connection).await)
            .await?;
        u64::try_from(sum).map_err(|_| StoreError::failed("the value is not a counter"))
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisStore").field(&self.0.shown).finish()
    }
}
