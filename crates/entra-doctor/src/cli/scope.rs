//! `entra-doctor scope`

use clap::Args;

use super::cloud::CloudOption;
use super::{Exit, Session, Stop};
use crate::ScopeReport;

/// Say which scope to request, from a name, an address, a scope or an id
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    entra-doctor scope graph\n  \
    entra-doctor scope \"Azure OpenAI\" --cloud usgov\n  \
    entra-doctor scope https://contoso.services.ai.azure.com/api/projects/p1\n  \
    entra-doctor scope 18a66f5f-dbdf-4c17-9dd7-1634712a9cbe")]
pub(super) struct ScopeCommand {
    /// A resource by name, an identifier URI, a scope, an endpoint, or the id of an
    /// application or role
    #[arg(value_name = "NAME|URL|GUID")]
    what: String,
    #[command(flatten)]
    cloud: CloudOption,
}

impl ScopeCommand {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        session.tell(&ScopeReport::of(&self.what, &self.cloud.cloud()))
    }
}
