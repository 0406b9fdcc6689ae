//! The whole story on one machine: a user signs in, an MCP client calls a tool, the tool
//! calls a downstream API as that user, and five refusals say what to do next.
//!
//! `cargo run -p quickstart` tells it to people, `--json` to programs (one object per
//! step). The exit code is 0 only if each step did what the story says.

mod browser;
mod console;
mod log;
mod mcp_client;
mod mcp_server;
mod orders_api;
mod refusals;
mod step;
mod story;
mod wire;
mod world;

use std::process::ExitCode;

use console::Console;

const USAGE: &str = "\
usage: quickstart [--json]

  --json  one JSON object per step, for programs

RUST_LOG (warn without it) says what is logged on standard error, LOG_FORMAT=json how.";

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let mut console = match words.as_slice() {
        [] => Console::for_people(),
        ["--json"] => Console::for_programs(),
        ["--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("quickstart: cannot read {words:?}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if let Err(error) = log::start() {
        eprintln!("quickstart: {error}");
        return ExitCode::from(2);
    }
    match story::tell(&mut console).await {
        Ok(()) if console.all_did_what_they_say() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("the story stopped: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}
