//! Command line of the project's own commands. `cargo xtask test` decides; the others are parts of it,
//! for use while working, and `bench`.

mod bench;
mod cargo;
mod checks;
mod programs;
mod pypi;
mod report;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::{Choice, Outcome, Report};
use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything: lints, tests, docs, dependency rules, packaging, examples, quickstart, the
    /// official clients, MCP clients and a browser
    ///
    /// Every step can run alone: `--list` prints their names, `--only` and `--from` take a part of one.
    Test(TestOptions),
    /// Formatting, files and documents, clippy with all features and with each feature alone
    Lint,
    /// The documentation of all published crates, without warnings; foreign types in it
    Doc,
    /// Dependency direction, tiers, `jsonwebtoken` without a provider, cargo-deny
    Deps,
    /// One `cargo package` over all published crates, with verification
    Package,
    /// Each example: its run offline, and its copy outside of the workspace
    Examples,
    /// The official Microsoft clients, independent validators, a browser, MCP clients
    Interop {
        /// Only the tests whose name contains this
        #[arg(default_value = "")]
        only: String,
    },
    /// The README's samples: how many lines and types of ours, and that the README shows them
    Samples,
    /// The quickstart, for people and with `--json`
    Quickstart,
    /// Questions to a test tenant of yours: set-up, sign-in, report, clean-up
    Live {
        /// setup, questions, ask FILE [ONLY] or cleanup
        arguments: Vec<String>,
    },
    /// The wheel of entra-doctor, below `target/dist/wheel`
    Wheel,
    /// The program entra-doctor with its licences, packed below `target/dist/archive`
    Archive,
    /// The benchmarks, each against its floor and a peer
    Bench(bench::Options),
}

#[derive(clap::Args)]
struct TestOptions {
    /// Only what needs cargo alone: no official clients, no browser
    #[arg(long)]
    hermetic: bool,
    /// The names of the steps, and run nothing
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    choice: Choice,
}

fn main() -> ExitCode {
    if let Some(code) = checks::public_types::as_rustdoc() {
        return code;
    }
    let cli = Cli::parse();
    let workspace = match Workspace::load() {
        Ok(workspace) => workspace,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::FAILURE;
        }
    };
    if let Command::Bench(options) = &cli.command {
        return match bench::run(&workspace, options) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(message) => {
                eprintln!("error: {message}");
                ExitCode::FAILURE
            }
        };
    }

    let mut report = Report::default();
    match cli.command {
        Command::Test(options) => {
            let all = |report: &mut Report| test(&workspace, report, options.hermetic);
            let plan = Report::plan(all);
            if options.list {
                report::print(&plan);
                return ExitCode::SUCCESS;
            }
            match options.choice.of(&plan) {
                Ok(chosen) => report = Report::of(chosen),
                Err(message) => {
                    eprintln!("error: {message}");
                    return ExitCode::FAILURE;
                }
            }
            all(&mut report);
        }
        Command::Lint => checks::lint(&workspace, &mut report),
        Command::Doc => checks::doc(&workspace, &mut report),
        Command::Deps => checks::deps(&workspace, &mut report),
        Command::Package => checks::package(&workspace, &mut report),
        Command::Examples => checks::examples(&workspace, &mut report),
        Command::Interop { only } => {
            if checks::programs(&mut report) {
                checks::interop(&workspace, &mut report, &only);
            }
        }
        Command::Samples => checks::samples(&workspace, &mut report),
        Command::Quickstart => checks::quickstart(&workspace, &mut report),
        Command::Live { arguments } => {
            report.step("live", || checks::live(&workspace, &arguments));
        }
        Command::Wheel => {
            report.step("wheel", || built(checks::distribution::wheel(&workspace)));
        }
        Command::Archive => {
            report.step("archive", || {
                built(checks::distribution::archive(&workspace))
            });
        }
        Command::Bench(_) => {}
    }
    report.finish()
}

fn built(file: Result<std::path::PathBuf, String>) -> report::StepResult {
    println!("{}", file?.display());
    Ok(Outcome::Passed)
}

/// What fails most often and costs least comes first. Builds that share features stand
/// together: each new feature set of a C library costs half a minute.
fn test(workspace: &Workspace, report: &mut Report, hermetic: bool) {
    // An absent program stops the run at once, not after half an hour.
    if !hermetic && !checks::programs(report) {
        return;
    }
    checks::lint(workspace, report);
    checks::deps(workspace, report);
    checks::samples(workspace, report);
    checks::tests(workspace, report);
    if hermetic {
        report.step("official clients and the browser", || {
            Ok(Outcome::NotRun("--hermetic".to_owned()))
        });
    } else {
        checks::interop(workspace, report, "");
    }
    checks::quickstart(workspace, report);
    checks::doc(workspace, report);
    checks::examples(workspace, report);
    checks::package(workspace, report);
    checks::long(workspace, report);
}
