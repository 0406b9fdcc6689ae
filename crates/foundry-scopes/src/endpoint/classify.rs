//! From a text to an endpoint.

use std::borrow::Cow;

use super::hosts::{self, Service};
use super::note::Note;
use super::pasted;
use super::path::Path;
use super::query;
use super::raw::{self, Raw};
use super::reader::{EndpointReader, OwnHost};
use super::refusal::EndpointRefusal as Refusal;
use super::remarks::{path_notes, query_notes, text_notes};
use super::shape::{self, Audience, Version};
use super::{AgentProtocol, Endpoint, EndpointKind, NoteCode};
use crate::catalogue::{self, AZURE_AI, COGNITIVE_SERVICES, Resource};
use crate::{Cloud, Scope};

/// A text that was not taken, and the part of it that a correction would have to mend.
pub(super) struct Stopped<'t> {
    pub(super) refusal: Refusal,
    pub(super) text: Cow<'t, str>,
}

/// Reads what was pasted: a URL, or something that holds one.
pub(super) fn read<'t>(text: &'t str, reader: &EndpointReader) -> Result<Endpoint, Stopped<'t>> {
    let stop = |refusal| Stopped {
        refusal,
        text: Cow::Borrowed(text),
    };
    raw::check_text(text).map_err(stop)?;
    if raw::starts_with(text, "https://") {
        return url(text, Vec::new(), reader).map_err(stop);
    }
    match pasted::unwrap(text, reader.cloud.known()).map_err(stop)? {
        None => url(text, Vec::new(), reader).map_err(stop),
        Some(found) => match url(&found.url, found.notes, reader) {
            Ok(mut endpoint) => {
                let advice = found
                    .variable
                    .and_then(|(name, wants)| wants.advice(name, &endpoint));
                endpoint.notes.extend(advice);
                Ok(endpoint)
            }
            Err(refusal) => Err(Stopped {
                refusal,
                text: found.url,
            }),
        },
    }
}

/// Reads a URL strictly.
fn url(text: &str, mut notes: Vec<Note>, reader: &EndpointReader) -> Result<Endpoint, Refusal> {
    raw::check_text(text)?;
    let raw = raw::split(text)?;
    if let Some(own) = reader.own_host(&raw.host) {
        return of_own_host(text, &raw, own, notes, reader);
    }
    let known = reader.cloud.known().ok_or(Refusal::CustomCloud)?;
    let mut found = hosts::find(&raw.host)?;
    if let Service::Portal = found.row.service {
        let page = pasted::on_portal_page(raw.path, raw.query, known).ok_or(Refusal::Portal)?;
        if found.row.cloud != Some(known) {
            return Err(Refusal::OtherCloud(found.row.cloud.unwrap_or(known)));
        }
        notes.extend(page.notes);
        // What a page leads to is no page: this ends here.
        return url(&page.url, notes, reader).map_err(|_| Refusal::Portal);
    }
    text_notes(text, &raw, &mut notes);

    let public_name;
    let mut host = &*raw.host;
    if let Service::PrivateLink(suffix) = found.row.service {
        public_name = format!("{}.{suffix}", found.resource.unwrap_or_default());
        found = hosts::find(&public_name)?;
        host = &public_name;
        notes.push(Note::new(
            NoteCode::PrivateLink,
            "`privatelink` was removed from the host: clients use the public name, and DNS does the rest",
        ));
    }
    match found.row.cloud {
        Some(other) if other != known && !matches!(found.row.service, Service::Refused(_)) => {
            return Err(Refusal::OtherCloud(other));
        }
        _ => {}
    }
    let service = found.row.service;
    if let Service::Refused(refusal) = service {
        return Err(refusal);
    }

    // What follows may be a key, which notes about the path would repeat.
    if raw.path.contains(';') {
        return Err(Refusal::ConnectionString);
    }
    let mut path = Path::new(raw.path);
    let shape = shape::of(service, &mut path)?;
    // A person's name may stand in a path of Graph; elsewhere it is how hosts are hidden.
    if raw.path.contains('@') && !matches!(service, Service::Whole(..) | Service::ResourceManager) {
        return Err(Refusal::AtSign);
    }
    if raw.web_socket && !shape.web_socket {
        return Err(Refusal::WebSocket);
    }
    let query = query::read(raw.query)?;
    let cloud = &reader.cloud;
    let (resource, scope) = requested(&shape.audience, cloud).ok_or(Refusal::AudienceUnknown)?;

    let web_socket = shape.protocol == Some(AgentProtocol::InvocationsWebSocket);
    let scheme = if web_socket { "wss" } else { "https" };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    path_notes(&raw, &path, &shape, removed(shape.kind), &mut notes);
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
    Ok(Endpoint {
        kind: shape.kind,
        cloud: cloud.clone(),
        base_url: [scheme, "://", host, &shape.base].concat(),
        scope,
        catalogued: Some(resource),
        resource: owned(shape.resource.or(found.resource)),
        region: owned(found.region),
        project: owned(shape.project),
        item: owned(shape.item),
        protocol: shape.protocol,
        deployment: owned(shape.deployment.or(query.deployment)),
        api_version: owned(query.api_version),
        notes,
    })
}

/// An address on a host that the caller opted in: its path is the caller's, and kept.
fn of_own_host(
    text: &str,
    raw: &Raw<'_>,
    own: &OwnHost,
    mut notes: Vec<Note>,
    reader: &EndpointReader,
) -> Result<Endpoint, Refusal> {
    if raw.web_socket {
        return Err(Refusal::WebSocket);
    }
    text_notes(text, raw, &mut notes);
    let query = query::read(raw.query)?;
    query_notes(&query, Version::Taken, &mut notes);
    notes.push(Note::new(
        NoteCode::CustomHost,
        "the host was opted in by name: its audience is what was configured, and nothing is known of its paths",
    ));
    let path = if raw.path.is_empty() { "/" } else { raw.path };
    Ok(Endpoint {
        kind: EndpointKind::Custom,
        cloud: reader.cloud.clone(),
        base_url: ["https://", &own.host, path].concat(),
        catalogued: catalogue::by_scope(&own.scope).next(),
        scope: own.scope.clone(),
        resource: None,
        region: None,
        project: None,
        item: None,
        protocol: None,
        deployment: query.deployment.map(str::to_owned),
        api_version: query.api_version.map(str::to_owned),
        notes,
    })
}

/// The row that a token is for, and the scope that asks for it.
fn requested(audience: &Audience, cloud: &Cloud) -> Option<(&'static Resource, Scope)> {
    let of = |resource: &'static Resource| Some((resource, resource.default_scope(cloud)?));
    match audience {
        Audience::Of(resource) => of(resource),
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
