//! The command line.

mod args;
mod environment;
mod error;
mod guide;
mod serve;

pub(crate) use args::Args;

use error::CliError;

pub(crate) async fn run(args: Args) -> Result<(), CliError> {
    match args.command {
        Some(args::Command::Env(args)) => environment::print(args).await,
        None => serve::run(args).await,
    }
}
