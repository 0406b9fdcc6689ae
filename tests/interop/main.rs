//! The official Microsoft clients, independent token validators and a real browser against
//! the emulator; real MCP clients against the guarded server of `examples/mcp-server-obo`.
//!
//! `cargo xtask test` installs them below `target/interop` and runs these tests; each prints
//! one line for each client and flow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod contexts;
mod mcp;
mod program;
mod world;

use program::{Program, interop};
use world::World;

/// Runs a program's cases in a world of their own.
async fn all_cases(name: &str, program: Program) {
    let world = World::start(name).await;
    passes(name, program.with(world.variables())).await;
}

/// Runs a program's cases; none may fail, and there must be some.
pub(crate) async fn passes(name: &str, program: Program) {
    let counts = tokio::task::spawn_blocking(move || program.run());
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
#[ignore = "needs the Go clients; cargo xtask test"]
async fn go_clients_and_validator() {
    let world = World::start("go").await;
    let program = Program::new(interop().join("go/clients"))
        .with(world.variables())
        .with(world.app_service());
    passes("go", program).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium and playwright-core; cargo xtask test"]
async fn pages_in_a_browser() {
    all_cases("browser", Program::new("node").node_script("browser.mjs")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the Java clients; cargo xtask test"]
async fn java_clients() {
    let world = World::start("java").await;
    let java = interop().join("java");
    let classes = [java.join("classes"), java.join("jars/*")];
    let path = std::env::join_paths(classes).unwrap();
    let program = Program::new("java")
        .word("-cp")
        .word(path.to_str().unwrap())
        .word("interop.Main")
        .with(world.variables())
        .with(world.app_service());
    passes("java", program).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium, playwright-core and msal-browser; cargo xtask test"]
async fn single_page_apps_in_a_browser() {
    let script = Program::new("node").node_script("msal_browser.mjs");
    all_cases("msal-browser", script).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium, playwright-core and the program entra-doctor; cargo xtask test"]
async fn the_doctor_in_a_browser() {
    let program = interop().with_file_name("debug/entra-doctor");
    let script = Program::new("node").node_script("doctor.mjs").with(vec![
        ("DOCTOR", program.into()),
        ("ARTEFACTS", interop().join("screenshots").into()),
    ]);
    passes("entra-doctor", script).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the Azure SDK program; cargo xtask test"]
async fn rust_clients() {
    let program = Program::new(interop().with_file_name("debug/interop-azure-sdk"));
    let world = World::start("rust").await;
    // The other programs set the variables of App Service for a case alone.
    let program = program.with(world.variables()).with(world.app_service());
    passes("rust", program).await;
}
