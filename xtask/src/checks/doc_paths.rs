//! Paths that the documents name: each has to exist. The index of rules is only worth something
//! while it is true.

use std::path::{Path, PathBuf};

use crate::report::{StepResult, none_found};
use crate::workspace::{Workspace, files_below};

/// What a path of the project begins with.
const PLACES: &[&str] = &[
    "crates/",
    "docs/",
    "examples/",
    "tests/",
    "xtask/",
    "benches/",
    "fuzz/",
];

const OF_THE_ROOT: [&str; 4] = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "COMPARE.md"];

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let root = workspace.root();
    let mut documents = files_below(&root.join("docs"), &|path| {
        path.extension().is_some_and(|it| it == "md")
    })?;
    documents.extend(OF_THE_ROOT.map(|name| root.join(name)));
    let (mut findings, mut named) = (Vec::new(), 0_usize);
    for document in documents {
        let text = std::fs::read_to_string(&document)
            .map_err(|error| format!("cannot read {}: {error}", document.display()))?;
        let folder = document.parent().unwrap_or(root);
        for line in text.lines() {
            let paths = in_backticks(root, line)
                .into_iter()
                .chain(linked(folder, line));
            for candidates in paths {
                named += 1;
                if !candidates.iter().any(|path| path.exists()) {
                    let shown = candidates.first().map(|path| path.display().to_string());
                    findings.push(format!(
                        "{}: {} does not exist",
                        document.display(),
                        shown.unwrap_or_default()
                    ));
                }
            }
        }
    }
    println!("{named} paths");
    none_found(&findings)
}

/// Where each path in backticks may be. A bare file name stands for one beside the path
/// before it, or in it where that is a folder.
fn in_backticks(root: &Path, line: &str) -> Vec<Vec<PathBuf>> {
    let mut last: Option<PathBuf> = None;
    let mut found = Vec::new();
    for code in line.split('`').skip(1).step_by(2) {
        let plain = !code.contains([' ', '*', '<', '{']);
        if plain && PLACES.iter().any(|place| code.starts_with(place)) {
            let path = root.join(code);
            found.push(vec![path.clone()]);
            last = Some(path);
        } else if plain
            && code.ends_with(".rs")
            && !code.contains('/')
            && let Some(last) = &last
        {
            let beside = last.parent().unwrap_or(root).join(code);
            found.push(vec![beside, last.join(code)]);
        }
    }
    found
}

/// The targets of relative links.
fn linked(folder: &Path, line: &str) -> Vec<Vec<PathBuf>> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .map(|target| vec![folder.join(target)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_backticks_are_found_with_their_neighbours() {
        let root = Path::new("/r");
        let line = "| x | `crates/a/src/b.rs`, `c.rs`, `crates/a/src/d/` (`e.rs`), `Type` |";
        let found = in_backticks(root, line);
        assert_eq!(found.len(), 4);
        assert_eq!(found[0], [PathBuf::from("/r/crates/a/src/b.rs")]);
        assert_eq!(found[1][0], PathBuf::from("/r/crates/a/src/c.rs"));
        assert_eq!(found[3][1], PathBuf::from("/r/crates/a/src/d/e.rs"));
        assert!(in_backticks(root, "`crates/*/tests` `--json`").is_empty());
    }

    #[test]
    fn only_relative_links_are_paths() {
        let line = "[a](docs/x.md) [b](https://example.com) [c](#here)";
        let found = linked(Path::new("/r"), line);
        assert_eq!(found, [[PathBuf::from("/r/docs/x.md")]]);
    }
}
