//! Prerequisites of the interop suite besides cargo: interpreters and a browser of the machine, and
//! the official clients, pinned, installed below `target/interop`.

use std::path::Path;
use std::process::Command;

use crate::programs::{self, Needed, run};
use crate::pypi::{self, copy, same};
use crate::report::{Outcome, StepResult};
use crate::workspace::{Workspace, files_below};

const NEEDED: [Needed; 4] = [
    Needed {
        program: "python3",
        packages: &["python3", "python3-venv"],
    },
    Needed {
        program: "node",
        packages: &["nodejs"],
    },
    Needed {
        program: "npm",
        packages: &["npm"],
    },
    Needed {
        program: "/usr/bin/chromium",
        // Without a font Chromium draws boxes.
        packages: &["chromium", "fonts-dejavu-core"],
    },
];

/// The programs of the machine; what is absent is installed where that is possible.
pub(super) fn programs() -> StepResult {
    programs::ensure(
        &NEEDED,
        "run `cargo xtask test --hermetic`, which needs cargo alone",
    )?;
    Ok(Outcome::Passed)
}

/// The clients from PyPI and npm, exactly as pinned.
pub(super) fn clients(workspace: &Workspace) -> StepResult {
    let suite = workspace.root().join("tests/interop");
    let target = workspace.target().join("interop");
    std::fs::create_dir_all(&target).map_err(|error| error.to_string())?;
    pypi::install(
        &suite.join("python/requirements.txt"),
        &target.join("python"),
        &[],
    )?;
    node(&suite.join("node"), &target.join("node"))?;
    Ok(Outcome::Passed)
}

/// The clients for Go, exactly as pinned; where there is no Go the step is not run.
pub(super) fn go(workspace: &Workspace) -> StepResult {
    if !programs::is_there("go") {
        let install = "install Go 1.25 or newer, with `apt-get install golang-go` say";
        return Ok(Outcome::NotRun(format!("there is no Go: {install}")));
    }
    let target = workspace.target().join("interop/go");
    std::fs::create_dir_all(&target).map_err(|error| error.to_string())?;
    let mut build = Command::new("go");
    build
        .args(["build", "-mod=readonly", "-o"])
        .arg(target.join("clients"))
        .arg(".")
        .current_dir(workspace.root().join("tests/interop/go"));
    run(build, "go build")?;
    Ok(Outcome::Passed)
}

/// The clients for Java, exactly as pinned; where there is no Maven the step is not run.
pub(super) fn java(workspace: &Workspace) -> StepResult {
    if !programs::is_there("mvn") || !programs::is_there("java") {
        let install = "install them with `apt-get install default-jdk-headless maven`";
        return Ok(Outcome::NotRun(format!(
            "there is no Java 17 or no Maven: {install}"
        )));
    }
    let target = workspace.target().join("interop/java");
    std::fs::create_dir_all(&target).map_err(|error| error.to_string())?;
    let mut build = Command::new("mvn");
    build
        .args(["-q", "-B", "compile", "dependency:copy-dependencies"])
        .arg(format!("-DoutputDirectory={}/jars", target.display()))
        .arg(format!("-Dinterop.target={}", target.display()))
        .current_dir(workspace.root().join("tests/interop/java"));
    run(build, "mvn compile dependency:copy-dependencies")?;
    Ok(Outcome::Passed)
}

/// Node looks for packages beside the script, so the scripts stand beside the packages.
fn node(source: &Path, target: &Path) -> Result<(), String> {
    std::fs::create_dir_all(target).map_err(|error| error.to_string())?;
    let lock = source.join("package-lock.json");
    let stamp = target.join("installed.json");
    let current = same(&lock, &stamp);
    for file in files_below(source, &|_| true)? {
        let Some(name) = file.file_name() else {
            continue;
        };
        copy(&file, &target.join(name))?;
    }
    if current {
        return Ok(());
    }
    let mut install = Command::new("npm");
    install
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(target);
    run(install, "npm ci")?;
    copy(&lock, &stamp)
}
