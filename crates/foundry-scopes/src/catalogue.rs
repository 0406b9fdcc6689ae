//! The Microsoft resources one asks tokens for, as data.
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
//! // What nobody documents is not invented.
//! assert!(catalogue::AZURE_AI.default_scope(&china).is_none());
//!
//! let found = catalogue::by_identifier("https://management.core.windows.net/").unwrap();
//! assert_eq!(found.name(), catalogue::ARM.name());
//! ```

mod data;
mod lookup;
mod resource;
#[cfg(test)]
mod tests;

pub use data::ai::{
    AGENT_365_TOOLS, ARM_MCP, AZURE_AI, AZURE_ML, COGNITIVE_SERVICES, FOUNDRY_MCP, SEARCH, WORK_IQ,
};
pub use data::azure::{
    APP_CONFIGURATION, APP_SERVICE, ARM, BATCH, CONTAINER_REGISTRY, DEVOPS, KEY_VAULT, MANAGED_HSM,
};
pub use data::entra::{AZURE_AD_TOKEN_EXCHANGE, BOT_FRAMEWORK, GRAPH, POWER_BI, POWER_PLATFORM};
pub use data::storage::{
    APPLICATION_INSIGHTS, COSMOS_DB, DATABASES, EVENT_HUBS, KUSTO, LOG_ANALYTICS, SERVICE_BUS, SQL,
    STORAGE,
};
pub use lookup::{all, by_application, by_audience, by_identifier, by_scope};
pub use resource::{Confidence, Resource};
