//! `entra-doctor explain`

use std::path::PathBuf;

use clap::Args;
use foundry_scopes::TenantId;

use super::session::{CloudOption, Exit, Session, ShellOption, Stop};
use crate::diagnosis::{Answer, Case};
use crate::document::{Document, DocumentError};
use crate::input::{Source, TokenSource};
use crate::reading;

/// Say why a call is refused, from whatever is known of it
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    entra-doctor explain - < everything.txt\n  \
    printf %s \"$TOKEN\" | entra-doctor explain --endpoint \"$ENDPOINT\" --token - --status 401 --body answer.json\n  \
    entra-doctor explain --endpoint https://contoso.openai.azure.com --status 401\n  \
    entra-doctor explain --file sign-in.json")]
pub(super) struct Explain {
    /// Anything that was pasted: logs, transcripts, error texts, JSON, tokens; `-` reads
    /// standard input
    #[arg(value_name = "FILE")]
    paste: Vec<PathBuf>,
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
    /// The audience that an API of one's own accepts: the client id or identifier URI of its
    /// registration
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// The HTTP status of the answer, as `401` or `401 Unauthorized`
    #[arg(long, value_name = "CODE", value_parser = status)]
    status: Option<u16>,
    /// When the call failed, where the text does not say it: RFC 3339 or Unix seconds
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<i64>,
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
    #[command(flatten)]
    shell: ShellOption,
}

impl Explain {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        let mut case = Case::new().at(session.now);
        if let Some(cloud) = self.cloud.chosen() {
            case = case.cloud(cloud);
        }
        if let Some(time) = self.at {
            case = case.failed_at(time);
        }
        for path in &self.paste {
            case = case.paste(&Source::of_path(path).read(session, PASTE)?);
        }
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
        if let Some(text) = self.audience {
            case = case.audience(&text);
        }
        if let Some(tenant) = self.tenant {
            case = case.tenant(tenant);
        }
        if self.as_the_user {
            case = case.as_the_user();
        }
        for path in &self.file {
            let text = Source::of_path(path).read(session, PASTE)?;
            // What is none of the known documents is read as any other text.
            case = match Document::read(text.as_bytes()) {
                Ok(documents) => case.documents(documents),
                Err(DocumentError::Empty) => case,
                Err(_) => case.paste(&text),
            };
        }
        session.tell(&case.diagnose().for_shell(self.shell.shell()))
    }
}

/// More than anybody pastes.
const PASTE: u64 = 1024 * 1024;

fn status(text: &str) -> Result<u16, String> {
    let digits: String = text
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    match digits.parse() {
        Ok(status @ 100..=599) => Ok(status),
        _ => Err("an HTTP status is a number from 100 to 599".to_owned()),
    }
}

fn time(text: &str) -> Result<i64, String> {
    reading::time::parse(text)
        .ok_or_else(|| "a time is written 2026-01-31T12:00:00Z or in Unix seconds".to_owned())
}
