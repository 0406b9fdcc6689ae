//! The role with the least rights for a call: by the action that the answer names, else by the
//! address, its path and the method.

use foundry_scopes::EndpointKind as Kind;
use foundry_scopes::catalogue::{Role, roles};

use crate::diagnosis::facts::Facts;

use super::action;

/// What the data plane of Key Vault does with a key.
const USES_OF_KEYS: [&str; 8] = [
    "sign/",
    "verify/",
    "encrypt/",
    "decrypt/",
    "wrap/",
    "unwrap/",
    "wrapkey",
    "unwrapkey",
];

/// The narrowest role of the catalogue that holds an action.
pub(super) fn for_action(action: &str) -> Option<&'static Role> {
    let lower = action.to_ascii_lowercase();
    let reads = lower.ends_with("/read")
        || lower.ends_with("getsecret/action")
        || lower.contains("readmetadata");
    let has = |text: &str| lower.contains(text);
    Some(match lower.as_str() {
        _ if has("applications/invoke") || has("agents/endpoints/") => {
            &roles::FOUNDRY_AGENT_CONSUMER
        }
        _ if has("accounts/openai/") => &roles::COGNITIVE_SERVICES_OPENAI_USER,
        _ if has("connections/write") || has("accounts/projects/write") => {
            &roles::FOUNDRY_PROJECT_MANAGER
        }
        _ if has("accounts/deployments/")
            || has("cognitiveservices/accounts/write")
            || has("listkeys") =>
        {
            &roles::COGNITIVE_SERVICES_CONTRIBUTOR
        }
        _ if has("aiservices/") || has("accounts/projects/") => &roles::FOUNDRY_USER,
        _ if has("microsoft.cognitiveservices/accounts/") => &roles::COGNITIVE_SERVICES_USER,
        _ if has("microsoft.machinelearningservices") && has("assets/read") => &roles::FOUNDRY_USER,
        _ if has("microsoft.machinelearningservices") => &roles::AZUREML_DATA_SCIENTIST,
        _ if has("vaults/secrets/") && reads => &roles::KEY_VAULT_SECRETS_USER,
        _ if has("vaults/certificates/") && reads => &roles::KEY_VAULT_CERTIFICATE_USER,
        _ if has("vaults/keys/") && (reads || USES_OF_KEYS.iter().any(|use_| has(use_))) => {
            &roles::KEY_VAULT_CRYPTO_USER
        }
        _ if has("microsoft.keyvault/vaults/") && !has("vaults/write") && !has("vaults/read") => {
            &roles::KEY_VAULT_ADMINISTRATOR
        }
        _ if has("blobservices/") && reads => &roles::STORAGE_BLOB_DATA_READER,
        _ if has("blobservices/") => &roles::STORAGE_BLOB_DATA_CONTRIBUTOR,
        _ if has("queueservices/") && has("messages/add") => {
            &roles::STORAGE_QUEUE_DATA_MESSAGE_SENDER
        }
        _ if has("queueservices/") && has("messages/process") => {
            &roles::STORAGE_QUEUE_DATA_MESSAGE_PROCESSOR
        }
        _ if has("queueservices/") && reads => &roles::STORAGE_QUEUE_DATA_READER,
        _ if has("queueservices/") => &roles::STORAGE_QUEUE_DATA_CONTRIBUTOR,
        _ if has("tableservices/") && reads => &roles::STORAGE_TABLE_DATA_READER,
        _ if has("tableservices/") => &roles::STORAGE_TABLE_DATA_CONTRIBUTOR,
        _ if has("fileservices/") && reads => &roles::STORAGE_FILE_DATA_PRIVILEGED_READER,
        _ if has("microsoft.documentdb/") && has("sqldatabases/containers/items/read")
            || has("readmetadata")
            || has("executequery")
            || has("readchangefeed") =>
        {
            &roles::COSMOS_DATA_READER
        }
        _ if has("microsoft.documentdb/") && has("/items/") => &roles::COSMOS_DATA_CONTRIBUTOR,
        _ if has("microsoft.search/searchservices/indexes/documents/read") => {
            &roles::SEARCH_INDEX_DATA_READER
        }
        _ if has("microsoft.search/searchservices/indexes/documents/") => {
            &roles::SEARCH_INDEX_DATA_CONTRIBUTOR
        }
        _ if has("microsoft.search/searchservices/") => &roles::SEARCH_SERVICE_CONTRIBUTOR,
        _ if has("microsoft.servicebus/") && has("send/action") => &roles::SERVICE_BUS_DATA_SENDER,
        _ if has("microsoft.servicebus/") && has("receive/action") => {
            &roles::SERVICE_BUS_DATA_RECEIVER
        }
        _ if has("microsoft.eventhub/") && has("send/action") => &roles::EVENT_HUBS_DATA_SENDER,
        _ if has("microsoft.eventhub/") && has("receive/action") => {
            &roles::EVENT_HUBS_DATA_RECEIVER
        }
        _ if has("microsoft.appconfiguration/") && reads => &roles::APP_CONFIGURATION_DATA_READER,
        _ if has("microsoft.containerregistry/") && (has("pull/read") || has("/read")) => {
            &roles::ACR_PULL
        }
        _ if has("microsoft.containerregistry/") && has("push/write") => &roles::ACR_PUSH,
        _ if reads && !has("datastores") => &roles::READER,
        _ => return None,
    })
}

/// The role with the least rights that opens what was called.
pub(super) fn for_call(facts: &Facts<'_>) -> Option<&'static Role> {
    if let Some(role) = action(facts).as_deref().and_then(for_action) {
        return Some(role);
    }
    if facts.path.contains("contentunderstanding") {
        return Some(&roles::COGNITIVE_SERVICES_USER);
    }
    if facts.says("does not have access to ingest data") {
        return Some(&roles::MONITORING_METRICS_PUBLISHER);
    }
    if facts.says("assets/read") {
        return Some(&roles::FOUNDRY_USER);
    }
    let writes = writes(facts);
    let kind = facts.endpoint().map(foundry_scopes::Endpoint::kind);
    if kind == Some(Kind::Search) {
        return Some(of_search(&facts.path, writes));
    }
    if let Some(role) = kind.and_then(for_kind) {
        return Some(role);
    }
    let code = match (kind, facts.catalogued()) {
        (Some(kind), _) => match kind {
            Kind::Storage => "storage",
            Kind::KeyVault => "key_vault",
            Kind::CosmosDb => "cosmos_db",
            Kind::AppConfiguration => "app_configuration",
            Kind::LogAnalytics => "log_analytics",
            Kind::ApplicationInsights => "application_insights",
            Kind::MachineLearning | Kind::MachineLearningRegion => "azure_ml",
            _ => return None,
        },
        (None, Some(found)) => found.resources.first()?.code(),
        // The words of messaging's refusal.
        _ if facts.says("'send' claim") => {
            return Some(if facts.says("eventhub") || facts.says("event hub") {
                &roles::EVENT_HUBS_DATA_SENDER
            } else {
                &roles::SERVICE_BUS_DATA_SENDER
            });
        }
        _ if facts.says("'listen' claim") => {
            return Some(if facts.says("eventhub") || facts.says("event hub") {
                &roles::EVENT_HUBS_DATA_RECEIVER
            } else {
                &roles::SERVICE_BUS_DATA_RECEIVER
            });
        }
        _ if facts.says("authorizationpermissionmismatch") => "storage",
        _ => return None,
    };
    match code {
        "storage" => Some(of_storage(&facts.host, &facts.path, facts)),
        "key_vault" => Some(of_vault(&facts.path)),
        "cosmos_db" if writes => Some(&roles::COSMOS_DATA_CONTRIBUTOR),
        "service_bus" if facts.says("listen") => Some(&roles::SERVICE_BUS_DATA_RECEIVER),
        "arm" | "graph" => None,
        code => foundry_scopes::catalogue::all()
            .find(|it| it.code() == code)?
            .roles()
            .first()
            .copied(),
    }
}

/// Whether the call changes something, as far as its method and the names of SDKs say.
fn writes(facts: &Facts<'_>) -> bool {
    const METHODS: [&str; 4] = ["put", "post", "delete", "patch"];
    let by_method = METHODS.iter().any(|method| {
        [
            "{} http",
            "{} /",
            "-x {}",
            "-x{}",
            "--request {}",
            "method {}",
            "method: {}",
        ]
        .iter()
        .any(|form| facts.says(&form.replace("{}", method)))
    });
    by_method
        || facts.says_any(&[
            "'send'",
            "upload",
            "create_blob",
            "put blob",
            "upsert",
            "create_item",
        ])
}

/// Blobs, queues, tables and files have roles of their own.
fn of_storage(host: &str, path: &str, facts: &Facts<'_>) -> &'static Role {
    let writes = writes(facts);
    let service = |name: &str| host.contains(&format!(".{name}."));
    if service("queue") {
        let messages = path
            .split('?')
            .next()
            .unwrap_or(path)
            .ends_with("/messages");
        return match (writes, messages) {
            (true, true) => &roles::STORAGE_QUEUE_DATA_MESSAGE_SENDER,
            (true, false) => &roles::STORAGE_QUEUE_DATA_CONTRIBUTOR,
            // A plain GET of messages takes them; `peekonly` reads.
            (false, true) if !path.contains("peekonly") => {
                &roles::STORAGE_QUEUE_DATA_MESSAGE_PROCESSOR
            }
            (false, _) => &roles::STORAGE_QUEUE_DATA_READER,
        };
    }
    match (service("table"), service("file"), writes) {
        (true, _, true) => &roles::STORAGE_TABLE_DATA_CONTRIBUTOR,
        (true, _, false) => &roles::STORAGE_TABLE_DATA_READER,
        (_, true, false) => &roles::STORAGE_FILE_DATA_PRIVILEGED_READER,
        (_, _, true) => &roles::STORAGE_BLOB_DATA_CONTRIBUTOR,
        (_, _, false) => &roles::STORAGE_BLOB_DATA_READER,
    }
}

/// Documents are queried and filled with other roles than indexes are managed with.
fn of_search(path: &str, writes: bool) -> &'static Role {
    let bare = path.split('?').next().unwrap_or(path).trim_end_matches('/');
    if bare.ends_with("/docs/index") || bare.ends_with("search.index") {
        &roles::SEARCH_INDEX_DATA_CONTRIBUTOR
    } else if writes && !bare.contains("/docs") && bare.starts_with("/index") {
        &roles::SEARCH_SERVICE_CONTRIBUTOR
    } else {
        &roles::SEARCH_INDEX_DATA_READER
    }
}

/// Secrets, keys and certificates have roles of their own.
fn of_vault(path: &str) -> &'static Role {
    if path.starts_with("/keys") {
        &roles::KEY_VAULT_CRYPTO_USER
    } else if path.starts_with("/certificates") {
        &roles::KEY_VAULT_CERTIFICATE_USER
    } else {
        &roles::KEY_VAULT_SECRETS_USER
    }
}

fn for_kind(kind: Kind) -> Option<&'static Role> {
    Some(match kind {
        Kind::AzureOpenAi | Kind::OpenAiV1 => &roles::COGNITIVE_SERVICES_OPENAI_USER,
        Kind::CognitiveServices
        | Kind::LanguageMcp
        | Kind::ModelInference
        | Kind::ModelProvider => &roles::COGNITIVE_SERVICES_USER,
        Kind::FoundryAgent | Kind::FoundryApplication => &roles::FOUNDRY_AGENT_CONSUMER,
        Kind::FoundryProject
        | Kind::ProjectOpenAi
        | Kind::FoundryToolbox
        | Kind::FoundryResource
        | Kind::FoundryMcp
        | Kind::Anthropic => &roles::FOUNDRY_USER,
        _ => return None,
    })
}
