//! `entra-doctor aadsts`

use clap::Args;

use super::{Exit, Session, Stop};
use crate::AadstsReport;
use crate::input::Source;

/// More than any error answer.
const LIMIT: u64 = 1024 * 1024;

/// Say what an AADSTS number means and who can do something about it
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    entra-doctor aadsts 65001\n  \
    entra-doctor aadsts \"AADSTS50013: Assertion failed signature validation.\"\n  \
    entra-doctor aadsts - < error.json")]
pub(super) struct AadstsCommand {
    /// A number, or the text or answer it stands in; `-` reads standard input
    #[arg(value_name = "CODE|TEXT", required = true)]
    what: Vec<String>,
}

impl AadstsCommand {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        let text = match self.what.as_slice() {
            [dash] if dash == "-" => Source::Stdin.read(session, LIMIT)?,
            words => words.join(" "),
        };
        session.tell(&AadstsReport::of(&text))
    }
}
