//! File sizes: one thought per file, and none above 500 lines.

use std::path::{Path, PathBuf};

use crate::report::{StepResult, none_found};
use crate::workspace::{Workspace, directory_of, files_below};

const NONE_ABOVE: usize = 500;
/// A smaller file is often part of a thought. Counted and printed only.
const SMALL_BELOW: usize = 40;

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let root = workspace.root();
    let mut folders: Vec<PathBuf> = workspace
        .members()
        .into_iter()
        .flat_map(|package| ["src", "tests"].map(|name| directory_of(package).join(name)))
        .collect();
    folders.extend(
        [
            "tests/e2e",
            "tests/interop",
            "benches/src",
            "fuzz/src",
            "fuzz/tests",
        ]
        .map(|folder| root.join(folder)),
    );
    folders.retain(|folder| folder.is_dir());
    let mut findings = Vec::new();
    let (mut of_crates, mut small_of_crates) = (0, 0);
    for folder in folders {
        let sizes = sizes(&folder)?;
        let small = sizes.iter().filter(|(size, _)| *size < SMALL_BELOW).count();
        let largest = sizes.iter().map(|(size, _)| *size).max();
        println!(
            "{}: {} files, {small} of them under {SMALL_BELOW} lines, largest {}",
            shown(root, &folder),
            sizes.len(),
            largest.unwrap_or_default()
        );
        if folder.starts_with(root.join("crates")) && folder.ends_with("src") {
            of_crates += sizes.len();
            small_of_crates += small;
        }
        findings.extend(too_large(root, &sizes));
    }
    println!(
        "crates/*/src: {of_crates} files, {small_of_crates} of them under {SMALL_BELOW} lines"
    );
    none_found(&findings)
}

fn sizes(folder: &Path) -> Result<Vec<(usize, PathBuf)>, String> {
    let sources = files_below(folder, &|path| {
        path.extension().is_some_and(|it| it == "rs")
    })?;
    sources
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            Ok((text.lines().count(), file))
        })
        .collect()
}

fn too_large(root: &Path, sizes: &[(usize, PathBuf)]) -> Vec<String> {
    sizes
        .iter()
        .filter(|(lines, _)| *lines > NONE_ABOVE)
        .map(|(lines, file)| {
            format!(
                "{} has {lines} lines, more than {NONE_ABOVE}",
                shown(root, file)
            )
        })
        .collect()
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_501_lines_is_too_large() {
        let root = Path::new("/r");
        let sizes = [(500, root.join("a.rs")), (501, root.join("b.rs"))];
        assert_eq!(
            too_large(root, &sizes),
            ["b.rs has 501 lines, more than 500"]
        );
    }
}
