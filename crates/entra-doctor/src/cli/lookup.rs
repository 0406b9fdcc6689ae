//! `entra-doctor scope`, `catalogue` and `aadsts`: look one thing up.

use clap::{Args, ValueEnum};
use foundry_scopes::catalogue::Confidence;

use super::session::{CloudOption, Exit, Session, Stop};
use crate::aadsts::AadstsReport;
use crate::input::Source;
use crate::resource::CatalogueReport;
use crate::scope::ScopeReport;

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
        session.tell(&ScopeReport::in_cloud(
            &self.what,
            self.cloud.chosen().as_ref(),
        ))
    }
}

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

/// More than any error answer has.
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
