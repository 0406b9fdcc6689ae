//! Roles: the data plane says 401 where others say 403.

use foundry_scopes::EndpointKind as Kind;
use foundry_scopes::catalogue::{Role, roles};

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::{Facts, Verdict};
use crate::diagnosis::paste;
use crate::finding::{Certainty, Finding};

const SOURCE: &str = "Foundry doc \"Role-based access control\" and the services' answers";

pub(super) fn role(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if facts.says("useridentityimpersonation") {
        found.push(
            Finding::new(Code::ImpersonationRoleMissing, Certainty::Certain, "`x-ms-user-identity` needs a data action of its own")
                .why("none of the built-in roles for callers holds it")
                .change("make a custom role with `Microsoft.CognitiveServices/accounts/AIServices/agents/endpoints/UserIdentityImpersonation/action` and assign it on the agent")
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
    if facts.says("authorizationfailed") {
        let role = if facts.says("connections/write") {
            &roles::FOUNDRY_PROJECT_MANAGER
        } else {
            &roles::COGNITIVE_SERVICES_CONTRIBUTOR
        };
        found.push(
            Finding::new(
                Code::ControlPlaneRoleMissing,
                Certainty::Certain,
                "Azure Resource Manager refuses the action",
            )
            .why("the roles of the data plane, Foundry User among them, cannot deploy or connect")
            .change(assignment(facts, role))
            .source_is(SOURCE),
        );
        return;
    }
    let told = facts.says("lacks the required data action")
        || facts.says("permissiondenied*principal does not have access")
        || facts.says("principal does not have access to api/operation")
        || facts.says("assets/read")
        || facts.says("applications/invoke/action");
    let fits = facts.verdict() == Some(Verdict::Accepted) && facts.token().is_some();
    let refused = matches!(facts.status(), Some(401 | 403));
    if !(told || fits && refused) {
        return;
    }
    let kind = facts.endpoint.as_ref().map(foundry_scopes::Endpoint::kind);
    let which = if facts.says("aiservices/agents/") {
        &roles::FOUNDRY_USER
    } else if facts.says("applications/invoke") {
        &roles::FOUNDRY_AGENT_CONSUMER
    } else if facts.says("/openai/") && facts.says("data action") {
        &roles::COGNITIVE_SERVICES_OPENAI_USER
    } else if facts.path.contains("contentunderstanding") {
        &roles::COGNITIVE_SERVICES_USER
    } else {
        kind.and_then(for_kind).unwrap_or(&roles::FOUNDRY_USER)
    };
    let certainty = if told {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let seen = if told {
        "the service names a missing data action"
    } else {
        "audience and form of the token fit, and it is refused"
    };
    found.push(
        Finding::new(Code::RoleMissing, certainty, seen)
            .why("Owner, Contributor, Cognitive Services Contributor and Azure AI Developer hold no such data action; the portal may have used a key or assigned a role by itself")
            .change(assignment(facts, which))
            .source_is(SOURCE),
    );
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
            Finding::new(
                Code::ProjectIdentityRoleMissing,
                Certainty::Possible,
                "memory calls the model as the project's own identity",
            )
            .why("the caller's roles do not count for what the project does by itself")
            .change("assign Foundry User on the account to the project's managed identity")
            .source_is(SOURCE),
        );
    }
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
        .map(|(_, rest)| rest.trim_start_matches('`'))?;
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

fn assignment(facts: &Facts<'_>, role: &Role) -> Change {
    let (scope, place) = match &facts.endpoint {
        Some(endpoint) if endpoint.resource().is_some() => paste::place_of(endpoint),
        _ => (
            "<ARM id of the resource>".to_owned(),
            "the resource".to_owned(),
        ),
    };
    // An application's object id is nobody's personal data; a user's stays out of the output.
    let oid = facts.claims().and_then(entra_claims::Claims::oid);
    let assignee = match oid {
        Some(oid) if facts.app_only() => paste::word(oid, "object id"),
        Some(_) => paste::SIGNED_IN_USER.to_owned(),
        None => "\"<object id>\"".to_owned(),
    };
    Change::role(role, place, paste::assign(role.id(), &assignee, &scope))
}

/// The role with the least rights that opens an endpoint of this kind.
fn for_kind(kind: Kind) -> Option<&'static Role> {
    Some(match kind {
        Kind::AzureOpenAi | Kind::OpenAiV1 => &roles::COGNITIVE_SERVICES_OPENAI_USER,
        Kind::CognitiveServices
        | Kind::LanguageMcp
        | Kind::ModelInference
        | Kind::ModelProvider => &roles::COGNITIVE_SERVICES_USER,
        Kind::FoundryAgent | Kind::FoundryApplication => &roles::FOUNDRY_AGENT_CONSUMER,
        Kind::FoundryProject | Kind::FoundryToolbox | Kind::FoundryResource | Kind::Anthropic => {
            &roles::FOUNDRY_USER
        }
        Kind::Search => &roles::SEARCH_INDEX_DATA_READER,
        _ => return None,
    })
}
