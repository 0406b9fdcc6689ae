//! The guard, MCP and consent as clients meet them: most against the local Entra ID, over sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;
#[cfg(feature = "obo")]
mod consent_pages;
mod credentials;
#[cfg(feature = "axum")]
mod extractors;
#[cfg(feature = "axum")]
mod facade;
mod facade_rules;
#[cfg(all(feature = "axum", feature = "serve"))]
mod front;
#[cfg(all(feature = "axum", feature = "rmcp"))]
mod mcp;
mod metadata;
#[cfg(all(feature = "axum", feature = "obo"))]
mod on_behalf_of;
#[cfg(feature = "axum")]
mod outages;
#[cfg(all(feature = "axum", feature = "rmcp"))]
mod rmcp_bridge;
#[cfg(all(feature = "axum", feature = "rmcp"))]
mod rmcp_callers;
#[cfg(all(feature = "axum", feature = "rmcp"))]
mod step_up;
mod tokens;
#[cfg(feature = "user-context")]
mod user_context;
#[cfg(feature = "axum")]
mod wire;
