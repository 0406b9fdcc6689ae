//! The layer for MCP servers, around a real rmcp server, over sockets.
#![cfg(all(feature = "axum", feature = "rmcp"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod client;
#[path = "../common/mod.rs"]
mod common;
mod server;
mod slot;
