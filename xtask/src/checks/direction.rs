//! Table of dependencies between our crates: the one place that allows them.

use cargo_metadata::DependencyKind;

use crate::report::{StepResult, none_found};
use crate::workspace::{Workspace, is_published};

/// `(crate, what it may depend on)`. A published crate that is not named here fails the check.
const ALLOWED: &[(&str, &[&str])] = &[
    ("entra-parts", &[]),
    ("foundry-scopes", &[]),
    ("entra-claims", &["entra-parts", "foundry-scopes"]),
    (
        "entra-obo",
        &["entra-parts", "foundry-scopes", "entra-claims"],
    ),
    (
        "agent-user-context",
        &["entra-parts", "foundry-scopes", "entra-claims"],
    ),
    (
        "entra-redis",
        &["entra-parts", "foundry-scopes", "entra-claims", "entra-obo"],
    ),
    (
        "mcp-auth",
        &[
            "entra-parts",
            "foundry-scopes",
            "entra-claims",
            "entra-obo",
            "agent-user-context",
        ],
    ),
    (
        "entra-doctor",
        &["foundry-scopes", "entra-claims", "entra-obo"],
    ),
    // The independent witness: a mistake it shared with the others would hide it.
    (WITNESS, &[]),
];

/// Every other crate may test against it; it may not use them even in its own tests.
const WITNESS: &str = "entra-emulator";

#[derive(Debug)]
struct Edge {
    from: String,
    to: String,
    in_tests_only: bool,
}

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let members = workspace.members();
    let mut edges = Vec::new();
    let mut findings = Vec::new();
    for package in &members {
        if !is_published(package) {
            continue;
        }
        if !ALLOWED
            .iter()
            .any(|(name, _)| *name == package.name.as_str())
        {
            findings.push(format!(
                "{} has no line in the table of xtask/src/checks/direction.rs",
                package.name
            ));
        }
        for dependency in &package.dependencies {
            let Some(sibling) = members
                .iter()
                .find(|member| member.name.as_str() == dependency.name)
            else {
                continue;
            };
            if !is_published(sibling) {
                findings.push(format!(
                    "{} depends on {}, which is not published",
                    package.name, sibling.name
                ));
                continue;
            }
            edges.push(Edge {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                in_tests_only: dependency.kind == DependencyKind::Development,
            });
        }
    }
    for (name, _) in ALLOWED {
        if !members.iter().any(|member| member.name.as_str() == *name) {
            findings.push(format!("{name} is in the table but not in the workspace"));
        }
    }
    for edge in &edges {
        let tests = if edge.in_tests_only { " (tests)" } else { "" };
        println!("{} -> {}{tests}", edge.from, edge.to);
    }
    findings.extend(edges.iter().filter(|edge| !is_allowed(edge)).map(|edge| {
        format!(
            "{} must not depend on {}: see xtask/src/checks/direction.rs",
            edge.from, edge.to
        )
    }));
    none_found(&findings)
}

/// Crates are published in the order of `docs/releasing.md`: what one needs, its tests included, is on
/// crates.io before it.
pub(super) fn check_publishing_order(workspace: &Workspace) -> StepResult {
    let page = workspace.root().join("docs/releasing.md");
    let text = std::fs::read_to_string(&page)
        .map_err(|error| format!("cannot read {}: {error}", page.display()))?;
    let published = workspace.published();
    let needs: Vec<(&str, Vec<&str>)> = published
        .iter()
        .map(|package| {
            let siblings = package.dependencies.iter().map(|it| it.name.as_str());
            let siblings = siblings.filter(|name| published.iter().any(|it| it.name == *name));
            (package.name.as_str(), siblings.collect())
        })
        .collect();
    none_found(&out_of_order(&text, &needs))
}

fn out_of_order(page: &str, needs: &[(&str, Vec<&str>)]) -> Vec<String> {
    let order = publishing_order(page);
    let place = |name: &str| order.iter().position(|group| group.contains(&name));
    let mut findings = Vec::new();
    for (name, siblings) in needs {
        let Some(own) = place(name) else {
            findings.push(format!("docs/releasing.md does not list {name}"));
            continue;
        };
        let late = siblings
            .iter()
            .filter(|it| place(it).is_none_or(|other| other >= own));
        findings.extend(late.map(|it| format!("docs/releasing.md: {it} comes before {name}")));
    }
    findings
}

/// The crates of each numbered line under "## Publish".
fn publishing_order(page: &str) -> Vec<Vec<&str>> {
    let section = page.split("\n## Publish\n").nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let numbered = |line: &&str| line.starts_with(|c: char| c.is_ascii_digit());
    let lines = section.lines().filter(numbered);
    lines
        .map(|line| line.split('`').skip(1).step_by(2).collect())
        .collect()
}

fn is_allowed(edge: &Edge) -> bool {
    let by_table = ALLOWED
        .iter()
        .any(|(from, to)| *from == edge.from && to.contains(&edge.to.as_str()));
    let as_witness = edge.in_tests_only && edge.to == WITNESS && edge.from != WITNESS;
    by_table || as_witness
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(from: &str, to: &str, in_tests_only: bool) -> bool {
        is_allowed(&Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            in_tests_only,
        })
    }

    #[test]
    fn downwards_is_allowed() {
        assert!(allowed("mcp-auth", "entra-obo", false));
        assert!(allowed("entra-obo", "foundry-scopes", false));
        assert!(allowed("entra-claims", "entra-parts", false));
    }

    #[test]
    fn upwards_is_refused_even_in_tests() {
        assert!(!allowed("entra-parts", "foundry-scopes", false));
        assert!(!allowed("foundry-scopes", "entra-claims", false));
        assert!(!allowed("foundry-scopes", "entra-claims", true));
        assert!(!allowed("entra-claims", "mcp-auth", true));
    }

    #[test]
    fn the_witness_uses_none_and_is_used_in_tests_only() {
        for (name, _) in ALLOWED.iter().filter(|(name, _)| *name != WITNESS) {
            assert!(!allowed(WITNESS, name, false));
            assert!(!allowed(WITNESS, name, true));
            assert!(allowed(name, WITNESS, true));
            assert!(!allowed(name, WITNESS, false));
        }
        assert!(!allowed(WITNESS, WITNESS, true));
    }

    #[test]
    fn the_table_has_no_circle() {
        // Each line may name only crates of the lines above it.
        for (position, (_, allowed)) in ALLOWED.iter().enumerate() {
            let above: Vec<&str> = ALLOWED
                .iter()
                .take(position)
                .map(|(name, _)| *name)
                .collect();
            assert!(allowed.iter().all(|name| above.contains(name)));
        }
    }

    #[test]
    fn a_crate_is_published_behind_what_it_needs() {
        let page = "# R\n\n1. `x`\n\n## Publish\n\n1. `a`, `b`\n2. `c`\n\n## Next\n3. `d`";
        assert!(out_of_order(page, &[("c", vec!["a", "b"]), ("a", vec![])]).is_empty());
        assert_eq!(out_of_order(page, &[("a", vec!["b"])]).len(), 1);
        assert_eq!(out_of_order(page, &[("a", vec!["c"])]).len(), 1);
        assert_eq!(out_of_order(page, &[("d", vec![])]).len(), 1);
    }
}
