//! Packages from PyPI, pinned, in virtual environments below `target`.

use std::path::Path;
use std::process::Command;

use crate::programs::run;

/// Installs what `requirements` pins, without anything that it does not name. Nothing is done if the
/// same file was installed before. `options` go to pip.
pub(crate) fn install(requirements: &Path, venv: &Path, options: &[&str]) -> Result<(), String> {
    let stamp = venv.join("installed.txt");
    if same(requirements, &stamp) {
        return Ok(());
    }
    let mut create = Command::new("python3");
    create.args(["-m", "venv", "--clear"]).arg(venv);
    run(create, "python3 -m venv")?;
    let mut install = Command::new(venv.join("bin/python"));
    install
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ])
        .args(options)
        .arg("--requirement")
        .arg(requirements);
    run(
        install,
        &format!(
            "pip install --no-deps --requirement {}",
            requirements.display()
        ),
    )?;
    copy(requirements, &stamp)
}

/// Whether two files have the same bytes; an absent one is like no other.
pub(crate) fn same(one: &Path, other: &Path) -> bool {
    match (std::fs::read(one), std::fs::read(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    std::fs::copy(from, to).map(|_| ()).map_err(|error| {
        format!(
            "cannot copy {} to {}: {error}",
            from.display(),
            to.display()
        )
    })
}
