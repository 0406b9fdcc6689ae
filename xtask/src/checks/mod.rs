//! Steps of the test run, in groups.

mod broken_builds;
mod circles;
mod completions;
mod conformance;
mod copied_out;
mod decisions;
mod deny;
mod direction;
pub(crate) mod distribution;
mod doc_paths;
mod file_size;
mod first_lines;
mod interop;
mod packaging;
pub(crate) mod public_types;
mod samples;
mod stories;
mod test_programs;
mod test_tokens;
mod tiers;

use crate::bench;
use crate::cargo::Cargo;
use crate::programs::{self, Needed};
use crate::report::{Outcome, Report, StepResult, none_found};
use crate::workspace::Workspace;

/// A command for all members with all their features, whichever of them it is about: a selection would
/// have other features of the dependencies, and most of them would be compiled once more. That each
/// crate and example builds with its own features is a matter of "each feature alone", "copied out" and
/// "package".
fn cargo(workspace: &Workspace, words: &str) -> Cargo {
    let (command, rest) = words.split_once(' ').unwrap_or((words, ""));
    let words = format!("{command} --workspace --all-features {rest}");
    Cargo::new(workspace.root(), &words)
}

pub(crate) fn lint(workspace: &Workspace, report: &mut Report) {
    let root = workspace.root();
    report.step("formatting", || Cargo::new(root, "fmt --all --check").run());
    texts(workspace, report);
    report.step("clippy: all targets, all features", || {
        cargo(workspace, "clippy --all-targets -- -D warnings").run()
    });
    report.step("clippy: each feature alone", || {
        let mut findings = Vec::new();
        for package in workspace.published() {
            let name = package.name.as_str();
            // Without features all there is was looked at above.
            if package.features.is_empty() {
                continue;
            }
            let alone = package
                .features
                .keys()
                .filter(|feature| *feature != "default");
            for features in std::iter::once("").chain(alone.map(String::as_str)) {
                // The targets that need no dev-dependencies: what a user of the crate compiles.
                let clippy = Cargo::new(root, "clippy --no-default-features").args([
                    "--package",
                    name,
                    "--features",
                    features,
                    "--",
                    "-D",
                    "warnings",
                ]);
                findings.extend(clippy.run().err());
            }
        }
        none_found(&findings)
    });
    report.step("workspaces of their own: formatting, clippy", || {
        for folder in ["benches", "fuzz", "tests/coexistence", "tests/interop/rust"] {
            Cargo::new(&root.join(folder), "fmt --check").run()?;
        }
        for folder in ["benches", "fuzz"] {
            Cargo::new(&root.join(folder), "clippy")
                .sharing(workspace.target())
                .args(["--all-targets", "--", "-D", "warnings"])
                .run()?;
        }
        Ok(Outcome::Passed)
    });
}

/// What is read from files alone.
fn texts(workspace: &Workspace, report: &mut Report) {
    report.step("file sizes", || file_size::check(workspace));
    report.step("first lines of files", || first_lines::check(workspace));
    report.step("circles between files", || circles::check(workspace));
    report.step("integration-test programs", || {
        test_programs::check(workspace)
    });
    report.step("paths that the documents name", || {
        doc_paths::check(workspace)
    });
    report.step("tests that documents name", || {
        conformance::check(workspace)
    });
    report.step("types that the glossary names", || {
        conformance::check_glossary(workspace)
    });
    report.step("the form of the records of decisions", || {
        decisions::check(workspace)
    });
    report.step("order of publishing", || {
        direction::check_publishing_order(workspace)
    });
    report.step("package metadata", || packaging::check_metadata(workspace));
}

pub(crate) fn deps(workspace: &Workspace, report: &mut Report) {
    report.step("dependency direction", || direction::check(workspace));
    report.step("tiers", || tiers::check(workspace));
    report.step("jsonwebtoken without a provider", || {
        tiers::check_providers(workspace)
    });
    report.step("no made-up tokens in release builds", || {
        test_tokens::check(workspace)
    });
    report.step("cargo-deny: bans, licences, sources", || {
        deny::check(workspace)
    });
}

pub(crate) fn tests(workspace: &Workspace, report: &mut Report) {
    let root = workspace.root();
    report.step("tests: unit, integration, documentation", || {
        cargo(workspace, "test --no-fail-fast").run()
    });
    report.step("tests: ignored by a plain run", || {
        // Each says what it needs. Not the documentation: there `--ignored` would run fragments
        // that are marked `ignore`. The official clients have a step of their own.
        cargo(workspace, "test --lib --bins --test it -- --ignored")
            .args(["--skip", REDIS_TESTS])
            .run()
    });
    report.step(REDIS, || {
        programs::ensure(&[REDIS_SERVER], "leave this step out")?;
        Ok(Outcome::Passed)
    });
    report.step_after(&[REDIS], "tests: the shared store on Redis servers", || {
        cargo(workspace, "test --test it -- --ignored")
            .args([REDIS_TESTS])
            .run()
    });
    report.step("tests: builds that are broken on purpose", || {
        broken_builds::check(workspace)
    });
    report.step("tests: workspaces of their own", || {
        // An application that chose either provider of jsonwebtoken keeps it beside our crates.
        for provider in ["aws_lc_rs", "rust_crypto"] {
            Cargo::new(&root.join("tests/coexistence"), "test --features")
                .args([provider])
                .sharing(workspace.target())
                .run()?;
        }
        Cargo::new(&root.join("benches"), "test")
            .sharing(workspace.target())
            .run()
    });
    report.step("tests: foreign bytes, seeds and mutations", || {
        Cargo::new(&root.join("fuzz"), "test --no-fail-fast")
            .sharing(workspace.target())
            .run()
    });
}

const REDIS: &str = "redis-server";
const REDIS_TESTS: &str = "redis::";
/// A single server, a cluster and a Sentinel are the same program.
const REDIS_SERVER: Needed = Needed {
    program: "redis-server",
    packages: &["redis-server"],
};
const PROGRAMS: &str = "programs of the machine";
const PACKAGES: &str = "official clients from PyPI and npm";
const CRATES: &str = "official clients from crates.io";
const GO_TEST: &str = "go_clients_and_validator";
const JAVA_TEST: &str = "java_clients";
const SERVER: &str = "the server that MCP clients meet, and the doctor";

/// The programs of the machine that [`interop`] needs.
pub(crate) fn programs(report: &mut Report) -> bool {
    report.step(PROGRAMS, interop::programs)
}

/// What needs more than cargo: a server, a foreign client, a browser. Of the tests those whose
/// name contains `only`.
pub(crate) fn interop(workspace: &Workspace, report: &mut Report, only: &str) {
    let installed = report.step_after(&[PROGRAMS], PACKAGES, || interop::clients(workspace));
    if !installed {
        return;
    }
    report.step(CRATES, || {
        Cargo::new(
            &workspace.root().join("tests/interop/rust"),
            "build --locked",
        )
        .sharing(workspace.target())
        .run()
    });
    report.step(SERVER, || {
        cargo(workspace, "build --bin mcp-server-obo --bin entra-doctor").run()
    });
    report.step("completions of entra-doctor in zsh and fish", || {
        completions::check(workspace)
    });
    report.step_after(
        &[PACKAGES, CRATES, SERVER],
        "tests: official clients, validators, browser, MCP clients",
        || {
            // One after the other: the lines of a client stand together.
            cargo(
                workspace,
                "test --test interop -- --ignored --nocapture --test-threads 1",
            )
            .args([only].into_iter().filter(|only| !only.is_empty()))
            // They have steps of their own, since not every machine has Go and Java.
            .args(["--skip", GO_TEST, "--skip", JAVA_TEST])
            .run()
        },
    );
    type Install = fn(&Workspace) -> StepResult;
    let others: [(&str, &str, Install); 2] = [
        ("Go", GO_TEST, interop::go),
        ("Java", JAVA_TEST, interop::java),
    ];
    for (language, test, install) in others {
        if !test.contains(only) {
            continue;
        }
        let name = format!("tests: official clients for {language}");
        report.step(name, || match install(workspace)? {
            Outcome::Passed => cargo(
                workspace,
                "test --test interop -- --ignored --nocapture --exact",
            )
            .args([test])
            .run(),
            not_run @ Outcome::NotRun(_) => Ok(not_run),
        });
    }
}

pub(crate) fn doc(workspace: &Workspace, report: &mut Report) {
    report.step("documentation without warnings", || {
        cargo(workspace, "doc --no-deps --lib")
            .env("RUSTDOCFLAGS", "-D warnings")
            .run()
    });
    report.step("foreign types in public signatures", || {
        public_types::check(workspace)
    });
}

pub(crate) fn samples(workspace: &Workspace, report: &mut Report) {
    report.step("samples of the README: lines, types, text", || {
        samples::check(workspace)
    });
}

pub(crate) fn quickstart(workspace: &Workspace, report: &mut Report) {
    report.step("quickstart --json", || {
        stories::of("quickstart")?.check(workspace)
    });
    report.step("quickstart", || stories::check_text(workspace));
}

pub(crate) fn examples(workspace: &Workspace, report: &mut Report) {
    for (name, folder) in workspace.examples() {
        // The quickstart has steps of its own, the samples have tests.
        if !["quickstart", "samples"].contains(&name.as_str()) {
            report.step(format!("example runs offline: {name}"), || {
                stories::of(&name)?.check(workspace)
            });
        }
        report.step(format!("example copied out: {name}"), || {
            copied_out::check(workspace, &name, &folder)
        });
    }
}

pub(crate) fn package(workspace: &Workspace, report: &mut Report) {
    report.step("package contents", || packaging::check_contents(workspace));
    report.step("cargo package, with verification", || {
        packaging::package(workspace)
    });
}

/// The kit for a real tenant. Nothing else in the run talks to one.
pub(crate) fn live(workspace: &Workspace, arguments: &[String]) -> StepResult {
    Cargo::new(
        workspace.root(),
        "run --quiet --package cross-crate-tests --bin live --",
    )
    .args(arguments)
    .run()
}

/// What costs more than a change is worth: before a release, or from time to time.
pub(crate) fn long(workspace: &Workspace, report: &mut Report) {
    let root = workspace.root();
    report.long_step(
        "tests: foreign bytes, a hundred thousand mutations each",
        || {
            Cargo::new(&root.join("fuzz"), "test --no-fail-fast")
                .sharing(workspace.target())
                .env("FUZZ_ROUNDS", "100000")
                .env("FUZZ_SEED", "1")
                .run()
        },
    );
    report.long_step(
        "property tests: twenty thousand cases each, drawn at random",
        || {
            let seed = std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs());
            println!("PROPTEST_RNG_SEED={seed}");
            Cargo::new(
                root,
                "test --workspace --all-features --no-fail-fast --test it propert",
            )
            .env("PROPTEST_CASES", "20000")
            .env("PROPTEST_RNG_SEED", seed.to_string())
            .run()
        },
    );
    report.long_step("the emulator's memory over 100,000 tokens", || {
        cargo(
            workspace,
            "test --test e2e memory_is_flat -- --ignored --nocapture",
        )
        .run()
    });
    report.long_step("entra-doctor as a wheel, without Rust", || {
        distribution::check_wheel(workspace)
    });
    report.long_step("entra-doctor as an archive, without Rust", || {
        distribution::check_archive(workspace)
    });
    report.long_step("benchmarks within their limits", || {
        bench::run(workspace, &bench::Options::default()).and_then(|within| match within {
            true => Ok(Outcome::Passed),
            false => Err("a benchmark is over its limit, see above".to_owned()),
        })
    });
}
