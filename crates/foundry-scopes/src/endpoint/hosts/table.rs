//! The table of hosts.

use super::Service::{
    AzureOpenAi, CognitiveServices, Foundry, MachineLearningRegion, Portal, PrivateLink, Refused,
    ResourceManager, Site, Whole,
};
use super::{Kind, Labels, Refusal, Row, Service};
use crate::catalogue::{
    AGENT_365_TOOLS, APP_CONFIGURATION, APPLICATION_INSIGHTS, ARM_MCP, AZURE_ML,
    COGNITIVE_SERVICES, COSMOS_DB, FOUNDRY_MCP, GRAPH, KEY_VAULT, LOG_ANALYTICS, MANAGED_HSM,
    SEARCH, STORAGE,
};
use crate::cloud::KnownCloud::{self, China, Public, UsGovernment};

const fn exact(suffix: &'static str, cloud: KnownCloud, service: Service) -> Row {
    Row {
        labels: Labels::None,
        suffix,
        cloud: Some(cloud),
        service,
    }
}

const fn one(suffix: &'static str, cloud: KnownCloud, service: Service) -> Row {
    Row {
        labels: Labels::One,
        suffix,
        cloud: Some(cloud),
        service,
    }
}

const fn two(suffix: &'static str, cloud: KnownCloud, service: Service) -> Row {
    Row {
        labels: Labels::Two,
        suffix,
        cloud: Some(cloud),
        service,
    }
}

const fn any(suffix: &'static str, service: Service) -> Row {
    Row {
        labels: Labels::Any,
        suffix,
        cloud: None,
        service,
    }
}

const fn page(host: &'static str, service: Service) -> Row {
    Row {
        labels: Labels::None,
        suffix: host,
        cloud: None,
        service,
    }
}

/// Longer suffixes before the ones they end with.
pub(in crate::endpoint) static TABLE: &[Row] = &[
    // Models and projects (Foundry doc "Endpoints for Microsoft Foundry Models").
    one(
        "privatelink.openai.azure.com",
        Public,
        PrivateLink("openai.azure.com"),
    ),
    one("openai.azure.com", Public, AzureOpenAi),
    one(
        "privatelink.openai.azure.us",
        UsGovernment,
        PrivateLink("openai.azure.us"),
    ),
    one("openai.azure.us", UsGovernment, AzureOpenAi),
    one("openai.azure.cn", China, AzureOpenAi),
    one(
        "privatelink.cognitiveservices.azure.com",
        Public,
        PrivateLink("cognitiveservices.azure.com"),
    ),
    one("cognitiveservices.azure.com", Public, CognitiveServices),
    one(
        "privatelink.cognitiveservices.azure.us",
        UsGovernment,
        PrivateLink("cognitiveservices.azure.us"),
    ),
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
    one(
        "privatelink.services.ai.azure.us",
        UsGovernment,
        PrivateLink("services.ai.azure.us"),
    ),
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
    exact("ai.azure.com", Public, Portal),
    exact("ai.azure.us", UsGovernment, Portal),
    page("ml.azure.com", Refused(Refusal::Portal)),
    page("oai.azure.com", Refused(Refusal::Portal)),
    page("portal.azure.com", Refused(Refusal::Portal)),
    page("portal.azure.us", Refused(Refusal::Portal)),
    page("portal.azure.cn", Refused(Refusal::Portal)),
    one("ai.azure.com", Public, Refused(Refusal::MisspeltHost)),
    one("ai.azure.us", UsGovernment, Refused(Refusal::MisspeltHost)),
    one("azure.openai.com", Public, Refused(Refusal::MisspeltHost)),
    // Azure Machine Learning.
    two(
        "inference.ml.azure.com",
        Public,
        Whole(Kind::MachineLearning, &AZURE_ML),
    ),
    page("api.agent-oauth.azureml.ms", Refused(Refusal::BrowserPage)),
    one("api.azureml.ms", Public, MachineLearningRegion),
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
        Refused(Refusal::SpeechRegion),
    ),
    one(
        "stt.speech.azure.us",
        UsGovernment,
        Refused(Refusal::SpeechRegion),
    ),
    one("stt.speech.azure.cn", China, Refused(Refusal::SpeechRegion)),
    one(
        "tts.speech.microsoft.com",
        Public,
        Refused(Refusal::SpeechRegion),
    ),
    one(
        "tts.speech.azure.us",
        UsGovernment,
        Refused(Refusal::SpeechRegion),
    ),
    one("tts.speech.azure.cn", China, Refused(Refusal::SpeechRegion)),
    exact(
        "api.cognitive.microsofttranslator.com",
        Public,
        Whole(Kind::Translator, &COGNITIVE_SERVICES),
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
        Refused(Refusal::NamespaceAudience),
    ),
    one(
        "blob.core.usgovcloudapi.net",
        UsGovernment,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "dfs.core.usgovcloudapi.net",
        UsGovernment,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "queue.core.usgovcloudapi.net",
        UsGovernment,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "table.core.usgovcloudapi.net",
        UsGovernment,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "blob.core.chinacloudapi.cn",
        China,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "dfs.core.chinacloudapi.cn",
        China,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "queue.core.chinacloudapi.cn",
        China,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "table.core.chinacloudapi.cn",
        China,
        Whole(Kind::Storage, &STORAGE),
    ),
    one(
        "servicebus.usgovcloudapi.net",
        UsGovernment,
        Refused(Refusal::NamespaceAudience),
    ),
    one(
        "servicebus.chinacloudapi.cn",
        China,
        Refused(Refusal::NamespaceAudience),
    ),
    one(
        "managedhsm.azure.net",
        Public,
        Whole(Kind::ManagedHsm, &MANAGED_HSM),
    ),
    one(
        "azconfig.io",
        Public,
        Whole(Kind::AppConfiguration, &APP_CONFIGURATION),
    ),
    exact(
        "api.loganalytics.io",
        Public,
        Whole(Kind::LogAnalytics, &LOG_ANALYTICS),
    ),
    exact(
        "api.applicationinsights.io",
        Public,
        Whole(Kind::ApplicationInsights, &APPLICATION_INSIGHTS),
    ),
    exact(
        "agent365.svc.cloud.microsoft",
        Public,
        Whole(Kind::Agent365, &AGENT_365_TOOLS),
    ),
    page("learn.microsoft.com", Refused(Refusal::Anonymous)),
    // The German cloud was closed in 2021.
    any("openai.azure.de", Refused(Refusal::Retired)),
    any("cognitiveservices.azure.de", Refused(Refusal::Retired)),
    any("services.ai.azure.de", Refused(Refusal::Retired)),
    // Somebody's own.
    any("azure-api.us", Refused(Refusal::Gateway)),
    any("azure-api.cn", Refused(Refusal::Gateway)),
    any("azurefd.net", Refused(Refusal::Gateway)),
    any("trafficmanager.net", Refused(Refusal::Gateway)),
    any("azurewebsites.us", Site),
    any("chinacloudsites.cn", Site),
    any("azurecontainerapps.us", Site),
    any("azurestaticapps.net", Site),
    any("cloudapp.azure.com", Refused(Refusal::CustomApi)),
    any("azure-api.net", Refused(Refusal::Gateway)),
    any("azurewebsites.net", Site),
    any("azurecontainerapps.io", Site),
    // For browsers.
    any("consent.azure-apim.net", Refused(Refusal::BrowserPage)),
    any("consent.azure-apihub.net", Refused(Refusal::BrowserPage)),
    page("login.microsoftonline.com", Refused(Refusal::Authority)),
    page("login.microsoftonline.us", Refused(Refusal::Authority)),
    page(
        "login.partner.microsoftonline.cn",
        Refused(Refusal::Authority),
    ),
    page("login.chinacloudapi.cn", Refused(Refusal::Authority)),
    page("login.microsoft.com", Refused(Refusal::Authority)),
    page("login.windows.net", Refused(Refusal::Authority)),
    page("sts.windows.net", Refused(Refusal::Authority)),
];
