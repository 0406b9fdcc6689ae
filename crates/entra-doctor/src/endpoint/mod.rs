//! What an endpoint is, for people and machines.

mod batch;

use std::io::{self, Write};

use foundry_scopes::{
    Client, Cloud, Endpoint, EndpointError, EndpointKind, EndpointRefusal, KnownCloud,
};
use serde_json::{Map, Value, json};

use crate::render::{self, ALARM, BOLD, CARE, GOOD, Report};
pub(crate) use batch::Batch;

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
    outcome: Result<Endpoint, EndpointError>,
}

impl EndpointReport {
    /// Looks at an endpoint of `cloud`.
    #[must_use]
    pub fn of(text: &str, cloud: &Cloud) -> Self {
        Self {
            outcome: Endpoint::parse_in(text, cloud),
        }
    }
}

impl Report for EndpointReport {
    fn is_fine(&self) -> bool {
        self.outcome.is_ok()
    }

    fn to_json(&self) -> String {
        match &self.outcome {
            Ok(endpoint) => understood(endpoint).to_string(),
            Err(error) => json!({
                "ok": false,
                "error": { "code": error.code(), "message": why(error) },
                "suggestion": error.suggestion(),
            })
            .to_string(),
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.outcome {
            Ok(endpoint) => write_understood(out, endpoint),
            Err(error) => {
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

/// The refusal, with the option of this program where the library names its function.
pub(crate) fn why(error: &EndpointError) -> String {
    let option = match error.refusal() {
        EndpointRefusal::OtherCloud(KnownCloud::Public) => "public",
        EndpointRefusal::OtherCloud(KnownCloud::UsGovernment) => "usgov",
        EndpointRefusal::OtherCloud(KnownCloud::China) => "china",
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

fn in_words(kind: EndpointKind) -> &'static str {
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
        EndpointKind::FoundryApplication => "A published agent application in a Foundry project",
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
