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
    let folder = workspace.root().join("benches");
    let run = |command: &str| {
        let output = Cargo::new(&folder, command)
            .args(["--target-dir", &target, "--", "--format", format])
            .args(options.prefix.iter())
            .output()?;
        let text = String::from_utf8(output.stdout)
            .map_err(|_| "the benchmarks did not write UTF-8".to_owned())?;
        Ok::<_, String>((text, output.status.success()))
    };
    let (times, times_ok) = run("run --quiet --release")?;
    // A build of its own: an allocator that counts makes what is measured in time slower.
    let (counts, counts_ok) = run("run --quiet --release --features allocations")?;
    let text = joined(&times, &counts, format);
    if text.is_empty() && times_ok && counts_ok {
        return Err(format!("no benchmark begins with {prefix:?}"));
    }
    print!("{text}");
    // Figures over their limit are written too: the page says what is, not what should be.
    if options.write && !text.is_empty() {
        write_figures(&workspace.root().join("docs/performance.md"), &text)?;
    }
    Ok(times_ok && counts_ok)
}

/// Two outputs as one: the head of a table stands in front of the first only.
fn joined(first: &str, second: &str, format: &str) -> String {
    let head = match format {
        _ if first.is_empty() => 0,
        "table" => 1,
        "markdown" => 2,
        _ => 0,
    };
    let rest = second.lines().skip(head).map(|line| format!("{line}\n"));
    first.to_owned() + &rest.collect::<String>()
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
    use super::{BEGIN, END, between_markers, joined};

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let page = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nafter\n");
        let expected = format!("# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nafter\n");
        assert_eq!(between_markers(&page, "new\n"), Some(expected.clone()));
        assert_eq!(between_markers(&expected, "new\n"), Some(expected));
        assert_eq!(between_markers("no markers", "new"), None);
    }
    #[test]
    fn a_second_table_has_no_head_of_its_own() {
        assert_eq!(joined("head\na\n", "head\nb\n", "table"), "head\na\nb\n");
        assert_eq!(joined("", "head\nb\n", "table"), "head\nb\n");
        assert_eq!(joined("h\n-\na\n", "", "markdown"), "h\n-\na\n");
        assert_eq!(joined("{1}\n", "{2}\n", "json"), "{1}\n{2}\n");
    }
}
