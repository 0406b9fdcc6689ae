//! Consent and step-up from a tool: a real rmcp server and real clients over sockets, against
//! a local Entra ID.
#![cfg(all(feature = "axum", feature = "rmcp"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod browser;
mod claims;
#[path = "../common/mod.rs"]
mod common;
mod consent;
mod failures;
mod forgery;
mod pages;
mod rounds;
mod scene;
mod story;
