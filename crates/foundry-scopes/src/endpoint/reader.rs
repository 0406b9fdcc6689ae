//! From a text to an endpoint, with hosts of one's own, and the text that was probably meant.

use std::borrow::Cow;
use std::str::FromStr;

use super::error::{EndpointError, EndpointRefusal as Refusal};
use super::hosts::{self, Service};
use super::kind::{AgentProtocol, EndpointKind};
use super::note::{Note, NoteCode};
use super::path::{Path, read_query};
use super::raw::{self, QUOTES, Raw};
use super::remarks::{path_notes, query_notes, text_notes};
use super::shape::{self, Audience, Version};
use super::{Endpoint, pasted};
use crate::catalogue::{self, AZURE_AI, COGNITIVE_SERVICES, Resource};
use crate::cloud::Cloud;
use crate::scope::Scope;

/// Reads endpoints of one cloud, and of the hosts that the caller names.
///
/// A custom domain, a gateway or an app of one's own is refused unless it is named here,
/// together with the scope that it wants: nobody else can know either.
///
/// ```
/// use foundry_scopes::{Cloud, Endpoint, EndpointKind, EndpointReader, Scope};
///
/// let text = "https://contoso.azure-api.net/openai";
/// assert_eq!(Endpoint::parse(text).unwrap_err().code(), "gateway");
///
/// let scope = Scope::parse("api://11112222-bbbb-3333-cccc-4444dddd5555/.default")?;
/// let reader = EndpointReader::new(Cloud::public()).allow_custom_host("contoso.azure-api.net", scope)?;
/// let endpoint = reader.parse(text)?;
/// assert_eq!(endpoint.kind(), EndpointKind::Custom);
/// assert_eq!(endpoint.scope().resource(), "api://11112222-bbbb-3333-cccc-4444dddd5555");
/// // One host, whole and literally.
/// assert!(reader.parse("https://other.azure-api.net/openai").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EndpointReader {
    cloud: Cloud,
    own: Vec<OwnHost>,
}

#[derive(Clone, Debug)]
struct OwnHost {
    host: String,
    scope: Scope,
}

impl EndpointReader {
    /// Endpoints of `cloud`.
    #[must_use]
    pub fn new(cloud: Cloud) -> Self {
        Self {
            cloud,
            own: Vec::new(),
        }
    }

    /// Takes `host` too, exactly this one, on port 443, for tokens of `scope`.
    ///
    /// # Errors
    ///
    /// What is no plain host name, and hosts of Microsoft's that have an audience of their
    /// own or are pages for browsers: those are not the caller's to redefine.
    pub fn allow_custom_host(mut self, host: &str, scope: Scope) -> Result<Self, EndpointError> {
        let refuse = |refusal| EndpointError::new(refusal, None);
        let host = host.to_ascii_lowercase();
        if !host.is_ascii() || !host.contains('.') {
            return Err(refuse(Refusal::Host));
        }
        raw::check_host(&host).map_err(refuse)?;
        match hosts::find(&host) {
            Err(Refusal::UnknownHost) => {}
            Err(refusal) => return Err(refuse(refusal)),
            Ok(found) => match found.row.service {
                Service::Refused(Refusal::Gateway) | Service::Site => {}
                _ => return Err(refuse(Refusal::KnownHost)),
            },
        }
        self.own.push(OwnHost { host, scope });
        Ok(self)
    }

    /// Reads what was pasted.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::parse`].
    pub fn parse(&self, text: &str) -> Result<Endpoint, EndpointError> {
        read(text, self).map_err(|stopped| {
            match correct(&stopped.text, stopped.refusal, self) {
                Ok(suggestion) => EndpointError::new(stopped.refusal, Some(suggestion)),
                // A missing scheme in front of a portal page is not what is in the way.
                Err(obstacle) => EndpointError::new(obstacle, None),
            }
        })
    }

    fn own_host(&self, host: &str) -> Option<&OwnHost> {
        self.own.iter().find(|own| own.host == host)
    }
}

impl Endpoint {
    /// Reads an endpoint of the public cloud.
    ///
    /// # Errors
    ///
    /// Whatever a token must not be sent to, with the corrected text where the intention
    /// is clear.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        Self::parse_in(text, &Cloud::public())
    }

    /// Reads an endpoint of `cloud`. A host of another cloud is refused: its audience and
    /// its authority are others.
    ///
    /// ```
    /// use foundry_scopes::{Cloud, Endpoint};
    ///
    /// let text = "https://contoso.services.ai.azure.us/api/projects/p1";
    /// let endpoint = Endpoint::parse_in(text, &Cloud::us_government())?;
    /// assert_eq!(endpoint.scope().as_str(), "https://ai.azure.us/.default");
    /// assert_eq!(Endpoint::parse(text).unwrap_err().code(), "other_cloud");
    /// # Ok::<(), foundry_scopes::EndpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Endpoint::parse`].
    pub fn parse_in(text: &str, cloud: &Cloud) -> Result<Self, EndpointError> {
        EndpointReader::new(cloud.clone()).parse(text)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        Self::parse(text)
    }
}

/// A text that was not taken, and the part of it that a correction would have to mend.
struct Stopped<'t> {
    refusal: Refusal,
    text: Cow<'t, str>,
}

/// Reads what was pasted: a URL, or something that holds one.
fn read<'t>(text: &'t str, reader: &EndpointReader) -> Result<Endpoint, Stopped<'t>> {
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
    let query = read_query(raw.query)?;
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
    let query = read_query(raw.query)?;
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

/// More than one thing may be wrong, but not endlessly many.
const STEPS: usize = 8;

/// The corrected text, or the first thing that cannot be mended.
fn correct(text: &str, refusal: Refusal, reader: &EndpointReader) -> Result<String, Refusal> {
    let mut refusal = refusal;
    let mut text = text.to_owned();
    for _ in 0..STEPS {
        let mended = mend(&text, refusal, reader).ok_or(refusal)?;
        match read(&mended, reader) {
            Ok(_) => return Ok(mended),
            // What this made is another address; its faults are not those of the text.
            Err(_) if refusal == Refusal::Portal => break,
            Err(stopped) => {
                refusal = stopped.refusal;
                text = stopped.text.into_owned();
            }
        }
    }
    Err(refusal)
}

fn mend(text: &str, refusal: Refusal, reader: &EndpointReader) -> Option<String> {
    match refusal {
        Refusal::Blanks => Some(text.trim().to_owned()),
        Refusal::Markup => raw::in_markup(text).map(str::to_owned),
        Refusal::Quotes => Some(text.trim_matches(QUOTES).to_owned()),
        Refusal::Assignment => {
            let url = text.get(text.find("http")?..)?;
            Some(url.trim_matches(QUOTES).to_owned())
        }
        Refusal::SchemeMissing => Some(format!("https://{text}")),
        Refusal::PlainHttp => {
            let (scheme, rest) = text.split_once("://")?;
            let secure = if scheme.eq_ignore_ascii_case("ws") {
                "wss"
            } else {
                "https"
            };
            Some(format!("{secure}://{rest}"))
        }
        Refusal::WebSocket => Some(format!("https://{}", text.split_once("://")?.1)),
        // The Azure portal keeps the resource behind the `#`.
        Refusal::Fragment => match pasted::resource_id_in(text, reader.cloud.known()?) {
            Some(url) if text.contains("://portal.azure.") => Some(url),
            _ => Some(text.split('#').next()?.to_owned()),
        },
        Refusal::Query => Some(text.split('?').next()?.to_owned()),
        Refusal::TrailingDot => with_host(text, |host| host.strip_suffix('.').map(str::to_owned)),
        Refusal::MisspeltHost | Refusal::ProjectHost => with_host(text, |host| {
            let host = host.to_ascii_lowercase();
            REAL_HOSTS.iter().find_map(|(wrong, right)| {
                host.strip_suffix(wrong)
                    .map(|name| format!("{name}{right}"))
            })
        }),
        Refusal::Portal => pasted::resource_id_in(text, reader.cloud.known()?),
        _ => None,
    }
}

/// Misspelt hosts, and hosts on which a project was looked for.
const REAL_HOSTS: &[(&str, &str)] = &[
    (".azure.openai.com", ".openai.azure.com"),
    (".openai.azure.com", ".services.ai.azure.com"),
    (".openai.azure.us", ".services.ai.azure.us"),
    (".cognitiveservices.azure.com", ".services.ai.azure.com"),
    (".cognitiveservices.azure.us", ".services.ai.azure.us"),
    (".ai.azure.com", ".services.ai.azure.com"),
    (".ai.azure.us", ".services.ai.azure.us"),
];

fn with_host(text: &str, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', ':']).unwrap_or(rest.len());
    let (host, tail) = rest.split_at(end);
    Some(format!("{scheme}://{}{tail}", change(host)?))
}
