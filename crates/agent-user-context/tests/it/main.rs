//! Contexts as gateways, agents and APIs handle them: issued, traded, verified, refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod calls;
mod chain;
mod keys;
mod replay;
mod rights;
mod secrets;
mod settings;
mod steps;
mod support;
mod threats;
mod turns;
mod vectors;
