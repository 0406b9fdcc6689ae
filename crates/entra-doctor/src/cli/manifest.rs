//! `entra-doctor manifest`

use std::path::PathBuf;

use clap::Args;

use super::session::{Exit, Session, ShellOption, Stop};
use crate::diagnosis::Case;
use crate::document::Document;
use crate::input::{InputError, Source};

/// Compare settings, app registrations and tools, without any token
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    az ad app show --id <client id> > app.json\n  \
    az rest --method get --url <site>/config/authsettingsV2?api-version=2022-03-01 > site.json\n  \
    entra-doctor manifest app.json site.json tool.json")]
pub(super) struct Manifest {
    /// Authentication settings of a site, app registrations, tools and connections of agents,
    /// sign-in log entries; `-` is standard input
    #[arg(required = true)]
    file: Vec<PathBuf>,
    #[command(flatten)]
    shell: ShellOption,
}

impl Manifest {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        let documents = read_documents(&self.file, session)?;
        let diagnosis = Case::new().at(session.now).documents(documents).diagnose();
        session.tell(&diagnosis.for_shell(self.shell.shell()))
    }
}

pub(super) fn read_documents(
    files: &[PathBuf],
    session: &mut Session<'_>,
) -> Result<Vec<Document>, Stop> {
    let mut documents = Vec::new();
    for path in files {
        let text = Source::of_path(path).read(session, 1024 * 1024)?;
        let read = Document::read(text.as_bytes()).map_err(|error| InputError::Document {
            from: path.display().to_string(),
            error,
        });
        documents.extend(read?);
    }
    Ok(documents)
}
