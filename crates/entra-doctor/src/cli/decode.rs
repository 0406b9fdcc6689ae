//! `entra-doctor decode`

use clap::Args;

use super::session::{Exit, Session, Stop};
use crate::input::TokenSource;
use crate::token::TokenReport;

/// Say what a token says. It is NOT verified
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    az account get-access-token --query accessToken -o tsv | entra-doctor decode\n  \
    printf %s \"$TOKEN\" | entra-doctor decode -\n  \
    entra-doctor decode --token-env TOKEN\n  \
    entra-doctor decode --json --token-file token.txt")]
pub(super) struct Decode {
    /// `-` or nothing reads standard input; the token itself is taken with a warning
    token: Option<String>,
    #[command(flatten)]
    source: TokenSource,
    /// Show names, addresses and claims that are not documented as well; never the token
    #[arg(long)]
    unredacted: bool,
}

impl Decode {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        let text = match self.source.read(self.token.as_deref(), session)? {
            Some(text) => text,
            None => TokenSource::stdin(session)?,
        };
        let report = TokenReport::read(&text, session.now)?;
        session.tell(&if self.unredacted {
            report.unredacted()
        } else {
            report
        })
    }
}
