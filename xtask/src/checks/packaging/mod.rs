//! Packages for crates.io: metadata, contents, verification.

mod stale;

use cargo_metadata::Package;

use crate::cargo::Cargo;
use crate::report::{StepResult, none_found};
use crate::workspace::Workspace;

/// All crates in one go: none of them needs to be on crates.io for the others to be verified.
pub(super) fn package(workspace: &Workspace) -> StepResult {
    stale::forget(workspace)?;
    let mut command = Cargo::new(workspace.root(), "package").sharing(workspace.target());
    for package in workspace.published() {
        command = command.args(["--package", &package.name]);
    }
    allow_dirty(command).run()
}

/// Work in progress may be packaged at a desk, not in CI.
fn allow_dirty(command: Cargo) -> Cargo {
    match std::env::var_os("CI") {
        Some(_) => command,
        None => command.args(["--allow-dirty"]),
    }
}

/// Each package holds its sources, its data, its readme and both licences, and nothing else.
pub(super) fn check_contents(workspace: &Workspace) -> StepResult {
    let mut findings = Vec::new();
    for package in workspace.published() {
        let list = allow_dirty(
            Cargo::new(workspace.root(), "package --list --package").args([package.name.as_str()]),
        )
        .stdout()?;
        let files: Vec<&str> = list.lines().collect();
        println!("{}: {} files", package.name, files.len());
        findings.extend(
            contents(&files)
                .into_iter()
                .map(|finding| format!("{}: {finding}", package.name)),
        );
    }
    none_found(&findings)
}

fn contents(files: &[&str]) -> Vec<String> {
    const NEEDED: [&str; 4] = ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];
    const MADE_BY_CARGO: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];
    const FOLDERS: [&str; 3] = ["src/", "data/", "keys/"];
    let mut findings: Vec<String> = NEEDED
        .iter()
        .filter(|needed| !files.contains(needed))
        .map(|needed| format!("{needed} is missing"))
        .collect();
    findings.extend(
        files
            .iter()
            .filter(|file| {
                let expected = NEEDED.contains(file)
                    || MADE_BY_CARGO.contains(file)
                    || **file == "CHANGELOG.md"
                    || FOLDERS.iter().any(|folder| file.starts_with(folder));
                !expected
            })
            .map(|file| format!("{file} does not belong into the package")),
    );
    findings
}

/// What crates.io and docs.rs show.
pub(super) fn check_metadata(workspace: &Workspace) -> StepResult {
    let mut findings = Vec::new();
    for package in workspace.published() {
        findings.extend(
            metadata(package)
                .into_iter()
                .map(|finding| format!("{}: {finding}", package.name)),
        );
    }
    none_found(&findings)
}

fn metadata(package: &Package) -> Vec<String> {
    let mut findings = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            findings.push(what.to_owned());
        }
    };
    demand(
        package
            .description
            .as_ref()
            .is_some_and(|text| !text.ends_with('.')),
        "a description, one phrase without a full stop",
    );
    demand(
        package.license.as_deref() == Some("MIT OR Apache-2.0"),
        "license = \"MIT OR Apache-2.0\"",
    );
    demand(package.repository.is_some(), "repository");
    demand(
        package.documentation == Some(format!("https://docs.rs/{}", package.name)),
        "documentation = its page on docs.rs",
    );
    demand(package.readme.is_some(), "readme");
    demand(
        (1..=5).contains(&package.keywords.len()),
        "one to five keywords",
    );
    demand(
        (1..=5).contains(&package.categories.len()),
        "one to five categories",
    );
    demand(package.rust_version.is_some(), "rust-version");
    demand(
        package.metadata.pointer("/docs/rs/all-features") == Some(&serde_json::Value::Bool(true)),
        "[package.metadata.docs.rs] all-features = true",
    );
    findings
}

#[cfg(test)]
mod tests {
    use super::contents;

    const GOOD: [&str; 6] = [
        "Cargo.toml",
        "README.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "src/lib.rs",
        "Cargo.toml.orig",
    ];

    #[test]
    fn a_plain_package_is_fine() {
        assert!(contents(&GOOD).is_empty());
    }

    #[test]
    fn strangers_and_gaps_are_found() {
        let mut files = GOOD.to_vec();
        files.push("tests/api.rs");
        assert_eq!(
            contents(&files),
            ["tests/api.rs does not belong into the package"]
        );
        let without: Vec<&str> = GOOD
            .into_iter()
            .filter(|file| *file != "LICENSE-MIT")
            .collect();
        assert_eq!(contents(&without), ["LICENSE-MIT is missing"]);
    }
}
