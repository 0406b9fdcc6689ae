//! Samples of the README: programs whose text it shows, with limits for lines and imported types.

use std::collections::BTreeSet;

use crate::report::{StepResult, none_found};
use crate::workspace::Workspace;

struct Sample {
    name: &'static str,
    file: &'static str,
    most_lines: usize,
    most_types: usize,
}

const SAMPLES: [Sample; 2] = [
    Sample {
        name: "API",
        file: "examples/samples/src/bin/api.rs",
        most_lines: 25,
        most_types: 6,
    },
    Sample {
        name: "MCP server",
        file: "examples/samples/src/bin/mcp.rs",
        most_lines: 40,
        most_types: 7,
    },
];

/// Crates whose types a user has to find before the sample is understood.
const OURS: [&str; 7] = [
    "agent_user_context",
    "mcp_auth",
    "entra_claims",
    "entra_obo",
    "entra_parts",
    "entra_emulator",
    "foundry_scopes",
];

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let root = workspace.root();
    let read = |path: &str| {
        std::fs::read_to_string(root.join(path))
            .map_err(|error| format!("cannot read {path}: {error}"))
    };
    let readme = read("README.md")?;
    let mut findings = Vec::new();
    for sample in &SAMPLES {
        let code = read(sample.file)?;
        let (lines, types) = (lines(&code), types(&code));
        println!(
            "{}: {lines} lines (at most {}), {} types of ours (at most {}): {}",
            sample.name,
            sample.most_lines,
            types.len(),
            sample.most_types,
            types.iter().copied().collect::<Vec<_>>().join(", ")
        );
        if lines > sample.most_lines {
            findings.push(format!("{} has {lines} lines of code", sample.file));
        }
        if types.len() > sample.most_types {
            findings.push(format!("{} needs {} types", sample.file, types.len()));
        }
        if shown(&readme, sample.file) != Some(code.trim_end()) {
            findings.push(format!(
                "README.md does not show {file} below its line `{}`; it has to be\n```rust,no_run\n{}\n```",
                marker(sample.file),
                code.trim_end(),
                file = sample.file,
            ));
        }
    }
    none_found(&findings)
}

fn marker(file: &str) -> String {
    format!("<!-- the text of {file} -->")
}

/// The code below the marker of a file.
fn shown<'a>(readme: &'a str, file: &str) -> Option<&'a str> {
    let (_, below) = readme.split_once(&marker(file))?;
    let (_, code) = below.split_once("```rust,no_run\n")?;
    let (code, _) = code.split_once("\n```")?;
    Some(code)
}

/// Lines of code: neither blank nor a comment.
fn lines(code: &str) -> usize {
    let code = code.lines().map(str::trim);
    code.filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

/// Types of ours that are imported or written with their path.
fn types(code: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for name in OURS {
        for (at, _) in code.match_indices(name) {
            let (before, path) = code.split_at(at);
            let is_root = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if let Some(path) = path
                .strip_prefix(name)
                .and_then(|path| path.strip_prefix("::"))
                && is_root
            {
                found.extend(of_path(path));
            }
        }
    }
    found
}

/// The first type of each branch of a path: `obo::{Downstream, Scopes::Default}`.
fn of_path(path: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut rest = path;
    // The branch is behind its type: what follows is an associated item.
    let mut named = false;
    while let Some(first) = rest.chars().next() {
        let word = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let length = match first {
            _ if word > 0 => {
                let word = rest.get(..word).unwrap_or_default();
                if !named && word.starts_with(|c: char| c.is_ascii_uppercase()) {
                    found.push(word);
                    named = true;
                }
                word.len()
            }
            '{' => {
                depth += 1;
                1
            }
            '}' if depth > 1 => {
                depth -= 1;
                1
            }
            ',' if depth > 0 => {
                named = false;
                1
            }
            ':' if rest.starts_with("::") => 2,
            c if c.is_whitespace() && depth > 0 => c.len_utf8(),
            _ => break,
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_no_code() {
        assert_eq!(lines("//! A\n\nuse a;\n\n// b\n/// c\nfn main() {\n}\n"), 3);
    }

    #[test]
    fn types_are_found_in_imports_and_in_paths() {
        let code = "use axum::Router;\nuse mcp_auth::obo::Downstream;\n\
            use mcp_auth::{Caller, rmcp::{McpRequest, StepUp},\n    EntraApp};\n\
            fn f(x: entra_claims::Requirement) { mcp_auth::serve(Default::default(), Other); \
            mcp_auth::Caller::new(); not_mcp_auth::Foreign; a::mcp_auth::Nested; }";
        let found: Vec<_> = types(code).into_iter().collect();
        let expected = [
            "Caller",
            "Downstream",
            "EntraApp",
            "McpRequest",
            "Requirement",
            "StepUp",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_readme_shows_what_is_below_the_marker() {
        let readme = "a\n<!-- the text of x.rs -->\n\n```rust,no_run\nfn main() {}\n```\nb";
        assert_eq!(shown(readme, "x.rs"), Some("fn main() {}"));
        assert_eq!(shown(readme, "y.rs"), None);
    }
}
