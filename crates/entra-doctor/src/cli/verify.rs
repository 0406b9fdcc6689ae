//! `entra-doctor verify`

use std::path::PathBuf;

use clap::Args;
use entra_claims::{KeySet, Policy};

use super::session::{Exit, Session, Stop};
use crate::input::{InputError, Source};
use crate::reading::single;
use crate::reading::token::{Form, FoundToken};
use crate::verify;
use crate::verify::VerifyReport;

/// Verify a token under a policy: the verdict, and each check in order
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    printf %s \"$TOKEN\" | entra-doctor verify --policy policy.json --jwks keys.json\n  \
    entra-doctor verify --policy policy.json --jwks keys.json --now 1700000000 --token-file token.txt\n  \
    entra-doctor verify --policy policy.json --authority https://login.microsoftonline.com/$TENANT < token.txt\n  \
    entra-doctor verify --batch lines.jsonl\n\n\
    A line of a batch is {\"id\",\"token\",\"now\",\"jwks\",\"policy\"}, and so is each answer:\n\
    {\"id\",\"outcome\":\"accept\",\"principal\"} or {\"id\",\"outcome\":\"reject\",\"reason\",\"message\"}.")]
pub(super) struct Verify {
    /// The policy, a JSON file
    #[arg(long, required_unless_present = "batch")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    keys: Option<Keys>,
    /// The time to verify at, in Unix seconds; now if it is left out
    #[arg(long, allow_negative_numbers = true)]
    now: Option<i64>,
    /// The file with the token; standard input if it is left out
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// Many questions, one JSON object per line; `-` reads standard input
    #[arg(long, conflicts_with_all = ["policy", "keys", "now", "token_file"])]
    batch: Option<PathBuf>,
}

/// Where the authority's keys come from: one of these, and with `--batch` none.
#[derive(Args)]
#[group(id = "keys", required = false, multiple = false)]
struct Keys {
    /// The authority's key set, a JSON file
    #[arg(long)]
    jwks: Option<PathBuf>,
    /// The authority to fetch the keys from, as https://login.microsoftonline.com/<tenant id>: its
    /// metadata and its keys are asked for, and nothing else leaves this machine
    #[cfg(feature = "fetch")]
    #[arg(long, value_name = "URL")]
    authority: Option<String>,
}

impl Keys {
    fn read(&self, session: &mut Session<'_>, policy: &Policy) -> Result<KeySet, InputError> {
        #[cfg(feature = "fetch")]
        if let Some(url) = &self.authority {
            return verify::authority::keys(url, policy);
        }
        #[cfg(not(feature = "fetch"))]
        let _ = policy;
        let path = self.jwks.as_ref().ok_or(InputError::NoKeys)?;
        let keys = Source::of_path(path).read(session, FILE_LIMIT)?;
        KeySet::from_json(keys.as_bytes()).map_err(InputError::not_configuration)
    }
}

/// Twice the largest token that a policy can allow.
const TOKEN_LIMIT: u64 = 512 * 1024;
/// As much as a key set may have.
const FILE_LIMIT: u64 = 1024 * 1024;

impl Verify {
    pub(super) fn run(self, session: &mut Session<'_>) -> Result<Exit, Stop> {
        if let Some(path) = &self.batch {
            let mut input = Source::of_path(path).open(session)?;
            verify::batch(&mut input, session.out)?;
            return Ok(Exit::Fine);
        }
        let Some(policy) = &self.policy else {
            return Err(InputError::Nothing.into());
        };
        let keys = self.keys.as_ref().ok_or(InputError::NoKeys)?;
        let policy = Source::of_path(policy).read(session, FILE_LIMIT)?;
        let policy = Policy::from_json(&policy).map_err(InputError::not_configuration)?;
        let keys = keys.read(session, &policy)?;
        let source = match &self.token_file {
            Some(path) => Source::of_path(path),
            None => Source::Stdin,
        };
        let token = source.read(session, TOKEN_LIMIT)?;
        let now = self.now.unwrap_or(session.now);
        // A line break at the end is the shell's and not the token's.
        let given = token.trim_end_matches(['\r', '\n']);
        // What else people paste around a token: JSON, a header, quotes, folded lines.
        let whole = |found: &FoundToken| found.form == Form::Whole && found.text != given;
        let found = single::one(given).filter(whole);
        if found.is_some() {
            session.warn("The token was taken out of the text around it; a service would get that text as it is.")?;
        }
        let sent = found.as_ref().map_or(given, |found| found.text.as_str());
        let report = VerifyReport::of(sent, &policy, &keys, now);
        session.tell(&report)
    }
}
