//! Integration-test programs: one per package, named exceptions, few in all.

use cargo_metadata::TargetKind;

use crate::report::{StepResult, none_found};
use crate::workspace::Workspace;

/// Each is linked by itself, which takes longer than most tests run.
const MOST: usize = 16;
/// What a package calls its one program.
const USUAL: &str = "it";
/// `(package, program, why it needs a process of its own)`.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("cross-crate-tests", "e2e", "needs cargo alone"),
    ("cross-crate-tests", "interop", "needs foreign clients"),
    ("entra-claims", "memory", "a global allocator that counts"),
    ("entra-claims", "traces", "a global tracing subscriber"),
    ("entra-obo", "traces", "a global tracing subscriber"),
    ("mcp-auth", "traces", "a global tracing subscriber"),
];

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let mut programs = Vec::new();
    for package in workspace.members() {
        for target in &package.targets {
            if target.kind.contains(&TargetKind::Test) {
                programs.push((package.name.as_str(), target.name.as_str()));
            }
        }
    }
    println!("{} programs, at most {MOST}", programs.len());
    none_found(&findings(&programs, EXCEPTIONS))
}

fn findings(programs: &[(&str, &str)], exceptions: &[(&str, &str, &str)]) -> Vec<String> {
    let mut findings = Vec::new();
    for (package, program) in programs {
        let named = exceptions
            .iter()
            .any(|(of, name, _)| of == package && name == program);
        if *program != USUAL && !named {
            findings.push(format!(
                "{package}: the test program {program} is not in the table of \
                 xtask/src/checks/test_programs.rs; a module of tests/it needs no program"
            ));
        }
    }
    for (package, program, _) in exceptions {
        if !programs.contains(&(package, program)) {
            findings.push(format!(
                "xtask/src/checks/test_programs.rs: {package} has no test program {program}"
            ));
        }
    }
    if programs.len() > MOST {
        findings.push(format!(
            "{} test programs, more than {MOST}",
            programs.len()
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_a_reason_is_found() {
        let exceptions = [("a", "memory", "counts")];
        assert!(findings(&[("a", "it"), ("a", "memory")], &exceptions).is_empty());
        assert_eq!(findings(&[("a", "it"), ("a", "more")], &[]).len(), 1);
        assert_eq!(findings(&[("a", "it")], &exceptions).len(), 1);
        let many = vec![("a", "it"); MOST + 1];
        assert_eq!(findings(&many, &[]).len(), 1);
    }
}
