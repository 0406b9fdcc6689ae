//! The command line, and its errors as one line for people.

mod args;
mod directory;
mod environment;
mod guide;
mod ready;
mod serve;

use std::error::Error;
use std::fmt;

use entra_emulator::StartError;

pub(crate) use args::Args;

pub(crate) async fn run(args: Args) -> Result<(), CliError> {
    match args.command {
        Some(args::Command::Env(args)) => environment::print(args).await,
        Some(args::Command::Directory(args)) => directory::run(&args),
        None => serve::run(args).await,
    }
}

/// An error with its causes and, where there is one, the way out.
#[derive(Debug)]
pub(crate) struct CliError(String);

impl CliError {
    /// What went wrong, before the colon, and why.
    pub(super) fn new(what: impl fmt::Display, why: &dyn Error) -> Self {
        Self(format!("{what}: {}", chain(why)))
    }

    /// What went wrong, when there is nothing behind it.
    pub(super) fn plain(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for CliError {}

impl From<StartError> for CliError {
    fn from(error: StartError) -> Self {
        let hint = match &error {
            StartError::Bind { .. } => "; choose another port with --port, 0 takes a free one",
            StartError::NotLoopback { .. } => {
                "; --allow-remote lifts this, for containers, with --tls and --directory"
            }
            _ => "",
        };
        Self(chain(&error) + hint)
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
