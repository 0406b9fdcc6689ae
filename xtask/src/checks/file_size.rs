//! One idea per file: half of a package's files under 200 lines, none above 500.

use std::path::Path;

use crate::report::{StepResult, none_found};
use crate::workspace::{Workspace, directory_of, files_below};

const MEDIAN_BELOW: usize = 200;
const NONE_ABOVE: usize = 500;

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let mut findings = Vec::new();
    let mut folders: Vec<(String, std::path::PathBuf)> = workspace
        .members()
        .iter()
        .map(|package| (package.name.to_string(), directory_of(package).join("src")))
        .collect();
    for name in ["benches", "fuzz"] {
        folders.push((name.to_owned(), workspace.root().join(name).join("src")));
    }
    for (name, folder) in folders {
        let mut sizes = Vec::new();
        for file in files_below(&folder, &|path| {
            path.extension().is_some_and(|it| it == "rs")
        })? {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            sizes.push((text.lines().count(), file));
        }
        let lines: Vec<usize> = sizes.iter().map(|(lines, _)| *lines).collect();
        let (median, largest) = (
            median(&lines),
            lines.iter().max().copied().unwrap_or_default(),
        );
        println!(
            "{name}: {} files, median {median} lines, largest {largest}",
            lines.len()
        );
        if median >= MEDIAN_BELOW {
            findings.push(format!(
                "{name}: the median file has {median} lines, not under {MEDIAN_BELOW}"
            ));
        }
        for (lines, file) in sizes.iter().filter(|(lines, _)| *lines > NONE_ABOVE) {
            findings.push(format!(
                "{} has {lines} lines, more than {NONE_ABOVE}",
                shown(workspace, file)
            ));
        }
    }
    none_found(&findings)
}

fn shown(workspace: &Workspace, file: &Path) -> String {
    file.strip_prefix(workspace.root())
        .unwrap_or(file)
        .display()
        .to_string()
}

fn median(values: &[usize]) -> usize {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(&[900, 10, 30]), 30);
        assert_eq!(median(&[10, 20, 30, 40]), 30);
        assert_eq!(median(&[]), 0);
    }
}
