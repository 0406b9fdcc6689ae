//! `entra-doctor explain`

use std::path::PathBuf;

use clap::Args;
use foundry_scopes::TenantId;

use super::manifest::read_documents;
use super::session::{CloudOption, Exit, Session, Stop};
use crate::diagnosis::{Answer, Case};
use crate::input::{Source, TokenSource};

/// Say why a call is refused, from whatever is known of it
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    printf %s \"$TOKEN\" | entra-doctor explain --endpoint \"$ENDPOINT\" --token - --status 401 --body answer.json\n  \
    entra-doctor explain --endpoint https://contoso.openai.azure.com --status 401\n  \
    entra-doctor explain --file sign-in.json")]
pub(super) struct Explain {
    /// The endpoint as it was copied
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// `-` reads the token from standard input; the token itself is taken with a warning
    #[arg(long)]
    token: Option<String>,
    #[command(flatten)]
    source: TokenSource,
    /// The audience or scope that is requested, where there is no token
    #[arg(long, value_name = "AUDIENCE")]
    requested: Option<String>,
    /// The HTTP status of the answer
    #[arg(long, value_name = "CODE")]
    status: Option<u16>,
    /// A file with the body of the answer
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// The value of the WWW-Authenticate field of the answer
    #[arg(long, value_name = "TEXT")]
    www_authenticate: Option<String>,
    /// The tenant that the resource is in
    #[arg(long, value_name = "GUID", value_parser = TenantId::parse)]
    tenant: Option<TenantId>,
    /// The call should be made as the signed-in user
    #[arg(long)]
    as_the_user: bool,
    /// Settings, manifests, tools, log entries or error texts
    #[arg(long, value_name = "FILE")]
    file: Vec<PathBuf>,
    #[command(flatten)]
    cloud: CloudOption,
}

impl Explain {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        let mut case = Case::new().at(session.now).cloud(self.cloud.cloud());
        if let Some(token) = self.source.read(self.token.as_deref(), session)? {
            case = case.token(&token);
        }
        let mut answer = Answer::new();
        if let Some(status) = self.status {
            answer = answer.status(status);
        }
        if let Some(path) = self.body {
            answer = answer.body(&Source::of_path(&path).read(session, 1024 * 1024)?);
        }
        if let Some(text) = self.www_authenticate {
            answer = answer.www_authenticate(&text);
        }
        case = case.answer(answer);
        if let Some(url) = self.endpoint {
            case = case.endpoint(&url);
        }
        if let Some(text) = self.requested {
            case = case.requested(&text);
        }
        if let Some(tenant) = self.tenant {
            case = case.tenant(tenant);
        }
        if self.as_the_user {
            case = case.as_the_user();
        }
        let diagnosis = case
            .documents(read_documents(&self.file, session)?)
            .diagnose();
        session.tell(&diagnosis)
    }
}
