//! Azure roles: the one of the resource's catalogue row that fits the action. The data plane
//! of Azure AI says 401 where others say 403.

use foundry_scopes::EndpointKind as Kind;
use foundry_scopes::catalogue::{Role, roles};

use crate::diagnosis::accept::Verdict;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::diagnosis::paste;
use crate::finding::{Certainty, Finding};
use crate::reading::scan;

const SOURCE: &str = "the resource catalogue of foundry-scopes, and the services' answers";

pub(super) fn role(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if facts.says("useridentityimpersonation") {
        found.push(
            Finding::new(Code::ImpersonationRoleMissing, Certainty::Certain, "`x-ms-user-identity` needs a data action of its own")
                .why("none of the built-in roles for callers holds it")
                .change("make a custom role with `Microsoft.CognitiveServices/accounts/AIServices/agents/endpoints/UserIdentityImpersonation/action` and assign it on the agent")
                .said()
                .source_is(SOURCE),
        );
        return;
    }
    if registry_refuses(facts) || facts.says("azurecr.io*denied") {
        found.push(
            Finding::new(
                Code::RegistryRoleMissing,
                Certainty::Likely,
                "the container registry refuses the caller",
            )
            .why("registries with attribute-based access ignore the classic roles")
            .change(on_registry(&roles::ACR_PUSH))
            .change(on_registry(&roles::ACR_REPOSITORY_WRITER))
            .source_is(SOURCE),
        );
    }
    if facts.says_any(&[
        "authorizationfailed",
        "does not have authorization to perform action",
    ]) {
        control_plane(facts, found);
        return;
    }
    if data_plane_text(facts) || fits_and_is_refused(facts) {
        data_plane(facts, found);
    }
}

/// A text that names a missing role or data action.
fn data_plane_text(facts: &Facts<'_>) -> bool {
    facts.says_any(&[
        "lacks the required data action",
        "permissiondenied*principal does not have access",
        "principal does not have access to api/operation",
        "assets/read",
        "applications/invoke/action",
        "authorizationpermissionmismatch",
        "not authorized to perform this operation using this permission",
        "caller is not authorized to perform action",
        "required rbac permissions",
        "does not have secrets get permission",
        "does not have keys get permission",
        "claim(s) are required to perform this operation",
        "unauthorized access. 'send'",
        "unauthorized access. 'listen'",
        "does not have required permissions to access",
    ])
}

fn fits_and_is_refused(facts: &Facts<'_>) -> bool {
    let fits = facts.verdict() == Some(Verdict::Accepted) && facts.token().is_some();
    let permission = facts.is_kind(Kind::Graph);
    let named = facts.says_any(&[
        "featurenotavailable",
        "feature is not available",
        "public access is disabled",
        "firewall",
        "audience is incorrect",
    ]);
    let known = facts.endpoint().is_some()
        || facts
            .catalogued()
            .is_some_and(|it| it.resources.iter().any(|it| !it.roles().is_empty()));
    fits && !permission
        && !named
        && known
        && matches!(facts.status(), Some(401 | 403))
        && !super::ruled::permission_text(facts)
}

/// The action that the answer names, as Azure's roles spell it.
fn action(facts: &Facts<'_>) -> Option<String> {
    let at = scan::find(&facts.said, "Microsoft.")?;
    let mut rest = facts.said.get(at..)?;
    loop {
        let end = rest
            .find(|c: char| c.is_whitespace() || "'\"`,;)]}".contains(c))
            .unwrap_or(rest.len());
        let word = rest.get(..end)?.trim_end_matches('.');
        let last = word.rsplit('/').next().unwrap_or_default();
        if word.matches('/').count() >= 2
            && last.starts_with(|c: char| c.is_ascii_lowercase())
            && !word.contains("://")
        {
            return Some(word.to_owned());
        }
        let next = scan::find_from(rest, "Microsoft.", 10)?;
        rest = rest.get(next..)?;
    }
}

fn control_plane(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let action = action(facts);
    let scope = scan::quoted_after(&facts.said, "over scope");
    let client = scan::quoted_after(&facts.said, "object id").and_then(scan::guid);
    let role = match action.as_deref() {
        Some(action) => for_action(action),
        None if facts.says("connections/write") => Some(&roles::FOUNDRY_PROJECT_MANAGER),
        None if facts.says("deployments/write") => Some(&roles::COGNITIVE_SERVICES_CONTRIBUTOR),
        None => None,
    };
    let seen = match (&action, scope) {
        (Some(action), Some(scope)) => format!("the caller lacks `{action}` over `{scope}`"),
        (Some(action), None) => format!("the caller lacks `{action}`"),
        _ => "Azure Resource Manager refuses the action".to_owned(),
    };
    let mut finding = Finding::new(Code::ControlPlaneRoleMissing, Certainty::Certain, seen)
        .why("the token was accepted; the roles of the data plane, Foundry User among them, cannot deploy, connect or change resources");
    match role {
        Some(role) => {
            let place = scope.filter(|scope| is_plain_scope(scope));
            let assignee = client.unwrap_or_else(|| "\"<object id of the caller>\"".to_owned());
            finding = match place {
                Some(scope) => finding.change(Change::role(
                    role,
                    format!("`{scope}`"),
                    paste::assign(role.id(), &assignee, scope),
                )),
                None => finding.change(assignment(facts, role)),
            };
        }
        None => {
            let action = action.unwrap_or_else(|| "the action that the answer names".to_owned());
            finding = finding.change(format!("assign a role whose `actions` hold `{action}`, on the resource or its group: the portal's \"Access control (IAM)\" lists the roles with their permissions"));
        }
    }
    found.push(
        finding
            .change("after an assignment: wait some minutes, and get a new token")
            .said()
            .source_is(SOURCE),
    );
}

fn is_plain_scope(scope: &str) -> bool {
    scope.starts_with("/subscriptions/")
        && scope
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/-._()".contains(&b))
        && !scope.contains(['(', ')'])
}

/// The narrowest role of the catalogue that holds an action.
fn for_action(action: &str) -> Option<&'static Role> {
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
        _ if has("microsoft.keyvault/vaults/") && !has("vaults/write") && !has("vaults/read") => {
            &roles::KEY_VAULT_ADMINISTRATOR
        }
        _ if has("blobservices/") && reads => &roles::STORAGE_BLOB_DATA_READER,
        _ if has("blobservices/") => &roles::STORAGE_BLOB_DATA_CONTRIBUTOR,
        _ if has("queueservices/") => &roles::STORAGE_QUEUE_DATA_CONTRIBUTOR,
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
fn for_call(facts: &Facts<'_>) -> Option<&'static Role> {
    if let Some(role) = action(facts).as_deref().and_then(for_action) {
        return Some(role);
    }
    if facts.path.contains("contentunderstanding") {
        return Some(&roles::COGNITIVE_SERVICES_USER);
    }
    if facts.says("assets/read") {
        return Some(&roles::FOUNDRY_USER);
    }
    let writes = facts.says_any(&[
        "put http",
        "post http",
        "delete http",
        "'send'",
        "upload",
        "create_blob",
        "put blob",
    ]) || facts.said.contains("PUT /");
    let kind = facts.endpoint().map(foundry_scopes::Endpoint::kind);
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
        "storage" if facts.host.contains(".queue.") => Some(&roles::STORAGE_QUEUE_DATA_CONTRIBUTOR),
        "storage" if writes => Some(&roles::STORAGE_BLOB_DATA_CONTRIBUTOR),
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

fn data_plane(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let told = data_plane_text(facts);
    let certainty = if told {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let kind = facts.endpoint().map(foundry_scopes::Endpoint::kind);
    let action = action(facts).filter(|_| told);
    let seen = match &action {
        Some(action) => format!("the caller lacks the data action `{action}`"),
        None if told => "the service names a missing permission of the caller".to_owned(),
        None => "audience and form of the token fit, and it is refused".to_owned(),
    };
    let which = for_call(facts);
    let azure_ai = facts.host.contains("openai")
        || facts.host.contains("cognitive")
        || facts.host.contains(".services.ai.")
        || facts.says("microsoft.cognitiveservices");
    let mut finding = Finding::new(Code::RoleMissing, certainty, seen).why(if azure_ai {
        "Owner, Contributor, Cognitive Services Contributor and Azure AI Developer hold no such data action; the portal may have used a key or assigned a role by itself"
    } else {
        "Owner and Contributor manage the resource and hold no data actions; the token itself was accepted"
    });
    finding = match which {
        Some(role) if role.kind() != foundry_scopes::catalogue::RoleKind::Azure => finding.change(cosmos(facts, role)),
        Some(role) => finding.change(assignment(facts, role)),
        None => finding.change(match &action {
            Some(action) => format!("assign a role whose `dataActions` hold `{action}`: the portal's \"Access control (IAM)\" lists the roles with their permissions"),
            None => "look in the service's documentation for the role or permission of the operation: the catalogue knows none for it".to_owned(),
        }),
    };
    if facts.says_any(&[
        "does not have secrets get permission",
        "does not have keys get permission",
    ]) {
        finding = finding.change("this vault uses access policies and no roles: add the permission to the caller's policy, or switch the vault to Azure roles");
    }
    found.push(if told { finding.said() } else { finding }.source_is(SOURCE));
    found.push(
        Finding::new(Code::RoleNotPropagated, Certainty::Possible, "a new assignment takes 5 to 10 minutes, a managed identity's group membership up to a day")
            .why("services and tokens keep what they knew of roles and groups for a while")
            .change("wait, then request a new token")
            .source_is(SOURCE),
    );
    if kind == Some(Kind::Search) {
        found.push(
            Finding::new(Code::SearchKeysOnly, Certainty::Possible, "a search service answers 403 to every token while it takes keys only")
                .change(Change::run("let it take both", "az search service update --name <service> --resource-group <group> --auth-options aadOrApiKey --aad-auth-failure-mode http401WithBearerChallenge"))
                .source_is(SOURCE),
        );
    }
    if matches!(kind, Some(Kind::FoundryApplication | Kind::FoundryAgent)) && facts.app_only() {
        found.push(
            Finding::new(
                Code::RoleNotCarriedOver,
                Certainty::Possible,
                "a published agent has an identity of its own",
            )
            .why("roles of the project's identity do not carry over to it")
            .change("assign the roles to the agent's identity")
            .source_is("Foundry doc \"Agent identity\""),
        );
    }
    if facts.path.contains("memory") {
        found.push(
            Finding::new(Code::ProjectIdentityRoleMissing, Certainty::Possible, "memory calls the model as the project's own identity")
                .why("the caller's roles do not count for what the project does by itself")
                .change("assign Foundry User, formerly Azure AI User, on the account to the project's managed identity")
                .source_is(SOURCE),
        );
    }
    principal(facts, found);
}

/// The principal of the answer, where it is another than the token's.
fn principal(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let named = named_principal(&facts.lower);
    let oid = facts.claims().and_then(entra_claims::Claims::oid);
    if let (Some(named), Some(oid)) = (named, oid)
        && !named.eq_ignore_ascii_case(oid)
    {
        found.push(
            Finding::new(
                Code::PrincipalDiffers,
                Certainty::Likely,
                "the principal in the answer is not the token's `oid`",
            )
            .why("another identity made the call, so a role for this one does not help")
            .change("assign the role to the principal that the answer names")
            .source_is(SOURCE),
        );
    }
}

/// A refusal of a container registry: the address is no endpoint for tokens, the role is.
pub(super) fn registry_refuses(facts: &Facts<'_>) -> bool {
    facts.host.ends_with(".azurecr.io") && matches!(facts.status(), Some(401 | 403))
}

fn named_principal(lower: &str) -> Option<&str> {
    let after = lower
        .split_once("the principal ")
        .map(|(_, rest)| rest.trim_start_matches(['`', '\'', '"']))?;
    after
        .get(..36)
        .filter(|id| foundry_scopes::ObjectId::parse(id).is_ok())
}

fn on_registry(role: &Role) -> Change {
    let scope = "$(az acr show --name <registry> --query id -o tsv)";
    Change::role(
        role,
        "the container registry".to_owned(),
        paste::assign(role.id(), "\"<object id>\"", scope),
    )
}

fn assignee(facts: &Facts<'_>) -> String {
    // An application's object id is no personal data; a user's stays out of the output.
    let oid = facts.claims().and_then(entra_claims::Claims::oid);
    match (oid, named_principal(&facts.lower)) {
        (Some(oid), _) if facts.app_only() => paste::word(oid, "object id"),
        (Some(_), _) => paste::SIGNED_IN_USER.to_owned(),
        (None, Some(named)) => paste::word(named, "object id"),
        (None, None) => "\"<object id of the caller>\"".to_owned(),
    }
}

fn assignment(facts: &Facts<'_>, role: &Role) -> Change {
    let (scope, place) = match (facts.endpoint(), facts.catalogued()) {
        (Some(endpoint), _) if endpoint.resource().is_some() => paste::place_of(endpoint),
        (_, Some(found)) => {
            let name = paste::word(facts.host.split('.').next().unwrap_or_default(), "resource");
            (
                format!("<ARM id of {name}>"),
                format!("the resource {name} ({})", found.names()),
            )
        }
        _ => (
            "<ARM id of the resource>".to_owned(),
            "the resource".to_owned(),
        ),
    };
    Change::role(
        role,
        place,
        paste::assign(role.id(), &assignee(facts), &scope),
    )
}

/// Cosmos DB's data roles are its own, with a command of their own.
fn cosmos(facts: &Facts<'_>, role: &Role) -> Change {
    let name = facts
        .endpoint()
        .and_then(foundry_scopes::Endpoint::resource)
        .unwrap_or_default();
    let name = paste::word(name, "account");
    let command = format!(
        "az cosmosdb sql role assignment create --account-name {name} --resource-group <group> --scope \"/\" --role-definition-id {} --principal-id {}",
        role.id(),
        assignee(facts)
    );
    Change::role(
        role,
        format!("the Cosmos DB account {name} (its own roles: not in \"Access control\")"),
        command,
    )
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
        Kind::Search => &roles::SEARCH_INDEX_DATA_READER,
        _ => return None,
    })
}
