//! What is traced, and that no secret is in it.
//!
//! A binary of its own: the global subscriber is the whole process's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "test code, of which this binary uses a part"
)]

#[cfg(all(feature = "axum", feature = "rmcp"))]
#[path = "../it/step_up/browser.rs"]
mod browser;
#[path = "../it/common/mod.rs"]
mod common;
#[cfg(feature = "axum")]
mod guard;
#[cfg(feature = "axum")]
#[path = "../it/wire/raw.rs"]
mod raw;
#[cfg(all(feature = "axum", feature = "rmcp"))]
#[path = "../it/step_up/scene.rs"]
mod scene;
mod secrets;
#[cfg(feature = "axum")]
#[path = "../it/wire/server.rs"]
mod server;
#[cfg(all(feature = "axum", feature = "rmcp"))]
mod step_up;
