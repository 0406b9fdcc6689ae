//! The hosts that are known, as data.

use self::Service::{
    AzureOpenAi, CognitiveServices, Foundry, PrivateLink, Refused, ResourceManager, Whole,
};
use super::EndpointKind as Kind;
use super::refusal::EndpointRefusal as Refusal;
use crate::KnownCloud::{self, China, Public, UsGovernment};
use crate::catalogue::{
    self, ARM, ARM_MCP, AZURE_ML, COGNITIVE_SERVICES, COSMOS_DB, FOUNDRY_MCP, GRAPH, KEY_VAULT,
    SEARCH, STORAGE,
};

/// One form of host.
pub(super) struct Row {
    /// What stands before `suffix`.
    labels: Labels,
    suffix: &'static str,
    pub(super) cloud: KnownCloud,
    pub(super) service: Service,
}

/// How many labels stand before the suffix.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Labels {
    /// None: the suffix is the whole host.
    None,
    /// The resource.
    One,
    /// The resource and its region.
    Two,
    /// Any number; only for hosts that are refused.
    Any,
}

/// What answers at a host.
#[derive(Clone, Copy)]
pub(super) enum Service {
    /// `<resource>.openai.azure.*`
    AzureOpenAi,
    /// `<resource>.cognitiveservices.azure.*`
    CognitiveServices,
    /// `<resource>.services.ai.azure.*`
    Foundry,
    /// The private name of one of the three, and the public suffix to use instead.
    PrivateLink(&'static str),
    /// One audience for the whole host.
    Whole(Kind, &'static catalogue::Resource),
    /// The control plane.
    ResourceManager,
    /// No token goes there.
    Refused(Refusal),
}

/// A host that was found in the table.
pub(super) struct Found<'h> {
    pub(super) row: &'static Row,
    pub(super) resource: Option<&'h str>,
    pub(super) region: Option<&'h str>,
}

#[cfg(test)]
impl Row {
    /// A host of this form.
    pub(super) fn example(&self) -> String {
        let suffix = self.suffix;
        match self.labels {
            Labels::None => suffix.to_owned(),
            Labels::One | Labels::Any => format!("contoso.{suffix}"),
            Labels::Two => format!("contoso.eastus.{suffix}"),
        }
    }

    pub(super) fn example_suffix(&self) -> &'static str {
        self.suffix
    }
}

impl Found<'_> {
    /// The host again, which differs from the given one by a `privatelink` label at most.
    pub(super) fn whole_host(&self) -> String {
        match (self.resource, self.region) {
            (Some(resource), None) => format!("{resource}.{}", self.row.suffix),
            (Some(resource), Some(region)) => format!("{resource}.{region}.{}", self.row.suffix),
            _ => self.row.suffix.to_owned(),
        }
    }
}

/// Finds a lower-case, well-formed host. Whole labels only: a suffix never matches in the
/// middle of one.
pub(super) fn find(host: &str) -> Result<Found<'_>, Refusal> {
    if host == "localhost" || host.ends_with(".localhost") {
        return Err(Refusal::LocalAddress);
    }
    let mut near_miss = None;
    for row in TABLE {
        if row.labels == Labels::None {
            if host == row.suffix {
                return Ok(Found {
                    row,
                    resource: None,
                    region: None,
                });
            }
            continue;
        }
        if host == row.suffix {
            near_miss = Some(Refusal::ResourceMissing);
            continue;
        }
        let Some(before) = host
            .strip_suffix(row.suffix)
            .and_then(|before| before.strip_suffix('.'))
        else {
            continue;
        };
        let mut labels = before.split('.');
        let (resource, region) = (labels.next(), labels.next());
        let fits = match row.labels {
            Labels::Any => true,
            Labels::None => false,
            Labels::One => region.is_none(),
            Labels::Two => region.is_some() && labels.next().is_none(),
        };
        // The bare suffix of a longer form is no resource of a shorter one.
        if fits && near_miss.is_none() {
            return Ok(Found {
                row,
                resource,
                region,
            });
        }
        near_miss = near_miss.or(Some(Refusal::Labels));
    }
    Err(near_miss.unwrap_or(Refusal::UnknownHost))
}

const fn exact(suffix: &'static str, cloud: KnownCloud, service: Service) -> Row {
    Row {
        labels: Labels::None,
        suffix,
        cloud,
        service,
    }
}

const fn one(suffix: &'static str, cloud: KnownCloud, service: Service) -> Row {
    Row {
        labels: Labels::One,
        suffix,
        cloud,
        service,
    }
}

const fn two(suffix: &'static str, cloud: KnownCloud, service: Service) -> Row {
    Row {
        labels: Labels::Two,
        suffix,
        cloud,
        service,
    }
}

const fn any(suffix: &'static str, refusal: Refusal) -> Row {
    Row {
        labels: Labels::Any,
        suffix,
        cloud: Public,
        service: Refused(refusal),
    }
}

const fn page(host: &'static str, refusal: Refusal) -> Row {
    exact(host, Public, Refused(refusal))
}

/// Longer suffixes before the ones they end with.
pub(super) static TABLE: &[Row] = &[
    // Models and projects (Foundry doc "Endpoints for Microsoft Foundry Models").
    one(
        "privatelink.openai.azure.com",
        Public,
        PrivateLink("openai.azure.com"),
    ),
    one("openai.azure.com", Public, AzureOpenAi),
    one("openai.azure.us", UsGovernment, AzureOpenAi),
    one("openai.azure.cn", China, AzureOpenAi),
    one(
        "privatelink.cognitiveservices.azure.com",
        Public,
        PrivateLink("cognitiveservices.azure.com"),
    ),
    one("cognitiveservices.azure.com", Public, CognitiveServices),
    one(
        "cognitiveservices.azure.us",
        UsGovernment,
        CognitiveServices,
    ),
    one("cognitiveservices.azure.cn", China, CognitiveServices),
    one(
        "privatelink.services.ai.azure.com",
        Public,
        PrivateLink("services.ai.azure.com"),
    ),
    one("services.ai.azure.com", Public, Foundry),
    one("services.ai.azure.us", UsGovernment, Foundry),
    one(
        "services.ai.azure.cn",
        China,
        Refused(Refusal::AudienceUnknown),
    ),
    two(
        "models.ai.azure.com",
        Public,
        Refused(Refusal::AudienceUnknown),
    ),
    two(
        "inference.ai.azure.com",
        Public,
        Refused(Refusal::AudienceUnknown),
    ),
    exact(
        "mcp.ai.azure.com",
        Public,
        Whole(Kind::FoundryMcp, &FOUNDRY_MCP),
    ),
    // Portals, before the domains that they share with services.
    page("ai.azure.com", Refusal::Portal),
    page("ai.azure.us", Refusal::Portal),
    page("ml.azure.com", Refusal::Portal),
    page("oai.azure.com", Refusal::Portal),
    page("portal.azure.com", Refusal::Portal),
    page("portal.azure.us", Refusal::Portal),
    page("portal.azure.cn", Refusal::Portal),
    one("ai.azure.com", Public, Refused(Refusal::MisspeltHost)),
    one("azure.openai.com", Public, Refused(Refusal::MisspeltHost)),
    // Azure Machine Learning.
    two(
        "inference.ml.azure.com",
        Public,
        Whole(Kind::MachineLearning, &AZURE_ML),
    ),
    page("api.agent-oauth.azureml.ms", Refusal::BrowserPage),
    any("api.azureml.ms", Refusal::Retired),
    // Regional hosts of the Foundry Tools (Foundry Tools doc "Authenticate requests").
    one(
        "api.cognitive.microsoft.com",
        Public,
        Refused(Refusal::KeyOnlyRegion),
    ),
    one(
        "api.cognitive.microsoft.us",
        UsGovernment,
        Refused(Refusal::KeyOnlyRegion),
    ),
    one(
        "api.cognitive.azure.cn",
        China,
        Refused(Refusal::KeyOnlyRegion),
    ),
    one(
        "stt.speech.microsoft.com",
        Public,
        Refused(Refusal::KeyOnlyRegion),
    ),
    one(
        "tts.speech.microsoft.com",
        Public,
        Refused(Refusal::KeyOnlyRegion),
    ),
    page(
        "api.cognitive.microsofttranslator.com",
        Refusal::KeyOnlyRegion,
    ),
    // Management and Graph (azure-cli cloud.py).
    exact("management.azure.com", Public, ResourceManager),
    exact(
        "management.usgovcloudapi.net",
        UsGovernment,
        ResourceManager,
    ),
    exact("management.chinacloudapi.cn", China, ResourceManager),
    exact(
        "mcp.management.azure.com",
        Public,
        Whole(Kind::ResourceManagerMcp, &ARM_MCP),
    ),
    exact("graph.microsoft.com", Public, Whole(Kind::Graph, &GRAPH)),
    exact(
        "graph.microsoft.us",
        UsGovernment,
        Whole(Kind::Graph, &GRAPH),
    ),
    exact(
        "microsoftgraph.chinacloudapi.cn",
        China,
        Whole(Kind::Graph, &GRAPH),
    ),
    // Data.
    one("search.windows.net", Public, Whole(Kind::Search, &SEARCH)),
    one(
        "search.azure.us",
        UsGovernment,
        Whole(Kind::Search, &SEARCH),
    ),
    one("search.azure.cn", China, Whole(Kind::Search, &SEARCH)),
    one("vault.azure.net", Public, Whole(Kind::KeyVault, &KEY_VAULT)),
    one(
        "vault.usgovcloudapi.net",
        UsGovernment,
        Whole(Kind::KeyVault, &KEY_VAULT),
    ),
    one("vault.azure.cn", China, Whole(Kind::KeyVault, &KEY_VAULT)),
    one(
        "blob.core.windows.net",
        Public,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "dfs.core.windows.net",
        Public,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "queue.core.windows.net",
        Public,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "table.core.windows.net",
        Public,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "documents.azure.com",
        Public,
        Whole(Kind::CosmosDb, &COSMOS_DB),
    ),
    one(
        "servicebus.windows.net",
        Public,
        Refused(Refusal::AudienceUnknown),
    ),
    // Somebody's own.
    any("azure-api.net", Refusal::Gateway),
    any("azurewebsites.net", Refusal::CustomApi),
    any("azurecontainerapps.io", Refusal::CustomApi),
    // For browsers.
    any("consent.azure-apim.net", Refusal::BrowserPage),
    any("consent.azure-apihub.net", Refusal::BrowserPage),
    page("login.microsoftonline.com", Refusal::Authority),
    page("login.microsoftonline.us", Refusal::Authority),
    page("login.partner.microsoftonline.cn", Refusal::Authority),
    page("login.windows.net", Refusal::Authority),
    page("sts.windows.net", Refusal::Authority),
];

/// The catalogue row behind the control plane and the account hosts.
pub(super) const CONTROL_PLANE: &catalogue::Resource = &ARM;
pub(super) const CLASSIC: &catalogue::Resource = &COGNITIVE_SERVICES;
