//! `entra-doctor endpoint`

use std::path::PathBuf;

use clap::Args;

use super::session::{CloudOption, Exit, Session, Stop};
use crate::endpoint::{Batch, EndpointReport};
use crate::input::Source;

/// Say what an endpoint is and which token it wants
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    entra-doctor endpoint https://contoso.openai.azure.com/openai/deployments/gpt-4o\n  \
    entra-doctor endpoint --cloud usgov https://contoso.openai.azure.us\n  \
    entra-doctor endpoint 'AZURE_OPENAI_ENDPOINT=https://contoso.openai.azure.com/'\n  \
    entra-doctor endpoint --batch endpoints.jsonl\n\n\
    --batch reads {\"id\",\"input\"} per line and answers each with one JSON object, in order. \
    It ends with 0 if every line was a question, whatever the answers are, and with 1 if one was not.")]
pub(super) struct EndpointCommand {
    /// The endpoint as it was copied
    #[arg(required_unless_present = "batch")]
    url: Option<String>,
    /// A file with one question per line; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    batch: Option<PathBuf>,
    #[command(flatten)]
    cloud: CloudOption,
}

impl EndpointCommand {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        let cloud = self.cloud.chosen();
        if let Some(file) = &self.batch {
            let mut input = Source::of_path(file).open(session)?;
            let all_read = Batch::new(cloud).run(&mut input, session.out)?;
            return Ok(Exit::of(all_read));
        }
        session.tell(&EndpointReport::in_cloud(
            &self.url.unwrap_or_default(),
            cloud.as_ref(),
        ))
    }
}
