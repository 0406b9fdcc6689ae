//! Classifies an address that was taken apart: kind, audience, base URL and notes.

use std::borrow::Cow;

use super::error::{Corrections, EndpointReason as Reason};
use super::hosts::{self, CustomHost, Found, Service};
use super::kind::{AgentProtocol, EndpointKind};
use super::note::{Note, NoteCode};
use super::path::{Path, Query, has_repeated_slash, read_query, tidy};
use super::raw::{self, QUOTES, Raw};
use super::shape::{self, Audience, Shape, Version};
use super::{Endpoint, pasted};
use crate::catalogue::{self, AZURE_AI, COGNITIVE_SERVICES, Resource};
use crate::cloud::{Cloud, KnownCloud};
use crate::scope::Scope;

/// Classifies the parts. Host, scheme and query of `raw` are corrected where that is clear.
pub(super) fn classify(
    raw: &mut Raw<'_>,
    mut notes: Vec<Note>,
    cloud: &Cloud,
    custom_hosts: &[CustomHost],
    corrections: &mut Corrections,
) -> Result<Endpoint, Reason> {
    if let Some(custom) = custom_hosts.iter().find(|custom| custom.host == raw.host) {
        return classify_custom(raw, custom, notes, cloud, corrections);
    }
    let known = cloud.known().ok_or(Reason::CustomCloud)?;
    let mut found = hosts::find(&raw.host)?;
    if let Service::Portal | Service::Refused(Reason::Portal) = found.row.service {
        return classify_portal_page(raw, &found, known, notes, cloud, corrections);
    }
    text_notes(raw, &mut notes);
    while let Some(name) = canonical_host(raw.path, &found, known, &mut notes, corrections)? {
        raw.host = Cow::Owned(name);
        found = hosts::find(&raw.host)?;
    }
    let service = found.row.service;
    if let Service::Refused(reason) = service {
        return Err(reason);
    }
    if let Some(other) = found.row.cloud.filter(|other| *other != known) {
        return Err(Reason::OtherCloud(other));
    }

    let odd = raw.path.bytes().any(|b| matches!(b, b';' | b'@'));
    // What follows may be a key, which notes about the path would repeat.
    if odd && raw.path.contains(';') {
        return Err(Reason::ConnectionString);
    }
    let mut path = Path::new(raw.path);
    let shape = shape::classify(service, &mut path)?;
    // A person's name may stand in a path of Graph; elsewhere it is how hosts are hidden.
    let takes_names = matches!(service, Service::Whole(..) | Service::ResourceManager);
    if odd && raw.path.contains('@') && !takes_names {
        return Err(Reason::AtSign);
    }
    if raw.web_socket && !shape.web_socket {
        corrections.record(Reason::WebSocket);
        raw.web_socket = false;
    }
    let query = known_query(&mut raw.path, &mut raw.query, corrections)?;
    let (resource, scope) = requested(&shape.audience, cloud).ok_or(Reason::AudienceUnknown)?;

    path_notes(raw, &path, &shape, &mut notes);
    query_notes(&query, shape.version, &mut notes);
    let web_socket = shape.protocol == Some(AgentProtocol::InvocationsWebSocket);
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
    let scheme = if web_socket { "wss" } else { "https" };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Ok(Endpoint {
        kind: shape.kind,
        cloud: cloud.clone(),
        base_url: [scheme, "://", &raw.host, &shape.base].concat(),
        scope,
        catalogued: Some(resource),
        resource: owned(shape.resource.or(found.resource)),
        region: owned(found.region),
        project: owned(shape.project),
        item: owned(shape.item),
        blueprint: None,
        protocol: shape.protocol,
        deployment: owned(shape.deployment.or(query.deployment)),
        api_version: owned(query.api_version),
        notes,
    })
}

/// The host to use in place of the one that was written: the public name of a private link,
/// the right spelling, the Foundry host of an account whose project is meant.
fn canonical_host(
    path: &str,
    found: &Found<'_>,
    known: KnownCloud,
    notes: &mut Vec<Note>,
    corrections: &mut Corrections,
) -> Result<Option<String>, Reason> {
    let suffix = match found.row.service {
        Service::PrivateLink(suffix) => {
            notes.push(Note::new(
                NoteCode::PrivateLink,
                "`privatelink` was removed from the host: clients use the public name, and DNS does the rest",
            ));
            suffix
        }
        Service::Misspelt(suffix) => {
            corrections.record(Reason::MisspeltHost);
            suffix
        }
        Service::AzureOpenAi | Service::CognitiveServices
            if found.row.cloud == Some(known) && Path::new(path).eat(&["api", "projects"]) =>
        {
            let suffix = hosts::foundry_suffix(known).ok_or(Reason::ProjectHost)?;
            corrections.record(Reason::ProjectHost);
            suffix
        }
        _ => return Ok(None),
    };
    Ok(found.resource.map(|name| [name, ".", suffix].concat()))
}

/// A page of a portal: the Foundry portal's links name a project, other pages at most
/// suggest an address.
fn classify_portal_page(
    raw: &Raw<'_>,
    found: &Found<'_>,
    known: KnownCloud,
    mut notes: Vec<Note>,
    cloud: &Cloud,
    corrections: &mut Corrections,
) -> Result<Endpoint, Reason> {
    let page = match found.row.service {
        Service::Portal => pasted::on_portal_page(raw.path, raw.query, known),
        _ => None,
    };
    let url = match page {
        Some(page) => {
            if let Some(other) = found.row.cloud.filter(|other| *other != known) {
                return Err(Reason::OtherCloud(other));
            }
            notes.extend(page.notes);
            page.url
        }
        None => {
            let url = pasted::resource_id_in(raw.text, known).ok_or(Reason::Portal)?;
            corrections.record(Reason::Portal);
            url.into()
        }
    };
    if !corrections.is_empty() {
        corrections.suggest(url.clone().into_owned());
    }
    // An address that was put together has nothing to mend, and is no page again.
    raw::split(&url, corrections)
        .and_then(|mut raw| classify(&mut raw, notes, cloud, &[], corrections))
        .map_err(|_| Reason::Portal)
}

/// An address on a host that the caller opted in: its path is the caller's, and kept.
fn classify_custom(
    raw: &mut Raw<'_>,
    custom: &CustomHost,
    mut notes: Vec<Note>,
    cloud: &Cloud,
    corrections: &mut Corrections,
) -> Result<Endpoint, Reason> {
    if raw.web_socket {
        corrections.record(Reason::WebSocket);
        raw.web_socket = false;
    }
    text_notes(raw, &mut notes);
    let query = known_query(&mut raw.path, &mut raw.query, corrections)?;
    query_notes(&query, Version::Taken, &mut notes);
    notes.push(Note::new(
        NoteCode::CustomHost,
        "the host was opted in by name: its audience is what was configured, and nothing is known of its paths",
    ));
    let path = if raw.path.is_empty() { "/" } else { raw.path };
    Ok(Endpoint {
        kind: EndpointKind::Custom,
        cloud: cloud.clone(),
        base_url: ["https://", &custom.host, path].concat(),
        catalogued: catalogue::by_scope(&custom.scope).next(),
        scope: custom.scope.clone(),
        resource: None,
        region: None,
        project: None,
        item: None,
        blueprint: None,
        protocol: None,
        deployment: query.deployment.map(str::to_owned),
        api_version: query.api_version.map(str::to_owned),
        notes,
    })
}

/// The query; empty where it has an unknown parameter.
fn known_query<'t>(
    path: &mut &'t str,
    query: &mut Option<&'t str>,
    corrections: &mut Corrections,
) -> Result<Query<'t>, Reason> {
    match read_query(*query) {
        Err(Reason::Query) => {
            corrections.record(Reason::Query);
            *query = None;
            // The path is the end of the address now, and no address ends in quotes.
            *path = path.trim_end_matches(QUOTES);
            Ok(Query::default())
        }
        query => query,
    }
}

/// The resource that names the audience, and its scope.
fn requested(audience: &Audience, cloud: &Cloud) -> Option<(&'static Resource, Scope)> {
    let of = |resource: &'static Resource| Some((resource, resource.default_scope(cloud)?));
    match audience {
        Audience::Resource(resource) => of(resource),
        Audience::Foundry => of(&AZURE_AI),
        // Where the cloud has no row for Foundry, the one that shipped clients use here.
        Audience::V1 => of(&AZURE_AI).or_else(|| of(&COGNITIVE_SERVICES)),
    }
}

/// What became of the end of the path.
fn removed(kind: EndpointKind) -> &'static str {
    use EndpointKind as Kind;
    match kind {
        Kind::AzureOpenAi
        | Kind::OpenAiV1
        | Kind::CognitiveServices
        | Kind::FoundryResource
        | Kind::ModelInference
        | Kind::Anthropic
        | Kind::ModelProvider
        | Kind::FoundryProject
        | Kind::ProjectOpenAi
        | Kind::FoundryAgent
        | Kind::FoundryApplication
        | Kind::FoundryToolbox => "was cut off: clients add it themselves",
        _ => "was left out of the base address: add it per request",
    }
}

fn text_notes(raw: &Raw<'_>, notes: &mut Vec<Note>) {
    let scheme = if raw.web_socket { "wss://" } else { "https://" };
    let as_written = raw
        .text
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

fn path_notes(raw: &Raw<'_>, path: &Path<'_>, shape: &Shape<'_>, notes: &mut Vec<Note>) {
    if has_repeated_slash(raw.path) {
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
    let given = tidy(raw.path);
    let kept = shape.base.trim_end_matches('/');
    match given.get(kept.len()..) {
        Some(cut) if !cut.is_empty() && shape.documented => notes.push(Note::new(
            NoteCode::PathRemoved,
            ["`", &shorten(cut), "` ", removed(shape.kind)].concat(),
        )),
        Some(cut) if !cut.is_empty() => notes.push(Note::new(
            NoteCode::PathUnknown,
            [
                "`",
                &shorten(cut),
                "` was cut off: it is no documented path of this service",
            ]
            .concat(),
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
            [
                "`api-version=",
                value,
                "` was taken out of the URL: give it to the client as its API version",
            ]
            .concat(),
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

fn shorten(text: &str) -> Cow<'_, str> {
    const LIMIT: usize = 100;
    match text.get(..LIMIT) {
        Some(start) if text.len() > LIMIT => Cow::Owned([start, "..."].concat()),
        _ => Cow::Borrowed(text),
    }
}
