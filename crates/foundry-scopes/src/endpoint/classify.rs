//! From a text to an endpoint.

use super::client::v1_scope;
use super::hosts::{self, Service};
use super::note::Note;
use super::path::Path;
use super::query::{self, Query};
use super::raw::{self, Raw};
use super::refusal::EndpointRefusal as Refusal;
use super::shape::{self, Audience, Shape, Version};
use super::{AgentProtocol, Client, Endpoint, NoteCode};
use crate::catalogue::AZURE_AI;
use crate::{Cloud, Scope};

/// Reads `text` strictly.
pub(super) fn endpoint(text: &str, cloud: &Cloud) -> Result<Endpoint, Refusal> {
    let raw = raw::split(text)?;
    let known = cloud.known().ok_or(Refusal::CustomCloud)?;
    let mut found = hosts::find(&raw.host)?;
    let mut notes = Vec::new();
    text_notes(text, &raw, &mut notes);

    let public_name;
    if let Service::PrivateLink(suffix) = found.row.service {
        public_name = format!("{}.{suffix}", found.resource.unwrap_or_default());
        found = hosts::find(&public_name)?;
        notes.push(Note::new(
            NoteCode::PrivateLink,
            "`privatelink` was removed from the host: clients use the public name, and DNS does the rest",
        ));
    }
    if let Service::Refused(refusal) = found.row.service {
        return Err(refusal);
    }
    if found.row.cloud != known {
        return Err(Refusal::OtherCloud(found.row.cloud));
    }

    let mut path = Path::new(raw.path);
    let given = path.rest();
    let shape = shape::of(found.row.service, &mut path)?;
    if raw.web_socket && !shape.web_socket {
        return Err(Refusal::WebSocket);
    }
    let query = query::read(raw.query)?;
    let scope = scope(&shape.audience, cloud).ok_or(Refusal::AudienceUnknown)?;

    let web_socket = shape.protocol == Some(AgentProtocol::InvocationsWebSocket);
    let host = found.whole_host();
    let scheme = if web_socket { "wss" } else { "https" };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let mut endpoint = Endpoint {
        kind: shape.kind,
        cloud: cloud.clone(),
        base_url: format!("{scheme}://{host}{}", shape.base),
        host,
        scope,
        resource: owned(shape.resource.or(found.resource)),
        region: owned(found.region),
        project: owned(shape.project),
        item: owned(shape.item),
        protocol: shape.protocol,
        deployment: owned(shape.deployment.or(query.deployment)),
        api_version: owned(query.api_version),
        notes: Vec::new(),
    };

    let has_client = |client: &Client| endpoint.for_client(*client).is_some();
    let removed = if Client::ALL.iter().any(has_client) {
        "was cut off: clients add it themselves"
    } else {
        "was left out of the base address: add it per request"
    };
    path_notes(&raw, &path, &given, &shape, removed, &mut notes);
    query_notes(&query, shape.version, &mut notes);
    if web_socket != raw.web_socket {
        notes.push(Note::new(
            NoteCode::WebSocket,
            if web_socket {
                "`https` became `wss`: this protocol is a WebSocket"
            } else {
                "`wss` became `https`: clients open the WebSocket themselves"
            },
        ));
    }
    notes.extend(shape.advice);
    endpoint.notes = notes;
    Ok(endpoint)
}

fn scope(audience: &Audience, cloud: &Cloud) -> Option<Scope> {
    match audience {
        Audience::Of(resource) => resource.default_scope(cloud),
        Audience::Foundry => AZURE_AI.default_scope(cloud),
        Audience::V1 => v1_scope(cloud),
    }
}

fn text_notes(text: &str, raw: &Raw<'_>, notes: &mut Vec<Note>) {
    let scheme = if raw.web_socket { "wss://" } else { "https://" };
    let as_written = text
        .strip_prefix(scheme)
        .is_some_and(|rest| rest.starts_with(&*raw.host));
    if !as_written {
        notes.push(Note::new(
            NoteCode::HostCase,
            "scheme and host were put in lower case",
        ));
    }
    if raw.default_port {
        notes.push(Note::new(
            NoteCode::DefaultPort,
            "`:443` was removed: it is the default port",
        ));
    }
}

fn path_notes(
    raw: &Raw<'_>,
    path: &Path<'_>,
    given: &str,
    shape: &Shape<'_>,
    removed: &str,
    notes: &mut Vec<Note>,
) {
    if raw.path.contains("//") {
        notes.push(Note::new(
            NoteCode::DuplicateSlash,
            "repeated slashes became one",
        ));
    }
    if path.case_changed() {
        notes.push(Note::new(
            NoteCode::PathCase,
            "fixed parts of the path were put in lower case",
        ));
    }
    let kept = shape.base.trim_end_matches('/');
    match given.get(kept.len()..) {
        Some(cut) if !cut.is_empty() && shape.documented => notes.push(Note::new(
            NoteCode::PathRemoved,
            format!("`{}` {removed}", shorten(cut)),
        )),
        Some(cut) if !cut.is_empty() => notes.push(Note::new(
            NoteCode::PathUnknown,
            format!(
                "`{}` was cut off: it is no documented path of this service",
                shorten(cut)
            ),
        )),
        _ if raw.path.len() > 1 && raw.path.ends_with('/') && !shape.base.ends_with('/') => {
            notes.push(Note::new(
                NoteCode::TrailingSlash,
                "the slash at the end was removed",
            ));
        }
        _ => {}
    }
}

fn query_notes(query: &Query<'_>, version: Version, notes: &mut Vec<Note>) {
    if let Some(value) = query.api_version {
        notes.push(Note::new(
            NoteCode::ApiVersionRemoved,
            format!(
                "`api-version={value}` was taken out of the URL: give it to the client as its API version"
            ),
        ));
    }
    if query.others {
        notes.push(Note::new(
            NoteCode::QueryRemoved,
            "the rest of the query was removed: a base address has none",
        ));
    }
    match (version, query.api_version) {
        (Version::Refused, Some(_)) => notes.push(Note::new(
            NoteCode::ApiVersionOnV1,
            "the v1 API answers 400 to any `api-version`: leave it out",
        )),
        (Version::Required, None) => notes.push(Note::new(
            NoteCode::ApiVersionMissing,
            "requests need `?api-version=v1`, or they are answered with 400",
        )),
        _ => {}
    }
}

fn shorten(text: &str) -> String {
    const LIMIT: usize = 100;
    match text.get(..LIMIT) {
        Some(start) if text.len() > LIMIT => format!("{start}..."),
        _ => text.to_owned(),
    }
}
