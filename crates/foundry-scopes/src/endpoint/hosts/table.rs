//! Table of known hosts: suffix, cloud and service.

use super::Service::{
    AzureOpenAi, CognitiveServices, Foundry, MachineLearningRegion, Misspelt, Portal, PrivateLink,
    Refused, ResourceManager, Site, Whole,
};
use super::{Kind, Labels, Reason, Row, Service};
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
        Refused(Reason::AudienceUnknown),
    ),
    two(
        "models.ai.azure.com",
        Public,
        Refused(Reason::AudienceUnknown),
    ),
    two(
        "inference.ai.azure.com",
        Public,
        Refused(Reason::AudienceUnknown),
    ),
    exact(
        "mcp.ai.azure.com",
        Public,
        Whole(Kind::FoundryMcp, &FOUNDRY_MCP),
    ),
    // Portals, before the domains that they share with services.
    exact("ai.azure.com", Public, Portal),
    exact("ai.azure.us", UsGovernment, Portal),
    page("ml.azure.com", Refused(Reason::Portal)),
    page("oai.azure.com", Refused(Reason::Portal)),
    page("portal.azure.com", Refused(Reason::Portal)),
    page("portal.azure.us", Refused(Reason::Portal)),
    page("portal.azure.cn", Refused(Reason::Portal)),
    one("ai.azure.com", Public, Misspelt("services.ai.azure.com")),
    one(
        "ai.azure.us",
        UsGovernment,
        Misspelt("services.ai.azure.us"),
    ),
    one("azure.openai.com", Public, Misspelt("openai.azure.com")),
    // Azure Machine Learning.
    two(
        "inference.ml.azure.com",
        Public,
        Whole(Kind::MachineLearning, &AZURE_ML),
    ),
    page("api.agent-oauth.azureml.ms", Refused(Reason::BrowserPage)),
    one("api.azureml.ms", Public, MachineLearningRegion),
    // Regional hosts of the Foundry Tools (Foundry Tools doc "Authenticate requests").
    one(
        "api.cognitive.microsoft.com",
        Public,
        Refused(Reason::KeyOnlyRegion),
    ),
    one(
        "api.cognitive.microsoft.us",
        UsGovernment,
        Refused(Reason::KeyOnlyRegion),
    ),
    one(
        "api.cognitive.azure.cn",
        China,
        Refused(Reason::KeyOnlyRegion),
    ),
    one(
        "stt.speech.microsoft.com",
        Public,
        Refused(Reason::SpeechRegion),
    ),
    one(
        "stt.speech.azure.us",
        UsGovernment,
        Refused(Reason::SpeechRegion),
    ),
    one("stt.speech.azure.cn", China, Refused(Reason::SpeechRegion)),
    one(
        "tts.speech.microsoft.com",
        Public,
        Refused(Reason::SpeechRegion),
    ),
    one(
        "tts.speech.azure.us",
        UsGovernment,
        Refused(Reason::SpeechRegion),
    ),
    one("tts.speech.azure.cn", China, Refused(Reason::SpeechRegion)),
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
        Refused(Reason::NamespaceAudience),
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
        Refused(Reason::NamespaceAudience),
    ),
    one(
        "servicebus.chinacloudapi.cn",
        China,
        Refused(Reason::NamespaceAudience),
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
    page("learn.microsoft.com", Refused(Reason::Anonymous)),
    // The German cloud was closed in 2021.
    any("openai.azure.de", Refused(Reason::Retired)),
    any("cognitiveservices.azure.de", Refused(Reason::Retired)),
    any("services.ai.azure.de", Refused(Reason::Retired)),
    // Custom apps and gateways.
    any("azure-api.us", Refused(Reason::Gateway)),
    any("azure-api.cn", Refused(Reason::Gateway)),
    any("azurefd.net", Refused(Reason::Gateway)),
    any("trafficmanager.net", Refused(Reason::Gateway)),
    any("azurewebsites.us", Site),
    any("chinacloudsites.cn", Site),
    any("azurecontainerapps.us", Site),
    any("azurestaticapps.net", Site),
    any("cloudapp.azure.com", Refused(Reason::CustomApi)),
    any("azure-api.net", Refused(Reason::Gateway)),
    any("azurewebsites.net", Site),
    any("azurecontainerapps.io", Site),
    // For browsers.
    any("consent.azure-apim.net", Refused(Reason::BrowserPage)),
    any("consent.azure-apihub.net", Refused(Reason::BrowserPage)),
    any("ciamlogin.com", Refused(Reason::ExternalId)),
    any("b2clogin.com", Refused(Reason::B2c)),
    page("login.microsoftonline.com", Refused(Reason::Authority)),
    page("login.microsoftonline.us", Refused(Reason::Authority)),
    page(
        "login.partner.microsoftonline.cn",
        Refused(Reason::Authority),
    ),
    page("login.chinacloudapi.cn", Refused(Reason::Authority)),
    page("login.microsoft.com", Refused(Reason::Authority)),
    page("login.windows.net", Refused(Reason::Authority)),
    page("sts.windows.net", Refused(Reason::Authority)),
];
