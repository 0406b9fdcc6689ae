//! The program as it is called: what goes to standard output, what to standard error.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "helpers outside of test functions: a test fails by panicking"
)]

mod installs;
mod steps;
