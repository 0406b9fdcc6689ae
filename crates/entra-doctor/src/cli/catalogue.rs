//! `entra-doctor catalogue`

use clap::{Args, ValueEnum};
use foundry_scopes::catalogue::Confidence;

use super::cloud::CloudOption;
use super::{Exit, Session, Stop};
use crate::CatalogueReport;

/// List the resources that are known, with their scopes
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    entra-doctor catalogue\n  \
    entra-doctor catalogue monitor\n  \
    entra-doctor catalogue --cloud china --confidence high\n  \
    entra-doctor catalogue --json vault")]
pub(super) struct CatalogueCommand {
    /// Only those with this text in a name, identifier, scope, host or application id
    #[arg(default_value = "")]
    filter: String,
    /// Only those of which at least this much is known
    #[arg(long, value_enum)]
    confidence: Option<Least>,
    #[command(flatten)]
    cloud: CloudOption,
}

#[derive(Clone, Copy, ValueEnum)]
enum Least {
    Low,
    Medium,
    High,
}

impl From<Least> for Confidence {
    fn from(least: Least) -> Self {
        match least {
            Least::Low => Self::Low,
            Least::Medium => Self::Medium,
            Least::High => Self::High,
        }
    }
}

impl CatalogueCommand {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        let least = self.confidence.map(Into::into);
        session.tell(&CatalogueReport::of(
            &self.filter,
            &self.cloud.cloud(),
            least,
        ))
    }
}
