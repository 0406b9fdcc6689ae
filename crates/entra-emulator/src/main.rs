//! The `entra-emulator` command: a local Entra ID on a fixed port, until Ctrl-C, and what
//! points client libraries at it.

mod cli;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(cli::Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "entra-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}
