//! An agent that calls APIs on behalf of a user, on its own, and as its own user account, with
//! Microsoft Entra Agent ID; and what is refused.
//!
//! Without settings everything is local: an emulated Entra ID with its Graph, an MCP server and an
//! API that validate what they get. With `AZURE_TENANT_ID` in the environment it is a real tenant;
//! see README.md.

mod agent;
mod api;
mod args;
mod local;
mod log;
mod mcp_server;
mod real;
mod refusals;
mod runtime;
mod self_check;
mod set_up;
mod settings;
mod sign_in;
mod steps;
mod story;

use std::process::ExitCode;

use args::Mode;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let mode = match args::read(&words, settings::is_configured()) {
        Ok(Mode::Help) => {
            println!("{}", args::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(mode) => log::start().map(|()| mode),
        Err(error) => Err(format!("{error}\n{}", args::USAGE)),
    };
    let outcome = match mode {
        Ok(Mode::Run(flow)) => real::run(flow).await,
        Ok(Mode::SetUp) => real::set_up().await,
        Ok(_) => self_check::run().await,
        Err(error) => {
            eprintln!("agent-identity: {error}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agent-identity: {error}");
            ExitCode::FAILURE
        }
    }
}
