//! Tests of the public API. One binary: only `traces.rs` beside this folder needs a process
//! of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[cfg(feature = "client")]
mod agents;
mod agents_emulator;
#[cfg(feature = "tower")]
mod attach;
#[cfg(feature = "reqwest")]
mod attach_http;
#[cfg(feature = "azure_core")]
mod azure;
#[cfg(feature = "client")]
mod cache;
#[cfg(feature = "client")]
mod cancelled;
mod classification;
#[cfg(feature = "client")]
mod clock_walks;
#[cfg(feature = "client")]
mod corpus;
#[cfg(feature = "client")]
mod credentials;
#[cfg(feature = "client")]
mod emulator;
#[cfg(feature = "client")]
mod emulator_chain;
#[cfg(feature = "client")]
mod emulator_flows;
#[cfg(feature = "client")]
mod errors;
#[cfg(feature = "client")]
mod exchange;
#[cfg(feature = "client")]
mod flight;
#[cfg(feature = "graph-groups")]
mod graph_groups;
#[cfg(feature = "client")]
mod managed_identity;
#[cfg(feature = "metrics")]
mod meter;
#[cfg(feature = "client")]
mod own;
#[cfg(feature = "client")]
mod secrets;
#[cfg(feature = "client")]
mod shared_forget;
#[cfg(feature = "client")]
mod shared_store;
#[cfg(feature = "client")]
mod sign_in;
#[cfg(feature = "client")]
mod store_faults;
#[cfg(feature = "client")]
mod store_tampering;
#[cfg(feature = "client")]
mod support;
#[cfg(feature = "client")]
mod unverified;
#[cfg(feature = "client")]
mod wire;
