//! Texts that hold an address without being one: lines of settings, connection strings,
//! resource ids, links of portal pages.
//!
//! Each has a grammar of its own and ends in a URL, which then passes the same checks as
//! one that was given as it is. What was done is said in notes.

mod connection;
mod resource_id;
mod variable;

use std::borrow::Cow;

use super::error::EndpointRefusal as Refusal;
use super::note::Note;
use super::raw::{self, starts_with};
use crate::cloud::KnownCloud;

pub(super) use resource_id::{in_text as resource_id_in, on_portal_page};
pub(super) use variable::Wants;

/// A URL that was taken out of something else.
pub(super) struct Pasted<'t> {
    pub(super) url: Cow<'t, str>,
    pub(super) notes: Vec<Note>,
    /// The variable it stood in, and the form that it wants.
    pub(super) variable: Option<(&'static str, Wants)>,
}

impl<'t> Pasted<'t> {
    fn new(url: impl Into<Cow<'t, str>>, notes: Vec<Note>) -> Self {
        Self {
            url: url.into(),
            notes,
            variable: None,
        }
    }
}

/// What `text` holds, if it is none of the forms of a URL.
pub(super) fn unwrap(text: &str, cloud: Option<KnownCloud>) -> Result<Option<Pasted<'_>>, Refusal> {
    if starts_with(text, "/subscriptions/") {
        raw::check_characters(text)?;
        return resource_id::url(text, cloud).map(Some);
    }
    if let Some(line) = variable::line(text) {
        return variable::value(&line, cloud).map(Some);
    }
    if variable::is_name(text) {
        return Err(Refusal::VariableName);
    }
    if text.starts_with("eyJ") && text.matches('.').count() >= 2 {
        return Err(Refusal::Token);
    }
    let has_pairs = || text.split(';').filter(|part| !part.is_empty()).count() > 1;
    if text.contains(';') && (starts_with(text, "endpoint=") || (!has_scheme(text) && has_pairs()))
    {
        raw::check_characters(text.trim_end_matches(';'))?;
        return connection::url(text, cloud).map(Some);
    }
    Ok(None)
}

fn has_scheme(text: &str) -> bool {
    let (scheme, _) = text.split_once("://").unwrap_or_default();
    !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphabetic())
}

/// The host of a Foundry account in `cloud`, with a project in it.
fn foundry_url(account: &str, project: Option<&str>, cloud: KnownCloud) -> String {
    let domain = match cloud {
        KnownCloud::UsGovernment => "us",
        KnownCloud::China => "cn",
        // The other clouds have no Foundry: the host is then refused as the public one's.
        _ => "com",
    };
    let origin = format!("https://{account}.services.ai.azure.{domain}");
    match project {
        Some(project) => format!("{origin}/api/projects/{project}"),
        None => origin,
    }
}

/// A name that can be one label of a host, so that nothing of it becomes another host.
fn label(name: &str) -> Option<&str> {
    let clean = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (!name.is_empty() && name.len() <= 63 && name.bytes().all(clean)).then_some(name)
}
