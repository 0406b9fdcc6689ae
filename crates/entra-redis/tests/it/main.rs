//! The store against real Redis servers, which the tests start: `cargo xtask test` installs them from Debian.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod cluster;
mod faults;
mod login;
mod sentinel;
mod server;
mod single;
mod tls;
