//! `entra-doctor endpoint`

use clap::Args;

use super::cloud::CloudOption;
use super::{Exit, Session, Stop};
use crate::EndpointReport;

/// Say what an endpoint is and which token it wants
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    entra-doctor endpoint https://contoso.openai.azure.com/openai/deployments/gpt-4o\n  \
    entra-doctor endpoint --cloud usgov https://contoso.openai.azure.us")]
pub(super) struct EndpointCommand {
    /// The endpoint as it was copied
    url: String,
    #[command(flatten)]
    cloud: CloudOption,
}

impl EndpointCommand {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        session.tell(&EndpointReport::of(&self.url, &self.cloud.cloud()))
    }
}
