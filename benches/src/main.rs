//! Benchmarks, each against its floor (the least that the same work can cost) and a peer, in one run.
//!
//! A new entry is a file: it makes its input, checks that every contestant does the work, measures them
//! with [`harness::interleaved`] and returns its [`figure::Figure`]s. [`ENTRIES`] names it.

mod claims;
mod clock;
mod context;
mod figure;
mod harness;
mod mcp;
mod obo;
mod scopes;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use crate::figure::Figure;

/// An entry: the name that its figures begin with, and what measures them.
type Entry = (&'static str, fn() -> Result<Vec<Figure>, Box<dyn Error>>);

/// Names begin with the crate: `claims.`, `obo.`, `scopes.`, `mcp.`, `context.`.
#[cfg(not(feature = "allocations"))]
const ENTRIES: &[Entry] = &[
    ("claims.cold", claims::cold::figures),
    ("scopes.catalogue", scopes::catalogue::figures),
    ("claims.refused", claims::refused::figures),
    ("claims.cached", claims::cached::figures),
    ("claims.keys", claims::keys::figures),
    ("scopes.endpoint", scopes::endpoint::figures),
    ("mcp.cost", mcp::cost::figures),
    ("obo.hit", obo::hit::figures),
    ("obo.coalesced", obo::requests::figures),
    ("mcp.flood", mcp::flood::figures),
    ("context.issue", context::issue::figures),
    ("context.verify", context::verify::figures),
];

/// What is counted by the allocator.
#[cfg(feature = "allocations")]
const ENTRIES: &[Entry] = &[
    ("claims.", claims::allocations::figures),
    ("obo.memory", obo::memory::figures),
];

#[derive(Parser)]
struct Cli {
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Only entries whose name begins so
    #[arg(default_value = "")]
    prefix: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
    Markdown,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<bool, Box<dyn Error>> {
    let mut all = Vec::new();
    for (name, figures) in ENTRIES {
        if name.starts_with(&cli.prefix) || cli.prefix.starts_with(name) {
            all.extend(figures().map_err(|error| format!("{name}: {error}"))?);
        }
    }
    all.retain(|figure| figure.bench.starts_with(&cli.prefix));
    // The other set of entries may have some: `cargo xtask bench` asks both.
    if all.is_empty() {
        return Ok(true);
    }
    match cli.format {
        Format::Table => print!("{}", figure::table(&all)),
        Format::Markdown => print!("{}", figure::markdown(&all)),
        Format::Json => all.iter().for_each(|figure| println!("{}", figure.json())),
    }
    Ok(all.iter().all(Figure::ok))
}
