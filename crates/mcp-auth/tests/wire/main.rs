//! The guard as clients and attackers meet it: over sockets, byte by byte, where a client
//! library would repair what is sent. `docs/conformance.md` lists what is covered where.
#![cfg(feature = "axum")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[path = "../common/mod.rs"]
mod common;

mod credentials;
mod metadata;
mod origins;
mod paths;
mod permissions;
mod platform;
mod raw;
mod server;
mod tokens;
