//! Forgetting the packages of an earlier run.
//!
//! To cargo a packaged crate of a given version never changes: neither its unpacked sources (in cargo's
//! home, one folder for each local registry, whose name has no host before the hyphen) nor what was
//! compiled from them is looked at again. Between two releases ours do change, and verification would
//! compile today's crate against yesterday's sibling.

use std::path::{Path, PathBuf};

use cargo_metadata::Package;

use crate::workspace::{Workspace, directory_of};

pub(super) fn forget(workspace: &Workspace) -> Result<(), String> {
    for package in workspace.published() {
        if let Some(home) = cargo_home() {
            for registry in folders(&home.join("registry/src"), |name| name.starts_with('-')) {
                remove(&registry.join(format!("{}-{}", package.name, package.version)))?;
            }
        }
        for unit in units(workspace, package) {
            remove(&unit)?;
        }
    }
    Ok(())
}

fn cargo_home() -> Option<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Some(home.into()),
        None => std::env::home_dir().map(|home| home.join(".cargo")),
    }
}

/// Cargo's records of what was compiled from another copy of this crate than the one in the workspace.
/// Without its record a unit is compiled again.
fn units(workspace: &Workspace, package: &Package) -> Vec<PathBuf> {
    let debug = workspace.target().join("debug");
    let prefix = format!("{}-", package.name);
    let own = directory_of(package).join("src").display().to_string();
    let relative = Path::new("crates")
        .join(package.name.as_str())
        .join("src")
        .display()
        .to_string();
    folders(&debug.join(".fingerprint"), |name| {
        name.starts_with(&prefix)
    })
    .into_iter()
    .filter(|record| {
        let hash = record
            .to_string_lossy()
            .rsplit('-')
            .next()
            .unwrap_or_default()
            .to_owned();
        let sources = debug.join(format!("deps/{}-{hash}.d", package.name.replace('-', "_")));
        // Inside the workspace cargo writes paths relative to its root.
        std::fs::read_to_string(sources).is_ok_and(|text| {
            !text.contains(&own)
                && !text
                    .split_whitespace()
                    .any(|word| word.starts_with(&relative))
        })
    })
    .collect()
}

fn folders(parent: &Path, keep: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    files(parent)
        .into_iter()
        .filter(|path| {
            path.is_dir()
                && path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .is_some_and(&keep)
        })
        .collect()
}

/// Nothing is there to forget before the first run.
fn files(parent: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect()
}

fn remove(folder: &Path) -> Result<(), String> {
    if folder.is_dir() {
        std::fs::remove_dir_all(folder)
            .map_err(|error| format!("cannot remove {}: {error}", folder.display()))?;
    }
    Ok(())
}
