//! Choosing steps of `cargo xtask test` on the command line.

use std::process::{Command, Output};

fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_list_names_each_step_once_and_runs_none() {
    let output = xtask(&["test", "--list"]);
    assert!(output.status.success());
    let list = String::from_utf8(output.stdout).unwrap();
    let mut names: Vec<&str> = list.lines().collect();
    assert!(names.contains(&"formatting") && names.contains(&"package metadata"));
    assert!(names.iter().any(|name| name.ends_with("(--long)")));
    assert!(!list.contains("passed in"));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name stands for one step");
}

#[test]
fn one_step_runs_alone() {
    let output = xtask(&["test", "--only", "file sizes"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("== file sizes"), "{said}");
    assert!(said.ends_with("1 passed, 0 failed\n"), "{said}");
}

#[test]
fn an_unknown_step_is_refused_with_the_names_there_are() {
    let output = xtask(&["test", "--from", "no such step"]);
    assert!(!output.status.success());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("no such step") && errors.contains("file sizes"));
}
