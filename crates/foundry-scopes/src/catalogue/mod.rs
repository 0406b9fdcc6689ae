//! Catalogue of the Microsoft resources that tokens are requested for, as data.
//!
//! Each row says what is registered, in which cloud, how sure that is, and where it was
//! read. Nothing is derived: a resource that keeps `.com` in every cloud and one that
//! changes its whole host name are both just rows, and a cloud without a row has no scope
//! here.
//!
//! ```
//! use foundry_scopes::{Cloud, catalogue};
//!
//! let scope = catalogue::COGNITIVE_SERVICES.default_scope(&Cloud::public()).unwrap();
//! assert_eq!(scope.as_str(), "https://cognitiveservices.azure.com/.default");
//!
//! // Storage is called the same everywhere, Graph is not.
//! let china = Cloud::china();
//! assert_eq!(
//!     catalogue::STORAGE.default_scope(&china).unwrap().as_str(),
//!     "https://storage.azure.com/.default"
//! );
//! assert_eq!(
//!     catalogue::GRAPH.default_scope(&china).unwrap().as_str(),
//!     "https://microsoftgraph.chinacloudapi.cn/.default"
//! );
//!
//! // An undocumented scope is not invented.
//! assert!(catalogue::AZURE_AI.default_scope(&china).is_none());
//!
//! let found = catalogue::by_identifier("https://management.core.windows.net/").unwrap();
//! assert_eq!(found.name(), catalogue::ARM.name());
//! ```

mod client;
mod data;
mod lookup;
mod resource;
mod role;
mod same_resource;
#[cfg(test)]
mod tests;

pub use client::KnownClient;
pub use data::agents::{
    ADO_MCP, AGENT_365, AGENT_365_TOOLS, ARM_MCP, AZMCP_CLI_GENERATE, BUSINESS_CENTRAL, DEV_CENTER,
    ENTERPRISE_MCP, FOUNDRY_MCP, M365_ADMIN_MCP, SENTINEL_MCP, SRE_AGENT, WORK_IQ,
    WORK_IQ_CALENDAR, WORK_IQ_CLI, WORK_IQ_COPILOT, WORK_IQ_MAIL, WORK_IQ_ONEDRIVE,
    WORK_IQ_SHAREPOINT, WORK_IQ_TEAMS, WORK_IQ_USER, WORK_IQ_WORD,
};
pub use data::ai::{
    AZURE_AI, AZURE_ML, COGNITIVE_SERVICES, OPENAI_STUDIO, SEARCH, SPEECH_CUSTOM,
    SPEECH_TRANSCRIPTION,
};
pub use data::analytics::{
    BATCH, DATABRICKS, HEALTH_DICOM, HEALTH_FHIR, HEALTH_MODELS, KUSTO, PURVIEW, SYNAPSE,
};
pub use data::database::{COSMOS_DB, DATABASES, REDIS, SQL};
pub use data::directory::{AAD_GRAPH, AZURE_AD_TOKEN_EXCHANGE, BOT_FRAMEWORK, GRAPH};
pub use data::management::{ARM, DEVOPS, RESOURCE_GRAPH};
pub use data::messaging::{
    COMMUNICATION, DEVICE_PROVISIONING, DIGITAL_TWINS, EVENT_GRID, EVENT_HUBS, IOT_HUB, RELAY,
    SERVICE_BUS, SIGNALR, WEB_PUBSUB,
};
pub use data::monitoring::{
    APPLICATION_INSIGHTS, GRAFANA, LOG_ANALYTICS, METRICS, MONITOR, MONITORING, PROFILER,
    PROMETHEUS,
};
pub use data::office::{
    DEFENDER_ENDPOINT, DEFENDER_XDR, EXCHANGE, INTUNE, OFFICE_MANAGEMENT, SECURITY_COPILOT,
    SHAREPOINT,
};
pub use data::power::{
    API_HUB, DATAVERSE, LOGIC_APPS, POWER_APPS, POWER_AUTOMATE, POWER_BI, POWER_PLATFORM,
};
pub use data::roles;
pub use data::secrets::{ATTESTATION, CONFIDENTIAL_LEDGER, KEY_VAULT, MANAGED_HSM};
pub use data::storage::{DATA_LAKE_GEN1, ONELAKE, STORAGE};
pub use data::web::{
    AKS, APP_CONFIGURATION, APP_SERVICE, CONTAINER_REGISTRY, DYNAMIC_SESSIONS, MAPS, PROTECTED_SITE,
};
pub use lookup::{
    all, by_application, by_audience, by_identifier, by_name, by_scope, client, clients, find,
    role, role_by_name, search,
};
pub use resource::{IssuedTokenVersion, Resource};
pub use role::{Confidence, Role, RoleKind};
