//! `entra-doctor serve`

use clap::Args;

use super::session::{Exit, Session, Stop};
use crate::serve;

/// The same as `explain`, as a page on this machine: nothing leaves it
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    entra-doctor serve\n  \
    entra-doctor serve --port 8642\n\n\
    It listens on 127.0.0.1 and ends with Ctrl+C. Nothing is kept after an answer.")]
pub(super) struct Serve {
    /// The port; 0 lets the system choose one
    #[arg(long, default_value_t = 0)]
    port: u16,
}

impl Serve {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        let out = &mut *session.out;
        serve::serve(self.port, &mut |url| {
            writeln!(out, "{url}")?;
            out.flush()
        })?;
        Ok(Exit::Fine)
    }
}
