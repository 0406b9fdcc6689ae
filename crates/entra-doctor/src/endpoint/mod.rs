//! Endpoint report: kind, address for each client, scope, corrections.

mod batch;

use std::io::{self, Write};

use foundry_scopes::{
    Client, Cloud, Endpoint, EndpointError, EndpointKind, EndpointReason, KnownCloud, Scope,
};
use serde_json::{Map, Value, json};

use crate::render::{self, ALARM, BOLD, CARE, GOOD, Report};
pub(crate) use batch::Batch;

use crate::reading::address::host_of;
use crate::target::{self, Catalogued, Place, Target};
/// What there is to say about a pasted endpoint. It is fine if a token may be sent there.
///
/// ```
/// use entra_doctor::{EndpointReport, Report};
/// use foundry_scopes::Cloud;
///
/// let report = EndpointReport::of("https://contoso.openai.azure.com/", &Cloud::public());
/// assert!(report.is_fine());
/// assert!(report.to_json().contains("https://cognitiveservices.azure.com/.default"));
/// ```
#[derive(Debug)]
pub struct EndpointReport {
    target: Target,
    /// The refusal of the text as it was given, where another text was read in its place.
    strict: Option<EndpointError>,
    near_miss: Option<(String, String)>,
}

impl EndpointReport {
    /// Looks at an endpoint of `cloud`.
    #[must_use]
    pub fn of(text: &str, cloud: &Cloud) -> Self {
        Self::in_cloud(text, Some(cloud))
    }

    /// Looks at an endpoint in the cloud that it belongs to.
    ///
    /// ```
    /// use entra_doctor::{EndpointReport, Report};
    ///
    /// let report = EndpointReport::read("https://contoso.openai.azure.us/");
    /// assert!(report.to_json().contains("https://cognitiveservices.azure.us/.default"));
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self::in_cloud(text, None)
    }

    pub(crate) fn in_cloud(text: &str, cloud: Option<&Cloud>) -> Self {
        let target = Target::of(text, cloud);
        let strict = match &target.corrected {
            Some(_) => Endpoint::parse_in(text, &target.cloud).err(),
            None => None,
        };
        let read = target.corrected.as_ref().map_or(text, |(read, _)| read);
        let path = read
            .split_once("://")
            .and_then(|(_, rest)| rest.get(rest.find('/')?..));
        let near_miss = target::near_miss(&host_of(read), path.unwrap_or_default());
        Self {
            target,
            strict,
            near_miss,
        }
    }
}

impl Report for EndpointReport {
    fn is_fine(&self) -> bool {
        let known = matches!(self.target.place, Place::Endpoint(_) | Place::Catalogued(_));
        known && self.strict.is_none() && self.near_miss.is_none()
    }

    fn to_json(&self) -> String {
        let mut value = match &self.target.place {
            Place::Endpoint(endpoint) => understood(endpoint),
            Place::Catalogued(found) => catalogued(found),
            Place::Own(_, error) => json!({
                "ok": false,
                "error": { "code": own_code(error), "message": own_words(error) },
                "suggestion": null,
            }),
            Place::Refused(error) => refused(error),
        };
        if let Some(error) = &self.strict {
            let read = value;
            value = refused(error);
            if let Some(members) = value.as_object_mut() {
                if let Some((text, _)) = &self.target.corrected {
                    members.entry("suggestion").and_modify(|it| {
                        if it.is_null() {
                            *it = text.as_str().into();
                        }
                    });
                }
                members.insert("corrected".to_owned(), read);
            }
        }
        if let (Some((seen, url)), Some(members)) = (&self.near_miss, value.as_object_mut()) {
            members.insert("ok".to_owned(), false.into());
            members.insert(
                "error".to_owned(),
                json!({ "code": "path_near_miss", "message": seen }),
            );
            members.insert("suggestion".to_owned(), url.as_str().into());
        }
        value.to_string()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some((seen, url)) = &self.near_miss {
            render::line(out, ALARM, "The path is nearly one that is known")?;
            render::row(out, "why", seen, "path_near_miss")?;
            return render::row(out, "perhaps meant", url, "");
        }
        if let Some(error) = &self.strict {
            render::line(out, ALARM, "A client cannot use the text as it is")?;
            render::row(out, "why", &why(error), error.code())?;
            if let Some((text, _)) = &self.target.corrected {
                render::row(
                    out,
                    "perhaps meant",
                    error.suggestion().unwrap_or(text),
                    "read as this below",
                )?;
            }
        }
        match &self.target.place {
            Place::Endpoint(endpoint) => write_understood(out, endpoint),
            Place::Catalogued(found) => write_catalogued(out, found),
            Place::Own(_, error) => {
                render::line(
                    out,
                    CARE,
                    "An API of one's own, and no service of Microsoft's",
                )?;
                render::row(out, "audience", &own_words(error), own_code(error))
            }
            Place::Refused(error) => {
                render::line(out, ALARM, "No token goes there")?;
                render::row(out, "why", &why(error), error.code())?;
                match error.suggestion() {
                    Some(text) => render::row(out, "perhaps meant", text, ""),
                    None => Ok(()),
                }
            }
        }
    }
}

fn refused(error: &EndpointError) -> Value {
    json!({
        "ok": false,
        "error": { "code": error.code(), "message": why(error) },
        "suggestion": error.suggestion(),
    })
}

fn own_code(error: &EndpointError) -> &'static str {
    match error.reason() {
        EndpointReason::Gateway | EndpointReason::LocalAddress => error.code(),
        _ => EndpointReason::CustomApi.code(),
    }
}

fn own_words(error: &EndpointError) -> String {
    match error.reason() {
        EndpointReason::Gateway => error.reason().to_string(),
        _ => "the identifier URI or client id of the API's app registration: request `api://<client id>/.default`, or one of its scopes".to_owned(),
    }
}

/// A host of the catalogue, in the members of an endpoint.
pub(crate) fn catalogued(found: &Catalogued) -> Value {
    let scope = found.scope();
    let audience = scope.as_ref().map(Scope::resource);
    let first = found.resources.first();
    let accepted: Vec<_> = audience
        .into_iter()
        .map(|audience| json!({ "audience": audience, "confidence": "documented" }))
        .collect();
    let mut notes: Vec<Value> = first
        .into_iter()
        .flat_map(|resource| resource.quirks())
        .map(|quirk| json!({ "code": "quirk", "message": quirk }))
        .collect();
    if found.resources.len() > 1 {
        let message = format!(
            "the host does not tell which of these is meant: {}",
            found.names()
        );
        notes.insert(
            0,
            json!({ "code": "several_resources", "message": message }),
        );
    }
    json!({
        "ok": true,
        "kind": first.map_or("catalogued", |resource| resource.code()),
        "origin": format!("https://{}", found.host),
        "base_url": format!("https://{}/", found.host),
        "audience": audience,
        "scope": scope.as_ref().map(Scope::as_str),
        "accepted": accepted,
        "parts": {},
        "clients": {},
        "notes": notes,
    })
}

fn write_catalogued(out: &mut dyn Write, found: &Catalogued) -> io::Result<()> {
    render::line(out, GOOD, &found.names())?;
    render::row(
        out,
        "address",
        &format!("https://{}/", found.host),
        "its paths are not known here",
    )?;
    for resource in &found.resources {
        let scope = resource
            .scope_in(found.known)
            .map(|scope| scope.to_string());
        let scope = if found.resources.len() == 1 {
            found.scope().map(|scope| scope.to_string())
        } else {
            scope
        };
        let name = if found.resources.len() == 1 {
            ""
        } else {
            resource.name()
        };
        render::row(
            out,
            "scope to request",
            scope.as_deref().unwrap_or("depends on the registration"),
            name,
        )?;
        if let Some(access) = resource.access() {
            render::row(out, "access", access, "")?;
        }
        for role in resource.roles() {
            render::row(out, "role", &role.to_string(), role.grants())?;
        }
    }
    Ok(())
}

/// The refusal, with the option of this program where the library names its function.
pub(crate) fn why(error: &EndpointError) -> String {
    let option = match error.reason() {
        EndpointReason::OtherCloud(KnownCloud::Public) => "public",
        EndpointReason::OtherCloud(KnownCloud::UsGovernment) => "usgov",
        EndpointReason::OtherCloud(KnownCloud::China) => "china",
        other => return other.to_string(),
    };
    format!("the host belongs to another cloud: add `--cloud {option}`")
}

fn parts(endpoint: &Endpoint) -> [(&'static str, Option<&str>); 8] {
    [
        ("resource", endpoint.resource()),
        ("region", endpoint.region()),
        ("project", endpoint.project()),
        ("agent", endpoint.agent()),
        ("application", endpoint.application()),
        ("toolbox", endpoint.toolbox()),
        ("deployment", endpoint.deployment()),
        ("api_version", endpoint.api_version()),
    ]
}

fn understood(endpoint: &Endpoint) -> Value {
    let mut named = Map::new();
    for (name, value) in parts(endpoint) {
        if let Some(value) = value {
            named.insert(name.to_owned(), value.into());
        }
    }
    if let Some(protocol) = endpoint.protocol() {
        named.insert("protocol".to_owned(), protocol.as_str().into());
    }
    let mut clients = Map::new();
    for client in Client::ALL {
        if let Some(address) = endpoint.for_client(*client) {
            let value = json!({ "url": address.url(), "scope": address.scope().as_str() });
            clients.insert(client.as_str().to_owned(), value);
        }
    }
    let accepted: Vec<_> = endpoint
        .accepted()
        .iter()
        .map(|known| json!({ "audience": known.audience(), "confidence": known.acceptance().as_str() }))
        .collect();
    let notes: Vec<_> = endpoint
        .notes()
        .iter()
        .map(|note| json!({ "code": note.code().as_str(), "message": note.message() }))
        .collect();
    json!({
        "ok": true,
        "kind": endpoint.kind().as_str(),
        "origin": endpoint.origin(),
        "base_url": endpoint.base_url(),
        "audience": endpoint.scope().resource(),
        "scope": endpoint.scope().as_str(),
        "accepted": accepted,
        "parts": named,
        "clients": clients,
        "notes": notes,
    })
}

fn write_understood(out: &mut dyn Write, endpoint: &Endpoint) -> io::Result<()> {
    render::line(out, GOOD, in_words(endpoint.kind()))?;
    render::row(out, "address", endpoint.base_url(), "")?;
    for (name, value) in parts(endpoint) {
        if let Some(value) = value {
            render::row(out, name, value, "")?;
        }
    }
    if let Some(protocol) = endpoint.protocol() {
        render::row(out, "protocol", protocol.as_str(), "")?;
    }
    render::row(out, "scope to request", endpoint.scope().as_str(), "")?;
    render::line(out, BOLD, "Audiences that it accepts, as far as is known")?;
    for known in endpoint.accepted() {
        render::row(out, known.acceptance().as_str(), known.audience(), "")?;
    }
    let addresses: Vec<_> = Client::ALL
        .iter()
        .filter_map(|client| Some((client, endpoint.for_client(*client)?)))
        .collect();
    if !addresses.is_empty() {
        render::line(out, BOLD, "What to give to a client")?;
        for (client, address) in addresses {
            let scope = format!("scope {}", address.scope());
            render::row(out, client.as_str(), address.url(), &scope)?;
        }
    }
    if !endpoint.notes().is_empty() {
        render::line(out, BOLD, "What was changed, or is good to know")?;
        for note in endpoint.notes() {
            let message = render::safe(note.message());
            writeln!(out, "  {CARE}{}{CARE:#}  {message}", note.code())?;
        }
    }
    Ok(())
}

pub(crate) fn in_words(kind: EndpointKind) -> &'static str {
    match kind {
        EndpointKind::AzureOpenAi => "An Azure OpenAI resource",
        EndpointKind::OpenAiV1 => "The OpenAI v1 API of an account",
        EndpointKind::CognitiveServices => "A Cognitive Services (Foundry Tools) account",
        EndpointKind::LanguageMcp => "The MCP server of the Language service",
        EndpointKind::FoundryResource => "A Foundry account, without a project",
        EndpointKind::ModelInference => "The model inference API of a Foundry account",
        EndpointKind::Anthropic => "Claude in a Foundry account",
        EndpointKind::ModelProvider => "A model provider's own API in a Foundry account",
        EndpointKind::FoundryProject => "A Foundry project",
        EndpointKind::ProjectOpenAi => "The OpenAI API of a Foundry project",
        EndpointKind::FoundryAgent => "An agent in a Foundry project",
        EndpointKind::FoundryApplication => "An Agent Application (legacy) in a Foundry project",
        EndpointKind::FoundryToolbox => "A toolbox in a Foundry project",
        EndpointKind::FoundryMcp => "The Foundry MCP server",
        EndpointKind::MachineLearning => "An online endpoint of Azure Machine Learning",
        EndpointKind::ResourceManager => "Azure Resource Manager, the control plane",
        EndpointKind::ResourceManagerMcp => "The Azure Resource Manager MCP server",
        EndpointKind::Graph => "Microsoft Graph",
        EndpointKind::Search => "An Azure AI Search service",
        EndpointKind::KeyVault => "A key vault",
        EndpointKind::Storage => "A storage account",
        EndpointKind::CosmosDb => "A Cosmos DB account",
        EndpointKind::HubProject => "A hub-based project of the retired SDKs",
        EndpointKind::MachineLearningRegion => "The regional API of Azure Machine Learning",
        EndpointKind::Translator => "The Translator service, on its global host",
        EndpointKind::Agent365 => "An MCP server of Agent 365",
        EndpointKind::ManagedHsm => "A managed HSM",
        EndpointKind::AppConfiguration => "An App Configuration store",
        EndpointKind::LogAnalytics => "The query API of Log Analytics",
        EndpointKind::ApplicationInsights => "The query API of Application Insights",
        EndpointKind::Custom => "A host of your own, which you opted in",
        _ => "An endpoint that takes tokens",
    }
}
