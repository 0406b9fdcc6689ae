//! An example is a folder to copy. Here each is copied out of the workspace and compiled, with our crates
//! taken from this checkout through a patch section instead of crates.io.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cargo::Cargo;
use crate::report::StepResult;
use crate::workspace::{Workspace, directory_of, files_below};

pub(super) fn check(workspace: &Workspace, name: &str, folder: &Path) -> StepResult {
    let copy = Copy::of(folder, name)?;
    let manifest_path = copy.0.join("Cargo.toml");
    let manifest = read(&manifest_path)?;
    if manifest.contains("workspace = true") || manifest.contains(".workspace") {
        return Err(format!(
            "{name} inherits from the workspace: a copy would not build"
        ));
    }
    let mut patched = without_paths(&manifest);
    patched.push_str("\n[patch.crates-io]\n");
    for package in workspace.published() {
        // A Windows path in a TOML literal string keeps its backslashes.
        let _ = writeln!(
            patched,
            "{} = {{ path = '{}' }}",
            package.name,
            directory_of(package).display()
        );
    }
    write(&manifest_path, &patched)?;
    // The same versions as in the workspace, so that what is compiled already is used.
    write(
        &copy.0.join("Cargo.lock"),
        &read(&workspace.root().join("Cargo.lock"))?,
    )?;
    Cargo::new(&copy.0, "check")
        .sharing(workspace.target())
        .run()
}

/// The manifest as it reads once the crates are on crates.io: a version, no path.
fn without_paths(manifest: &str) -> String {
    let mut result = String::new();
    for line in manifest.lines() {
        let mut line = line.to_owned();
        if let Some(start) = line.find("path = \"../") {
            let value = start + "path = \"".len();
            if let Some(end) = line.get(value..).and_then(|rest| rest.find('"')) {
                let mut end = value + end + 1;
                let mut start = start;
                // One comma goes with it: the one before, or else the one after.
                let before = line.get(..start).unwrap_or_default().trim_end();
                if before.ends_with(',') {
                    start = before.len() - 1;
                } else if line.get(end..).is_some_and(|rest| rest.starts_with(", ")) {
                    end += 2;
                }
                line.replace_range(start..end, "");
            }
        }
        result.push_str(&line);
        result.push('\n');
    }
    result
}

/// A folder below the system's temporary one, removed at the end.
struct Copy(PathBuf);

impl Copy {
    fn of(folder: &Path, name: &str) -> Result<Self, String> {
        let root = std::env::temp_dir().join(format!("copied-out-{name}-{}", std::process::id()));
        let copy = Self(root);
        for file in files_below(folder, &|_| true)? {
            let relative = file
                .strip_prefix(folder)
                .map_err(|error| error.to_string())?;
            let target = copy.0.join(relative);
            if let Some(parent) = target.parent() {
                std::fs::create_dir_all(parent)
                    .map_err(|error| format!("{}: {error}", parent.display()))?;
            }
            std::fs::copy(&file, &target)
                .map_err(|error| format!("{}: {error}", target.display()))?;
        }
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What stays behind is a small folder in the temporary directory.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::without_paths;

    #[test]
    fn a_path_goes_and_the_rest_stays() {
        for (with, without) in [
            (
                "a = { version = \"0.1\", path = \"../../crates/a\", features = [\"x\"] }",
                "a = { version = \"0.1\", features = [\"x\"] }\n",
            ),
            (
                "a = { version = \"0.1\", path = \"../../crates/a\" }",
                "a = { version = \"0.1\" }\n",
            ),
            (
                "a = { path = \"../../crates/a\", version = \"0.1\" }",
                "a = { version = \"0.1\" }\n",
            ),
            ("path = \"src/main.rs\"", "path = \"src/main.rs\"\n"),
        ] {
            assert_eq!(without_paths(with), without);
        }
    }
}
