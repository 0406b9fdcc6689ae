//! First lines of source files: each says what the file does, without riddles. Only a `tests.rs` beside
//! the code that it tests needs none.

use std::path::Path;

use crate::report::{StepResult, none_found};
use crate::workspace::{Workspace, directory_of, files_below};

/// Phrases that name nothing of the field.
const RIDDLES: &[&str] = &[
    "whoever", "whomever", "nobody", "somebody", "anybody", "is none", "are none", "told", "anew",
    "at hand",
];

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let root = workspace.root();
    let (mut findings, mut files) = (Vec::new(), 0);
    for package in workspace.members() {
        let folder = directory_of(package).join("src");
        if !folder.is_dir() {
            continue;
        }
        for file in files_below(&folder, &|path| {
            path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs")
        })? {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            files += 1;
            if let Some(finding) = finding(&text) {
                let shown: &Path = file.strip_prefix(root).unwrap_or(&file);
                findings.push(format!("{}: {finding}", shown.display()));
            }
        }
    }
    println!("{files} files");
    none_found(&findings)
}

fn finding(text: &str) -> Option<String> {
    let Some(header) = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("//!"))
    else {
        return Some("the first line is no `//!` that says what the file does".to_owned());
    };
    // `lib.rs` may begin with the text of a README.
    if header.trim().is_empty() {
        return Some("the first line says nothing".to_owned());
    }
    let words = format!(
        " {} ",
        header
            .to_ascii_lowercase()
            .replace(['.', ',', ':', ';'], " ")
    );
    RIDDLES
        .iter()
        .find(|riddle| words.contains(&format!(" {riddle} ")))
        .map(|riddle| format!("{riddle:?} in the first line:{header}"))
}

#[cfg(test)]
mod tests {
    use super::finding;

    #[test]
    fn a_header_with_a_noun_of_the_field_passes() {
        assert_eq!(finding("//! Client-credentials downstream.\n"), None);
        // Parts of words are no riddles.
        assert_eq!(finding("//! Untold, renewed tokens.\n"), None);
    }

    #[test]
    fn riddles_and_missing_headers_are_found() {
        for text in [
            "use std::io;\n",
            "",
            "//!\n",
            "// A comment.\n",
            "//! What is told of whoever asks.\n",
            "//! Keys, made anew.\n",
        ] {
            assert!(finding(text).is_some(), "{text:?}");
        }
    }
}
