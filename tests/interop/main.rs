//! The official Microsoft clients, independent token validators and a real browser against
//! the emulator.
//!
//! `cargo xtask test` installs them below `target/interop` and runs these tests; each prints
//! one line for each client and flow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code"
)]

mod program;
mod world;

use program::{Program, interop};
use world::World;

/// Runs a program's cases in a world of their own.
async fn all_cases(name: &str, program: Program) {
    let world = World::start(name).await;
    let counts = tokio::task::spawn_blocking(move || program.run(&world));
    let counts = counts.await.unwrap();
    assert!(counts.passed > 0, "{name} ran no case");
    assert_eq!(counts.failed, 0, "{name}: see the lines above");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the Python clients; cargo xtask test"]
async fn python_clients_and_validators() {
    let python = interop().join("python/bin/python");
    all_cases("python", Program::new(&python).arg("python/main.py")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the Node.js clients; cargo xtask test"]
async fn node_clients_and_validators() {
    all_cases("node", Program::new("node").node_script("clients.mjs")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium and playwright-core; cargo xtask test"]
async fn pages_in_a_browser() {
    all_cases("browser", Program::new("node").node_script("browser.mjs")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the Azure SDK program; cargo xtask test"]
async fn rust_clients() {
    let program = interop().with_file_name("debug/interop-azure-sdk");
    all_cases("rust", Program::new(program).in_app_service()).await;
}
