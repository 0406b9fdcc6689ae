//! Test names in documents: each has to exist, in the table of conformance and in the recipes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::report::{StepResult, none_found};
use crate::workspace::{Workspace, files_below};

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let root = workspace.root();
    let mut known = BTreeSet::new();
    for folder in ["crates", "tests/e2e"] {
        for source in rust_files(&root.join(folder))? {
            known.extend(functions(&read(&source)?).map(str::to_owned));
        }
    }
    let mut findings = Vec::new();
    let table = read(&root.join("docs/conformance.md"))?;
    let recipes = read(&root.join("CONTRIBUTING.md"))?;
    for (document, named) in [
        ("docs/conformance.md", tests_in(&table)),
        ("CONTRIBUTING.md", tests_among(&recipes)),
    ] {
        println!("{document}: {} tests", named.len());
        let unknown = named.iter().filter(|name| !known.contains(**name));
        findings.extend(unknown.map(|name| format!("{document}: there is no test {name}")));
    }
    none_found(&findings)
}

/// The types that the glossary of the architecture calls the right words.
pub(super) fn check_glossary(workspace: &Workspace) -> StepResult {
    let root = workspace.root();
    let page = read(&root.join("docs/architecture.md"))?;
    let types = types_of_the_glossary(&page);
    if types.is_empty() {
        return Err("docs/architecture.md has no glossary".to_owned());
    }
    let mut known = BTreeSet::new();
    for source in rust_files(&root.join("crates"))? {
        known.extend(
            read(&source)?
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .map(str::to_owned),
        );
    }
    println!("{} types", types.len());
    let findings: Vec<_> = types
        .iter()
        .filter(|name| !known.contains(**name))
        .map(|name| format!("docs/architecture.md, glossary: there is no {name}"))
        .collect();
    none_found(&findings)
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    files_below(folder, &|path| {
        path.extension().is_some_and(|it| it == "rs")
    })
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Names in upper camel case in the second column, between "## Glossary" and the next section.
fn types_of_the_glossary(page: &str) -> BTreeSet<&str> {
    let glossary = page.split("\n## Glossary\n").nth(1).unwrap_or_default();
    let glossary = glossary.split("\n## ").next().unwrap_or_default();
    let rows = glossary.lines().filter(|line| line.starts_with('|'));
    rows.filter_map(|row| row.split(" | ").nth(1))
        .flat_map(|words| words.split('`').skip(1).step_by(2))
        .filter(|code| code.starts_with(|c: char| c.is_ascii_uppercase()))
        .filter(|code| code.bytes().all(|b| b.is_ascii_alphanumeric()))
        .collect()
}

/// The tests in the last column of a table: the first may quote parameters.
fn tests_in(text: &str) -> BTreeSet<&str> {
    let rows = text.lines().filter(|line| line.starts_with('|'));
    rows.filter_map(|row| row.trim_end_matches('|').rsplit(" | ").next())
        .flat_map(tests_among)
        .collect()
}

/// What stands in backticks and is named as tests are: several words.
fn tests_among(text: &str) -> BTreeSet<&str> {
    let words = |code: &&str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        code.matches('_').count() >= 2 && code.bytes().all(plain)
    };
    text.split('`').skip(1).step_by(2).filter(words).collect()
}

fn functions(code: &str) -> impl Iterator<Item = &str> {
    code.split("fn ")
        .skip(1)
        .filter_map(|rest| rest.split(['(', '<']).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_the_last_column_and_of_several_words() {
        let text = "| a `not_this_one` | `x.rs`: `a_test_name`, `another_test_1`; `CamelCase` `two_words` |\n`nor_this_one`";
        let found: Vec<_> = tests_in(text).into_iter().collect();
        assert_eq!(found, ["a_test_name", "another_test_1"]);
        let code = "async fn a_test_name() {} fn generic<T>() {}";
        assert_eq!(
            functions(code).collect::<Vec<_>>(),
            ["a_test_name", "generic"]
        );
    }

    #[test]
    fn the_glossary_names_types_in_its_second_column() {
        let page = "# A\n\n## Glossary\n\n| for `X` | `Reason`, `code()`, `with_x` | `Fault` |\n\n## B\n| a | `Other` | |";
        let found: Vec<_> = types_of_the_glossary(page).into_iter().collect();
        assert_eq!(found, ["Reason"]);
    }
}
