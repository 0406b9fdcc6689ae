//! The program and its library, as people use them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod aadsts;
mod agents;
#[cfg(feature = "fetch")]
mod authority;
mod batch;
mod coverage;
mod decode;
mod echo;
mod endpoint;
mod frame;
mod further;
mod pastes;
mod problems;
mod reading;
mod scope;
mod serve;
mod support;
mod symptoms;
mod tokens;
mod verify;
