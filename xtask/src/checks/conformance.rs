//! Test names of `docs/conformance.md`: each has to exist.

use std::collections::BTreeSet;

use crate::report::{StepResult, none_found};
use crate::workspace::{Workspace, files_below};

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let root = workspace.root();
    let document = root.join("docs/conformance.md");
    let text = std::fs::read_to_string(&document)
        .map_err(|error| format!("cannot read {}: {error}", document.display()))?;
    let mut known = BTreeSet::new();
    for folder in ["crates", "tests/e2e"] {
        let sources = files_below(&root.join(folder), &|path| {
            path.extension().is_some_and(|it| it == "rs")
        })?;
        for source in sources {
            let code = std::fs::read_to_string(&source)
                .map_err(|error| format!("cannot read {}: {error}", source.display()))?;
            known.extend(functions(&code).map(str::to_owned));
        }
    }
    let named = tests_in(&text);
    let findings: Vec<_> = named
        .iter()
        .filter(|name| !known.contains(**name))
        .map(|name| format!("docs/conformance.md: there is no test {name}"))
        .collect();
    println!("{} tests", named.len());
    none_found(&findings)
}

/// What stands in backticks and is named as tests are: several words.
fn tests_in(text: &str) -> BTreeSet<&str> {
    let words = |code: &&str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        code.matches('_').count() >= 2 && code.bytes().all(plain)
    };
    let rows = text.lines().filter(|line| line.starts_with('|'));
    // The last column: the first may quote parameters.
    let tests = rows.filter_map(|row| row.trim_end_matches('|').rsplit(" | ").next());
    tests
        .flat_map(|tests| tests.split('`').skip(1).step_by(2))
        .filter(words)
        .collect()
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
}
