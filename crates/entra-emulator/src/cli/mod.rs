//! The command line.

mod args;
mod error;
mod guide;
mod serve;

pub(crate) use args::Args;
pub(crate) use serve::run;
