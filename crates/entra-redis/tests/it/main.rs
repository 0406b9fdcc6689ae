//! The store against real Redis servers: `cargo xtask test` installs them from Debian.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod redis;
