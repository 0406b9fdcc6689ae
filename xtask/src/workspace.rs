//! The workspace as `cargo metadata` describes it.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};

pub(crate) struct Workspace {
    metadata: Metadata,
    program: PathBuf,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self, String> {
        // The directory of this package at compile time: the commands work from any folder.
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let metadata = MetadataCommand::new()
            .manifest_path(manifest)
            .exec()
            .map_err(|error| format!("cargo metadata: {error}"))?;
        // Asked before any step runs: the steps link this program again, and Linux then names the
        // one that runs `xtask (deleted)`.
        let program =
            std::env::current_exe().map_err(|error| format!("where is this program? {error}"))?;
        Ok(Self { metadata, program })
    }

    /// The path of this program.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    pub(crate) fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    pub(crate) fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    pub(crate) fn members(&self) -> Vec<&Package> {
        self.metadata.workspace_packages()
    }

    /// The crates that go to crates.io.
    pub(crate) fn published(&self) -> Vec<&Package> {
        let mut packages = self.members();
        packages.retain(|package| is_published(package));
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        packages
    }

    /// The folders under `examples/`, by the name of their package.
    pub(crate) fn examples(&self) -> Vec<(String, PathBuf)> {
        let folder = self.root().join("examples");
        self.members()
            .into_iter()
            .filter_map(|package| {
                let directory = directory_of(package);
                directory
                    .starts_with(&folder)
                    .then(|| (package.name.to_string(), directory.to_path_buf()))
            })
            .collect()
    }
}

pub(crate) fn is_published(package: &Package) -> bool {
    package
        .publish
        .as_ref()
        .is_none_or(|registries| !registries.is_empty())
}

pub(crate) fn directory_of(package: &Package) -> &Path {
    let manifest = package.manifest_path.as_std_path();
    manifest.parent().unwrap_or(manifest)
}

/// All files below `folder` whose name passes, sorted.
pub(crate) fn files_below(
    folder: &Path,
    keep: &dyn Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(directory) = waiting.pop() {
        let entries = std::fs::read_dir(&directory)
            .map_err(|error| format!("cannot list {}: {error}", directory.display()))?;
        for entry in entries {
            let path = entry
                .map_err(|error| format!("cannot list {}: {error}", directory.display()))?
                .path();
            if path.is_dir() {
                waiting.push(path);
            } else if keep(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
