//! Microsoft's own resources that every tenant of Entra ID knows without registering them.
//!
//! Names, application ids and identifier URIs are those of public documentation.

use std::sync::LazyLock;

use super::app::{App, RequestedTokenVersion};
use super::credential::EXCHANGE_URI;

/// The resource of tokens that are exchanged for others: `api://AzureADTokenExchange`.
pub(crate) const EXCHANGE: &str = "fb60f99c-7a34-4190-8149-302f77469936";

/// Microsoft Graph, to which scopes without a resource belong.
pub(crate) const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Azure OpenAI and the other Cognitive Services.
pub(crate) const COGNITIVE_SERVICES: &str = "7d312290-28c8-473c-a0ed-8e53749b6d6d";

/// Foundry projects.
pub(crate) const FOUNDRY: &str = "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe";

/// What Graph offers to users and, under the same names, to applications.
const GRAPH_PERMISSIONS: [&str; 26] = [
    "User.Read",
    "User.ReadBasic.All",
    "User.Read.All",
    "GroupMember.Read.All",
    "Group.Read.All",
    "Directory.Read.All",
    "Application.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "Mail.Read",
    "Mail.Send",
    "Calendars.Read",
    "Directory.AccessAsUser.All",
    "Directory.ReadWrite.All",
    "AgentIdentityBlueprint.Create",
    "AgentIdentityBlueprint.Read.All",
    "AgentIdentityBlueprint.ReadWrite.All",
    "AgentIdentityBlueprint.AddRemoveCreds.All",
    "AgentIdentityBlueprint.UpdateAuthProperties.All",
    "AgentIdentityBlueprintPrincipal.Create",
    "AgentIdentity.Create.All",
    "AgentIdentity.CreateAsManager",
    "AgentIdentity.EnableDisable.All",
    "AgentIdUser.ReadWrite.All",
    "AgentIdUser.ReadWrite.IdentityParentedBy",
    "Application.ReadWrite.All",
];

/// Application id, name, identifier URIs. Each has the delegated permission
/// `user_impersonation`.
const OTHERS: &[(&str, &str, &[&str])] = &[
    (
        "7d312290-28c8-473c-a0ed-8e53749b6d6d",
        "Cognitive Services (Azure OpenAI)",
        &[
            "https://cognitiveservices.azure.com",
            "https://internal.cognitiveservices.azure.com",
        ],
    ),
    (
        "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe",
        "Microsoft Foundry",
        &["https://ai.azure.com"],
    ),
    (
        "880da380-985e-4198-81b9-e05b1cc53158",
        "Azure AI Search",
        &["https://search.azure.com"],
    ),
    (
        "fcdfa2de-b65b-4b54-9a1c-81c8a18282d9",
        "Foundry MCP server",
        &["https://mcp.ai.azure.com"],
    ),
    (
        "2746ea77-4702-4b45-80ca-3c97e680e8b7",
        "Azure Data Explorer (Kusto)",
        &["https://kusto.kusto.windows.net"],
    ),
    (
        "1ac05c7e-12d2-4605-bf9d-549d7041c6b3",
        "Synapse workspace",
        &["https://dev.azuresynapse.net"],
    ),
    (
        "ddbf3205-c6bd-46ae-8127-60eb93363864",
        "Azure Batch",
        &["https://batch.core.windows.net"],
    ),
    (
        "73c2949e-da2d-457a-9607-fcc665198967",
        "Microsoft Purview",
        &["https://purview.azure.net"],
    ),
    (
        "a232010e-820c-4083-83bb-3ace5fc29d0b",
        "Cosmos DB",
        &["https://cosmos.azure.com"],
    ),
    (
        "022907d3-0f1b-48f7-badc-1ba6abab6d66",
        "Azure SQL",
        &[
            "https://database.windows.net",
            "https://sql.azuresynapse.net",
        ],
    ),
    (
        "123cd850-d9df-40bd-94d5-c9f07b7fa203",
        "Azure Database for PostgreSQL and MySQL",
        &["https://ossrdbms-aad.database.windows.net"],
    ),
    (
        "acca5fbb-b7e4-4009-81f1-37e38fd66d78",
        "Azure Cache for Redis",
        &["https://redis.azure.com"],
    ),
    (
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",
        "Azure Resource Manager",
        &[
            "https://management.azure.com",
            "https://management.core.windows.net",
        ],
    ),
    (
        "499b84ac-1321-427f-aa17-267ca6975798",
        "Azure DevOps",
        &[
            "https://app.vssps.visualstudio.com",
            "https://analytics.dev.azure.com",
        ],
    ),
    (
        "80a10ef9-8168-493d-abf9-3297c4ef6e3c",
        "Service Bus",
        &["https://servicebus.azure.net"],
    ),
    (
        "80369ed6-5f11-4dd9-bef3-692475845e77",
        "Event Hubs",
        &["https://eventhubs.azure.net"],
    ),
    (
        "91bb937c-29c2-4275-982f-9465f0caf03d",
        "Azure Relay",
        &["https://relay.azure.net"],
    ),
    (
        "823c0a78-5de0-4445-a7f5-c2f42d7dc89b",
        "Event Grid",
        &["https://eventgrid.azure.net"],
    ),
    (
        "cdad765c-f191-43ba-b9f5-7aef392f811d",
        "SignalR Service",
        &["https://signalr.azure.com"],
    ),
    (
        "632ec9eb-fad7-4cbd-993a-e72973ba2acc",
        "Communication Services",
        &[
            "https://communication.azure.com",
            "https://communications.azure.com",
        ],
    ),
    (
        "0b07f429-9f4b-4714-9392-cc5e8e80c8b0",
        "Digital Twins",
        &["https://digitaltwins.azure.net"],
    ),
    (
        "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5",
        "Log Analytics",
        &["https://api.loganalytics.io"],
    ),
    (
        "f5c26e74-f226-4ae8-85f0-b4af0080ac9e",
        "Application Insights",
        &[
            "https://api.applicationinsights.io",
            "https://api1.applicationinsights.io",
            "https://api2.applicationinsights.io",
            "https://api3.applicationinsights.io",
        ],
    ),
    (
        "e933bd07-d2ee-4f1d-933c-3752b819567b",
        "Azure Monitor (ingestion)",
        &["https://monitor.azure.com"],
    ),
    (
        "035f9e1d-4f00-4419-bf50-bf2d87eb4878",
        "Azure Monitor (alerts)",
        &[
            "https://monitoring.azure.com",
            "https://ingestion.monitor.azure.com",
            "https://monitor.core.windows.net",
        ],
    ),
    (
        "be14bf7e-8ab4-49b0-9dc6-a0eddd6fa73e",
        "Managed Prometheus",
        &[
            "https://prometheus.monitor.azure.com",
            "https://data.monitor.azure.com",
        ],
    ),
    (
        "ce34e7e5-485f-4d76-964f-b3d2b16d1e4f",
        "Azure Managed Grafana",
        &["https://grafana.azure.com", "https://azgrafana.io"],
    ),
    (
        "00000009-0000-0000-c000-000000000000",
        "Power BI and Fabric",
        &[
            "https://analysis.windows.net/powerbi/api",
            "https://api.fabric.microsoft.com",
        ],
    ),
    (
        "8578e004-a5c6-46e7-913e-12f58912df43",
        "Power Platform",
        &["https://api.powerplatform.com"],
    ),
    (
        "fe053c5f-3692-4f14-aef2-ee34fc081cae",
        "API hub (connectors)",
        &[
            "https://apihub.azure.com",
            "https://apiconnection.azure.net",
            "https://tokenstore.azure.net",
        ],
    ),
    (
        "7cd684f4-8a78-49b0-91ec-6a35d38739ba",
        "Logic Apps",
        &["https://logic.azure.com"],
    ),
    (
        "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
        "Key Vault",
        &["https://vault.azure.net"],
    ),
    (
        "589d5083-6f11-4d30-a62a-a4b316a14abf",
        "Managed HSM",
        &["https://managedhsm.azure.net"],
    ),
    (
        "c61423b7-1d1f-430d-b444-0eee53298103",
        "Azure Attestation",
        &["https://attest.azure.net"],
    ),
    (
        "e406a681-f3d4-42a8-90b6-c2b029497af1",
        "Azure Storage",
        &[
            "https://storage.azure.com",
            "https://storage.core.windows.net",
        ],
    ),
    (
        "abfa0a7c-a6b6-4736-8310-5855508787cd",
        "App Service (platform)",
        &["https://appservice.azure.com"],
    ),
    (
        "2c7dd73f-7a21-485b-b97d-a2508fa152c3",
        "Container Apps dynamic sessions",
        &["https://dynamicsessions.io", "https://acasessions.io"],
    ),
    (
        "76c92352-c057-4cc2-9b1e-f34c32bc58bd",
        "Container Registry",
        &["https://containerregistry.azure.net"],
    ),
    (
        "35ffadb3-7fc1-497e-b61b-381d28e744cc",
        "App Configuration",
        &["https://appconfig.azure.com", "https://azconfig.io"],
    ),
    (
        "ba1ea022-5807-41d5-bbeb-292c7e1cf5f6",
        "Azure Maps",
        &["https://atlas.microsoft.com"],
    ),
    (
        "89d10474-74af-4874-99a7-c23c2f643083",
        "IoT Hub",
        &["https://iothubs.azure.net"],
    ),
];

/// Storage takes the address of each account as its name.
const STORAGE: &str = "e406a681-f3d4-42a8-90b6-c2b029497af1";
const STORAGE_DOMAINS: [&str; 5] = [
    ".blob.core.windows.net",
    ".dfs.core.windows.net",
    ".file.core.windows.net",
    ".queue.core.windows.net",
    ".table.core.windows.net",
];

static RESOURCES: LazyLock<Vec<App>> = LazyLock::new(|| {
    let graph = App::new(GRAPH, "Microsoft Graph")
        .identifier_uri("https://graph.microsoft.com")
        .microsoft_resource();
    let graph = GRAPH_PERMISSIONS
        .iter()
        .fold(graph, |app, name| app.scope(*name).role(*name));
    let exchange = App::new(EXCHANGE, "AzureADTokenExchange")
        .identifier_uri(EXCHANGE_URI)
        .token_version(RequestedTokenVersion::V2);
    let others = OTHERS.iter().map(|(id, name, uris)| {
        let app = App::new(id, *name)
            .scope("user_impersonation")
            .microsoft_resource();
        uris.iter().fold(app, |app, uri| app.identifier_uri(*uri))
    });
    [graph, exchange].into_iter().chain(others).collect()
});

/// All of them.
pub(crate) fn all() -> std::slice::Iter<'static, App> {
    RESOURCES.iter()
}

/// The resource of Microsoft's that a request means. One slash more at the end is the same
/// resource, as clients that write `https://management.core.windows.net//.default` need it.
pub(super) fn find(name: &str) -> Option<&'static App> {
    let resources = &*RESOURCES;
    let named = |name: &str| resources.iter().find(|app| app.is_named(name));
    // Clients spell the exchange in two ways, and both work.
    if name.eq_ignore_ascii_case(EXCHANGE_URI) {
        return named(EXCHANGE);
    }
    named(name)
        .or_else(|| named(name.strip_suffix('/')?))
        .or_else(|| named(STORAGE).filter(|_| is_storage_account(name)))
}

fn is_storage_account(name: &str) -> bool {
    let host = name.strip_prefix("https://").unwrap_or_default();
    let host = host.trim_end_matches('/');
    let account = STORAGE_DOMAINS.iter().find_map(|d| host.strip_suffix(d));
    account.is_some_and(|a| !a.is_empty() && a.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_have_one_name_each() {
        for (at, app) in RESOURCES.iter().enumerate() {
            for uri in app.identifier_uris() {
                let named = RESOURCES.iter().position(|a| a.is_named(uri));
                assert_eq!(named, Some(at), "{uri}");
            }
            assert!(crate::directory::id::canonical_guid(app.client_id()).is_some());
        }
    }

    #[test]
    fn spellings_that_clients_use_are_found() {
        for (name, id) in [
            (
                "https://management.core.windows.net/",
                "797f4846-ba00-4fd7-ba43-dac1f8f63013",
            ),
            (
                "https://vault.azure.net",
                "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
            ),
            ("https://acct.blob.core.windows.net/", STORAGE),
            ("api://AzureAdTokenExchange", EXCHANGE),
        ] {
            assert_eq!(find(name).map(App::client_id), Some(id), "{name}");
        }
        for name in [
            "https://vault.azure.net//",
            "https://vault.example",
            "https://.blob.core.windows.net",
            "https://a.b.blob.core.windows.net",
        ] {
            assert!(find(name).is_none(), "{name}");
        }
    }
}
