//! The whole story on one machine: a user signs in, an MCP client calls a tool, the tool
//! calls a downstream API as that user, and five refusals say what to do next.
//!
//! `cargo run -p quickstart` tells it to people, `--json` to programs (one object per
//! step). The exit code is 0 only if each step did what the story says.

mod browser;
mod console;
mod mcp_client;
mod mcp_server;
mod orders_api;
mod refusals;
mod step;
mod story;
mod world;

use std::process::ExitCode;

use console::Console;

#[tokio::main]
async fn main() -> ExitCode {
    let mut console = match std::env::args().nth(1).as_deref() {
        None => Console::for_people(),
        Some("--json") => Console::for_programs(),
        Some(other) => {
            eprintln!("unknown argument {other:?}: the only one is --json");
            return ExitCode::from(2);
        }
    };
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
