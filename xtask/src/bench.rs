//! `cargo xtask bench`: the benchmarks are a workspace of their own, because the peers they measure need
//! features that must not reach our crates.

use std::path::Path;

use clap::Args;

use crate::cargo::Cargo;
use crate::programs::{self, Needed};
use crate::workspace::Workspace;

#[derive(Default, Args)]
pub(crate) struct Options {
    /// One JSON object per line instead of a table
    #[arg(long, conflicts_with = "write")]
    json: bool,
    /// Write the table into docs/performance.md, between its markers
    #[arg(long)]
    write: bool,
    /// Only benchmarks whose name begins so, such as `claims.`
    prefix: Option<String>,
}

/// The load for `mcp.`.
const LOAD: [Needed; 1] = [Needed {
    program: "wrk",
    packages: &["wrk"],
}];

const BEGIN: &str = "<!-- figures: begin (cargo xtask bench --write) -->";
const END: &str = "<!-- figures: end -->";

/// Whether all that was measured is within its limits.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool, String> {
    let prefix = options.prefix.as_deref().unwrap_or_default();
    if "mcp.".starts_with(prefix) || prefix.starts_with("mcp.") {
        programs::ensure(&LOAD, "run the other benchmarks by their prefix")?;
    }
    let target = workspace.target().to_string_lossy().into_owned();
    let format = match (options.json, options.write) {
        (true, _) => "json",
        (_, true) => "markdown",
        _ => "table",
    };
    let output = Cargo::new(&workspace.root().join("benches"), "run --quiet --release")
        .args(["--target-dir", &target, "--", "--format", format])
        .args(options.prefix.iter())
        .output()?;
    let text = String::from_utf8(output.stdout)
        .map_err(|_| "the benchmarks did not write UTF-8".to_owned())?;
    print!("{text}");
    // Figures over their limit are written too: the page says what is, not what should be.
    if options.write && !text.is_empty() {
        write_figures(&workspace.root().join("docs/performance.md"), &text)?;
    }
    Ok(output.status.success())
}

fn write_figures(page: &Path, figures: &str) -> Result<(), String> {
    let shown = page.display();
    let text =
        std::fs::read_to_string(page).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let replaced = between_markers(&text, figures)
        .ok_or(format!("{shown} has no lines `{BEGIN}` and `{END}`"))?;
    std::fs::write(page, replaced).map_err(|error| format!("cannot write {shown}: {error}"))
}

fn between_markers(text: &str, figures: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!(
        "{before}{BEGIN}\n\n{}\n\n{END}{after}",
        figures.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, between_markers};

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let page = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nafter\n");
        let expected = format!("# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nafter\n");
        assert_eq!(between_markers(&page, "new\n"), Some(expected.clone()));
        assert_eq!(between_markers(&expected, "new\n"), Some(expected));
        assert_eq!(between_markers("no markers", "new"), None);
    }
}
