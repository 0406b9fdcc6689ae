//! Takes the address out of settings lines, connection strings, resource ids and portal links.
//!
//! Each has a grammar of its own and ends in a URL, which then passes the same checks as
//! one that was given as it is. What was done is said in notes.

mod connection;
mod resource_id;
mod variable;

use std::borrow::Cow;

use super::error::{Corrections, EndpointReason as Reason};
use super::hosts;
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

    /// With the characters of the address checked, and quotes around it removed.
    fn checked(mut self, corrections: &mut Corrections) -> Result<Self, Reason> {
        match &mut self.url {
            Cow::Borrowed(url) => {
                *url = raw::bare(raw::without_blanks(url, corrections)?, corrections)?;
            }
            Cow::Owned(url) => raw::check_characters(url)?,
        }
        Ok(self)
    }
}

/// The address in a text: the text itself, or what a form around it holds.
pub(super) fn take<'t>(
    text: &'t str,
    cloud: Option<KnownCloud>,
    corrections: &mut Corrections,
) -> Result<Pasted<'t>, Reason> {
    let text = raw::trimmed(text, corrections)?;
    address(text, cloud, corrections)
}

fn address<'t>(
    text: &'t str,
    cloud: Option<KnownCloud>,
    corrections: &mut Corrections,
) -> Result<Pasted<'t>, Reason> {
    if let Some(found) = unwrap(text, cloud, corrections)? {
        return found.checked(corrections);
    }
    // A form may stand in quotes itself.
    let bare = raw::bare(text, corrections)?;
    if bare.len() < text.len()
        && let Some(found) = unwrap(bare, cloud, corrections)?
    {
        return found.checked(corrections);
    }
    Ok(Pasted::new(bare, Vec::new()))
}

/// The address in a settings line, connection string or resource id; `None` for a plain URL.
fn unwrap<'t>(
    text: &'t str,
    cloud: Option<KnownCloud>,
    corrections: &mut Corrections,
) -> Result<Option<Pasted<'t>>, Reason> {
    if starts_with(text, "https://") {
        return Ok(None);
    }
    if let Some(line) = variable::line(text) {
        return variable::value(&line, cloud, corrections).map(Some);
    }
    if variable::is_name(text) {
        return Err(Reason::VariableName);
    }
    if text.starts_with("eyJ") && text.matches('.').count() >= 2 {
        return Err(Reason::Token);
    }
    let is_id = starts_with(text, "/subscriptions/");
    let has_pairs = || text.split(';').filter(|part| !part.is_empty()).count() > 1;
    let is_connection = text.contains(';')
        && (starts_with(text, "endpoint=") || (!has_scheme(text) && has_pairs()));
    if !is_id && !is_connection {
        return Ok(None);
    }
    let checked = if is_id {
        text
    } else {
        text.trim_end_matches(';')
    };
    match raw::check_characters(checked) {
        Err(Reason::Quotes | Reason::Markup) => return Ok(None),
        result => result?,
    }
    if is_id {
        resource_id::url(text, cloud).map(Some)
    } else {
        connection::url(text, cloud, corrections).map(Some)
    }
}

fn has_scheme(text: &str) -> bool {
    let (scheme, _) = text.split_once("://").unwrap_or_default();
    !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphabetic())
}

/// The address of a Foundry account in `cloud`, or of a project in it.
fn foundry_url(account: &str, project: Option<&str>, cloud: KnownCloud) -> String {
    let suffix = match cloud {
        KnownCloud::China => "services.ai.azure.cn",
        // The other clouds have no Foundry: the host is then refused as the public one's.
        _ => hosts::foundry_suffix(cloud).unwrap_or("services.ai.azure.com"),
    };
    let origin = format!("https://{account}.{suffix}");
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
