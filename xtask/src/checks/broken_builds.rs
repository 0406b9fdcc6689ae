//! Builds that are broken on purpose, to show that a test would notice: the test that no
//! user gets another user's token has to fail with each of them. They are `--cfg` flags, because features
//! unify, and only the unit tests of that crate are compiled with the flag.

use std::path::PathBuf;
use std::process::Command;

use cargo_metadata::Message;

use crate::cargo::Cargo;
use crate::report::{Outcome, StepResult};
use crate::workspace::Workspace;

/// What is left out of `entra-obo` in each.
const BROKEN: [&str; 3] = ["key_without_assertion", "key_of_a_prefix", "unbound_values"];
const TEST: &str = "wrong_user::every_caller_gets_his_own_token";
const FOUND: &str = "another user's token";

pub(super) fn check(workspace: &Workspace) -> StepResult {
    for fault in BROKEN {
        let program = build(workspace, fault)?;
        let output = Command::new(&program)
            .args(["--exact", TEST])
            .output()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            return Err(format!("with {fault} the test {TEST} passes:\n{said}"));
        }
        // It must fail of the fault and of nothing else.
        if !said.contains(FOUND) {
            return Err(format!(
                "with {fault} the test {TEST} fails otherwise:\n{said}"
            ));
        }
        println!("with {fault} the test fails, as it should");
    }
    Ok(Outcome::Passed)
}

/// The unit tests with the fault in them.
fn build(workspace: &Workspace, fault: &str) -> Result<PathBuf, String> {
    let flag = format!("entra_obo_broken=\"{fault}\"");
    let messages = Cargo::new(
        workspace.root(),
        "rustc --quiet --package entra-obo --all-features --lib --profile test \
         --message-format json-render-diagnostics -- --cfg",
    )
    .args([&flag, "--allow", "dead_code"])
    .stdout()?;
    Message::parse_stream(messages.as_bytes())
        .filter_map(Result::ok)
        .find_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.name == "entra_obo" => {
                artifact.executable.map(PathBuf::from)
            }
            _ => None,
        })
        .ok_or(format!("cargo names no program for {flag}"))
}
