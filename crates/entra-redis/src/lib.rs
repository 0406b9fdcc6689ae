//! Shared state of the entra crates on Redis or Valkey.
//!
//! Several instances of a service share tokens, the owners of MCP sessions, consent pages, sent challenges and
//! counters through one [`SharedTier`](entra_parts::store::SharedTier). This crate keeps them in Redis: a single
//! server, a replicated pair behind Sentinel, or a cluster. What Redis holds is sealed and its names are keyed
//! hashes; that is done above this crate, so a store can break nobody's isolation.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! // REDIS_URL and ENTRA_SEALING_KEYS, from the environment.
//! let tier = entra_redis::tier_from_env().await?;
//! # let _ = tier;
//! # Ok(())
//! # }
//! ```
//!
//! The tier goes into the front door: `EntraApp::from_env()?.shared(tier)` (`mcp-auth`), or into
//! `ExchangeClient::builder(..)` (`entra-obo`).
//!
//! # Settings
//!
//! | variable | value |
//! | --- | --- |
//! | `REDIS_URL` | `rediss://host:6380`, `rediss-cluster://host:10000`, `rediss-sentinel://host:26379?service=mymaster`; more nodes as `node=host:port`; `redis` without TLS on loopback only |
//! | `REDIS_USERNAME` | the ACL user, where it is not in the URL |
//! | `REDIS_PASSWORD_FILE` | a file with the password, read again at each connection and once a minute: rotate it there |
//! | `ENTRA_REDIS_LOGIN` | `managed-identity`: log in with the token of this service's managed identity (Azure Managed Redis; needs the feature of that name) |
//! | `ENTRA_REDIS_CA_FILE` | PEM certificates of the authority that signed the server's, beside those of the system |
//! | `ENTRA_REDIS_PLAINTEXT` | `1`: `redis://` beyond loopback, where the network itself is encrypted |
//! | `ENTRA_SEALING_KEYS` | for [`tier_from_env`]: 32 random bytes each in base64, newest first, separated by commas |
//!
//! # What it does when Redis fails
//!
//! A service starts without its Redis and connects when it is there. A command is sent once: after a lost
//! connection nobody knows whether it was carried out, so it is not repeated, and what was waiting for a connection
//! is an error at once and never sent late. The tier above waits 100 ms for an answer and leaves Redis out after five
//! failures, until it answers again.
//!
//! Reads go to primaries only. Redis replicates asynchronously: a failover may lose the last writes. That costs a request
//! or a sign-in; what a process forgot stays forgotten in that process.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod error;
mod link;
mod login;
mod server;
mod settings;
mod store;
mod tls;

pub use error::{RedisConfigError, RedisMistake};
pub use login::{RedisCredentials, RedisLogin};
pub use settings::{RedisSettings, from_env, tier_from_env};
pub use store::RedisStore;
