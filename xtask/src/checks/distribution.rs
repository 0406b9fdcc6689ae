//! `entra-doctor` for machines without Rust: a wheel and an archive with the program, each built by
//! one command and tried in a folder where no cargo is found.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::Cargo;
use crate::programs::{self, Needed, run};
use crate::pypi;
use crate::report::{Outcome, StepResult};
use crate::workspace::Workspace;

const NEEDED: [Needed; 2] = [
    Needed {
        program: "python3",
        packages: &["python3", "python3-venv"],
    },
    Needed {
        program: "tar",
        packages: &["tar"],
    },
];

/// Builds the wheel below `target/dist` with the pinned maturin.
pub(crate) fn wheel(workspace: &Workspace) -> Result<PathBuf, String> {
    programs::ensure(&NEEDED, "install it by hand")?;
    let venv = workspace.target().join("tools/python");
    std::fs::create_dir_all(workspace.target().join("tools")).map_err(|error| error.to_string())?;
    pypi::install(
        &workspace.root().join("xtask/tools.txt"),
        &venv,
        &["--require-hashes", "--only-binary", ":all:"],
    )?;
    let folder = fresh(&workspace.target().join("dist/wheel"))?;
    let mut maturin = Command::new(venv.join("bin/maturin"));
    maturin
        .args(["build", "--release", "--locked", "--manifest-path"])
        .arg(workspace.root().join("crates/entra-doctor/Cargo.toml"))
        .arg("--out")
        .arg(&folder)
        .env("CARGO_TARGET_DIR", workspace.target());
    run(maturin, "maturin build --release --locked")?;
    only_file(&folder)
}

/// Builds the program, and packs it with its licences below `target/dist`.
pub(crate) fn archive(workspace: &Workspace) -> Result<PathBuf, String> {
    programs::ensure(&NEEDED, "install it by hand")?;
    Cargo::new(
        workspace.root(),
        "build --release --locked --package entra-doctor --bin entra-doctor",
    )
    .run()?;
    let package = workspace
        .published()
        .into_iter()
        .find(|package| package.name.as_str() == "entra-doctor")
        .ok_or("there is no package entra-doctor")?;
    let name = format!("entra-doctor-{}-{}", package.version, triple()?);
    let folder = fresh(&workspace.target().join("dist/archive"))?;
    let inner = fresh(&folder.join(&name))?;
    let program = format!("entra-doctor{}", std::env::consts::EXE_SUFFIX);
    let sources = [
        workspace.target().join("release").join(&program),
        workspace.root().join("LICENSE-APACHE"),
        workspace.root().join("LICENSE-MIT"),
        workspace.root().join("crates/entra-doctor/README.md"),
    ];
    for source in &sources {
        let file = source.file_name().unwrap_or_default();
        pypi::copy(source, &inner.join(file))?;
    }
    let file = folder.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(&file).arg("-C").arg(&folder).arg(&name);
    run(tar, &format!("tar -czf {name}.tar.gz"))?;
    Ok(file)
}

pub(super) fn check_wheel(workspace: &Workspace) -> StepResult {
    let wheel = wheel(workspace)?;
    let folder = fresh(&workspace.target().join("dist/tried-wheel"))?;
    let venv = folder.join("venv");
    let mut create = Command::new("python3");
    create.args(["-m", "venv"]).arg(&venv);
    run(create, "python3 -m venv")?;
    let mut install = Command::new(venv.join("bin/python"));
    install
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-index",
            "--disable-pip-version-check",
        ])
        .arg(&wheel);
    run(install, "pip install --no-index the wheel")?;
    answers(&venv.join("bin/entra-doctor"), &folder)
}

pub(super) fn check_archive(workspace: &Workspace) -> StepResult {
    let archive = archive(workspace)?;
    let folder = fresh(&workspace.target().join("dist/tried-archive"))?;
    let mut unpack = Command::new("tar");
    unpack
        .arg("-xzf")
        .arg(&archive)
        .args(["--strip-components", "1", "-C"])
        .arg(&folder);
    run(unpack, "tar -xzf")?;
    answers(&folder.join("entra-doctor"), &folder)
}

/// The program answers in an empty environment: no cargo, no toolchain, no home.
fn answers(program: &Path, folder: &Path) -> StepResult {
    let said = |words: &[&str]| {
        let output = Command::new(program)
            .args(words)
            .current_dir(folder)
            .env_clear()
            .env("PATH", "/nowhere")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        Ok::<_, String>(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for (words, expected) in [
        (&["--version"][..], "entra-doctor "),
        (
            &["scope", "Azure OpenAI"],
            "https://cognitiveservices.azure.com/.default",
        ),
        (&["aadsts", "65001"], "consent"),
        (&["completions", "bash"], "_entra__doctor"),
    ] {
        let answer = said(words)?;
        if !answer.contains(expected) {
            return Err(format!(
                "`{}` does not say {expected:?}: {answer}",
                words.join(" ")
            ));
        }
    }
    println!("{} answers without cargo", program.display());
    Ok(Outcome::Passed)
}

/// An empty folder.
fn fresh(folder: &Path) -> Result<PathBuf, String> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| error.to_string())?;
    }
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    Ok(folder.to_path_buf())
}

fn only_file(folder: &Path) -> Result<PathBuf, String> {
    let mut files = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    match (files.next(), files.next()) {
        (Some(Ok(file)), None) => Ok(file.path()),
        _ => Err(format!("not one file in {}", folder.display())),
    }
}

/// The platform that this machine builds for.
fn triple() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--version", "--verbose"])
        .output()
        .map_err(|error| format!("cannot start rustc: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| "rustc names no host".to_owned())
}
