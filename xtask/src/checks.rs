//! The steps, one file for each idea.

mod copied_out;
mod direction;
mod file_size;
mod packaging;
pub(crate) mod public_types;
mod quickstart;
mod tiers;

use crate::cargo::Cargo;
use crate::report::{Outcome, Report};
use crate::workspace::Workspace;

pub(crate) fn lint(workspace: &Workspace, report: &mut Report) {
    let root = workspace.root();
    report.step("formatting", || {
        Cargo::new(root, &["fmt", "--all", "--check"]).run()
    });
    report.step("file sizes", || file_size::check(workspace));
    report.step("clippy: all targets, all features", || {
        Cargo::new(
            root,
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--all-features",
                "--",
                "-D",
                "warnings",
            ],
        )
        .run()
    });
    report.step("clippy: each feature alone", || {
        for package in workspace.published() {
            // The target kinds that need no dev-dependencies: what a user of the crate compiles.
            let none = [
                "clippy",
                "--package",
                &package.name,
                "--no-default-features",
            ];
            if package.features.is_empty() {
                continue;
            }
            Cargo::new(root, &none)
                .args(["--", "-D", "warnings"])
                .run()?;
            for feature in package
                .features
                .keys()
                .filter(|feature| *feature != "default")
            {
                Cargo::new(root, &none)
                    .args(["--features", feature, "--", "-D", "warnings"])
                    .run()?;
            }
        }
        Ok(Outcome::Passed)
    });
    report.step("workspaces of their own: formatting, clippy", || {
        let benches = root.join("benches");
        Cargo::new(&benches, &["fmt", "--check"]).run()?;
        Cargo::new(&root.join("tests/coexistence"), &["fmt", "--check"]).run()?;
        Cargo::new(&benches, &["clippy"])
            .sharing(workspace.target())
            .args(["--all-targets", "--", "-D", "warnings"])
            .run()
    });
}

pub(crate) fn deps(workspace: &Workspace, report: &mut Report) {
    report.step("dependency direction", || direction::check(workspace));
    report.step("tiers", || tiers::check(workspace));
    report.step("jsonwebtoken without a provider", || {
        tiers::check_providers(workspace)
    });
    report.step("cargo-deny: bans, licences, sources", || {
        let root = workspace.root();
        if !Cargo::new(root, &["deny", "--version"]).at_hand() {
            return Ok(Outcome::NotRun("cargo-deny is not installed".to_owned()));
        }
        // Advisories need the network and change from day to day: `cargo deny check` by hand.
        Cargo::new(
            root,
            &[
                "deny",
                "--all-features",
                "check",
                "bans",
                "licenses",
                "sources",
            ],
        )
        .run()
    });
}

pub(crate) fn tests(workspace: &Workspace, report: &mut Report) {
    let root = workspace.root();
    report.step("tests: unit, integration, documentation", || {
        Cargo::new(root, &["test", "--workspace"]).run()
    });
    report.step(
        "tests: features that the workspace build leaves off",
        || {
            for package in workspace.published() {
                let left_off = workspace.features_left_off(package);
                if !left_off.is_empty() {
                    println!("{} without {}", package.name, left_off.join(", "));
                    Cargo::new(
                        root,
                        &["test", "--package", &package.name, "--all-features"],
                    )
                    .run()?;
                }
            }
            Ok(Outcome::Passed)
        },
    );
    report.step(
        "tests: those that need something (ignored by a plain `cargo test`)",
        || {
            // Not the documentation: `--ignored` would run fragments that are marked `ignore`.
            Cargo::new(
                root,
                &["test", "--workspace", "--all-targets", "--", "--ignored"],
            )
            .run()
        },
    );
    report.step(
        "tests: beside an application's own jsonwebtoken provider",
        || {
            for provider in ["aws_lc_rs", "rust_crypto"] {
                Cargo::new(
                    &root.join("tests/coexistence"),
                    &["test", "--features", provider],
                )
                .sharing(workspace.target())
                .run()?;
            }
            Ok(Outcome::Passed)
        },
    );
}

pub(crate) fn doc(workspace: &Workspace, report: &mut Report) {
    report.step("documentation without warnings", || {
        let mut doc = Cargo::new(workspace.root(), &["doc", "--no-deps", "--all-features"]);
        for package in workspace.published() {
            doc = doc.args(["--package", &package.name]);
        }
        doc.env("RUSTDOCFLAGS", "-D warnings").run()
    });
    report.step("foreign types in public signatures", || {
        public_types::check(workspace)
    });
}

pub(crate) fn quickstart(workspace: &Workspace, report: &mut Report) {
    report.step("quickstart --json", || quickstart::check_json(workspace));
    report.step("quickstart", || quickstart::check_text(workspace));
}

pub(crate) fn examples(workspace: &Workspace, report: &mut Report) {
    for (name, folder) in workspace.examples() {
        report.step(format!("example copied out: {name}"), || {
            copied_out::check(workspace, &name, &folder)
        });
    }
}

pub(crate) fn package(workspace: &Workspace, report: &mut Report) {
    report.step("package metadata", || packaging::check_metadata(workspace));
    report.step("package contents", || packaging::check_contents(workspace));
    report.step("cargo package, with verification", || {
        packaging::package(workspace)
    });
}
