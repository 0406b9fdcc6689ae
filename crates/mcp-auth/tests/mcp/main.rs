//! The layer for MCP servers, around a real rmcp server, over sockets.
#![cfg(all(feature = "axum", feature = "rmcp"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod body;
mod client;
#[path = "../common/mod.rs"]
mod common;
mod handlers;
mod headers;
mod permission;
mod policy;
mod server;
mod sessions;
mod shared;
mod slot;
mod stream;
