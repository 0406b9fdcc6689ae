//! Programs of the machine that a step needs: found, or installed where that is possible.
//!
//! What an installation prints goes to standard error: standard output belongs to the command
//! that needs the program (`cargo xtask bench --json`).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that has to be there, and how it gets there.
pub(crate) struct Needed {
    pub(crate) program: &'static str,
    /// Debian's packages.
    pub(crate) packages: &'static [&'static str],
}

/// Installs what is absent, as root on Debian; else says what to install. `otherwise` is what to do without.
pub(crate) fn ensure(needed: &[Needed], otherwise: &str) -> Result<(), String> {
    let missing: Vec<&Needed> = needed.iter().filter(|n| !is_there(n.program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|n| n.program).collect();
    let packages: Vec<&str> = missing.iter().flat_map(|n| n.packages).copied().collect();
    let install = format!(
        "apt-get update && apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    let why = |reason: &str| {
        format!(
            "{} not found ({reason}). Install with\n    {install}\nor {otherwise}",
            names.join(", ")
        )
    };
    if !is_root() {
        return Err(why("and only root can install packages"));
    }
    if !is_there("apt-get") {
        return Err(why("and there is no apt-get here"));
    }
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &install])
        .env("DEBIAN_FRONTEND", "noninteractive");
    run(shell, &install).map_err(|error| why(&error))?;
    match missing.iter().find(|n| !is_there(n.program)) {
        Some(still) => Err(why(&format!("{} is still absent", still.program))),
        None => Ok(()),
    }
}

/// Runs a command that installs something. It is shown first, and all of it is on standard error.
pub(crate) fn run(mut command: Command, shown: &str) -> Result<(), String> {
    eprintln!("$ {shown}");
    command.stdin(Stdio::null()).stdout(std::io::stderr());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` ended with {status}")),
        Err(error) => Err(format!("cannot start `{shown}`: {error}")),
    }
}

/// Whether it is in one of the folders of `PATH`.
pub(crate) fn is_there(program: &str) -> bool {
    if Path::new(program).is_absolute() {
        return Path::new(program).is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    folders.any(|folder: PathBuf| folder.join(program).is_file())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
