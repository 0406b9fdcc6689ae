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
use crate::target::Catalogued;

use super::shared::registry_refuses;

mod choice;

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
            .change(on_registry(if pushes(facts) {
                &roles::ACR_PUSH
            } else {
                &roles::ACR_PULL
            }))
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
    if data_plane_text(facts) || fits_and_is_refused(facts) || refused_unseen(facts) {
        data_plane(facts, found);
    }
}

/// Whether the registry is asked to take something.
fn pushes(facts: &Facts<'_>) -> bool {
    facts.path.contains("/blobs/uploads")
        || facts.says_any(&[
            "docker push",
            "push access",
            "-x put",
            "put /",
            "action\":\"push",
            "azd deploy",
            "azd up",
        ])
        || facts.said.is_empty()
        || !facts.path.contains("/v2/")
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
        "forbiddenbyrbac",
        "does not have access to ingest data",
        "required rbac permissions",
        "aadapp=*is not authorized",
        "aaduser=*is not authorized",
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
    let known = facts.endpoint().is_some() || facts.catalogued().is_some();
    fits && !permission
        && !named
        && known
        && match facts.status() {
            Some(403) => true,
            // Azure AI says 401 where others say 403.
            Some(401) => azure_ai(facts),
            _ => false,
        }
        && !super::shared::permission_text(facts)
}

fn azure_ai(facts: &Facts<'_>) -> bool {
    facts.host.contains("openai")
        || facts.host.contains("cognitive")
        || facts.host.contains(".services.ai.")
        || facts.says("microsoft.cognitiveservices")
}

/// A 403 at a known resource, with no token given: services look at roles after the token.
fn refused_unseen(facts: &Facts<'_>) -> bool {
    let known = facts.endpoint().is_some() || facts.catalogued().is_some();
    let said = facts.says_any(&[
        "audience",
        "firewall",
        "public access",
        "signature",
        "expired",
        "tenant",
        "subscription key",
        "api key",
        "api-key",
    ]);
    known
        && !said
        && facts.status() == Some(403)
        && facts.token().is_none()
        && facts.audience().is_none()
        && facts.errors.is_empty()
        && !facts.is_kind(Kind::Graph)
        && !super::shared::permission_text(facts)
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
        Some(action) => choice::for_action(action),
        None if facts.says("connections/write") => Some(&roles::FOUNDRY_PROJECT_MANAGER),
        None if facts.says("deployments/write") => Some(&roles::COGNITIVE_SERVICES_CONTRIBUTOR),
        None => None,
    };
    let who = who(facts);
    let seen = match (&action, scope) {
        (Some(action), Some(scope)) => format!("{who} lacks `{action}` over `{scope}`"),
        (Some(action), None) => format!("{who} lacks `{action}`"),
        _ => "Azure Resource Manager refuses the action".to_owned(),
    };
    let mut finding = Finding::new(Code::ControlPlaneRoleMissing, Certainty::Certain, seen)
        .why(if facts.says("microsoft.cognitiveservices") || facts.says("microsoft.machinelearningservices") {
            "the token was accepted; the roles of the data plane, Foundry User among them, cannot deploy, connect or change resources"
        } else {
            "the token was accepted; the roles of the data plane cannot manage resources"
        });
    match role {
        Some(role) => {
            let place = scope.filter(|scope| is_plain_scope(scope));
            finding = check_first(
                finding,
                client
                    .clone()
                    .map(|id| (id, "the answer"))
                    .filter(|_| place.is_some()),
            );
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

fn data_plane(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let told = data_plane_text(facts);
    let certainty = if told {
        Certainty::Certain
    } else {
        // An empty refusal can be the tenant's or the network's as well.
        Certainty::Possible
    };
    let kind = facts.endpoint().map(foundry_scopes::Endpoint::kind);
    let action = action(facts).filter(|_| told);
    let seen = match &action {
        Some(action) => format!("{} lacks the data action `{action}`", who(facts)),
        None if told => format!("the service names a missing permission of {}", who(facts)),
        None if facts.token().is_none() => {
            "the service answers 403, and no token is given: after an audience that fits, this is a missing role".to_owned()
        }
        None => "audience and form of the token fit, and it is refused".to_owned(),
    };
    let which = choice::for_call(facts);
    let mut finding = Finding::new(Code::RoleMissing, certainty, seen).why(if azure_ai(facts) {
        "Owner, Contributor, Cognitive Services Contributor and Azure AI Developer hold no such data action; the portal may have used a key or assigned a role by itself"
    } else {
        "Owner and Contributor manage the resource and hold no data actions; the token itself was accepted"
    });
    if which.is_some() {
        finding = check_first(finding, unverified(facts));
    }
    finding = match which {
        Some(role) if role.kind() != foundry_scopes::catalogue::RoleKind::Azure => finding.change(cosmos(facts, role)),
        Some(role) => finding.change(assignment(facts, role)),
        None => finding.change(match &action {
            Some(action) => format!("assign a role whose `dataActions` hold `{action}`: the portal's \"Access control (IAM)\" lists the roles with their permissions"),
            None => facts.catalogued().and_then(Catalogued::access).map_or_else(
                || "look in the service's documentation for the role or permission of the operation: the catalogue knows none for it".to_owned(),
                |access| format!("look where access is given: {access}"),
            ),
        }),
    };
    if facts.says_any(&[
        "does not have secrets get permission",
        "does not have keys get permission",
    ]) {
        finding = finding.change("this vault uses access policies and no roles: add the permission to the caller's policy, or switch the vault to Azure roles");
    }
    found.push(
        if told {
            finding.said()
        } else {
            finding.at_place(0)
        }
        .source_is(SOURCE),
    );
    let elsewhere = facts.catalogued().and_then(Catalogued::access).is_some();
    if which.is_some() || told || !elsewhere {
        found.push(
        Finding::new(Code::RoleNotPropagated, Certainty::Possible, "a new assignment takes 5 to 10 minutes, a managed identity's group membership up to a day")
            .why("services and tokens keep what they knew of roles and groups for a while")
            .change("wait, then request a new token")
            .source_is(SOURCE),
        );
    }
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
    // The role of a command that the text shows went to somebody else.
    let given = facts
        .lower
        .split_once("--assignee")
        .and_then(|(_, rest)| scan::guid(crate::reading::cut(rest, 80)));
    if let (Some(named), Some(given)) = (named, &given)
        && !given.eq_ignore_ascii_case(named)
        && !scan::after(&facts.lower, "appid=").is_some_and(|rest| rest.starts_with(given.as_str()))
    {
        found.push(
            Finding::new(
                Code::PrincipalDiffers,
                Certainty::Certain,
                format!("the role was assigned to {given}, and {named} calls"),
            )
            .why("another identity makes the call, so a role for that one does not help")
            .change(match choice::for_call(facts) {
                Some(role) => format!("assign the role {} to {named}", role.name()),
                None => format!("assign the role to {named}"),
            })
            .said()
            .source_is(SOURCE),
        );
    }
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

/// The object id that a refusal names: a GUID right after one of these words.
fn named_principal(lower: &str) -> Option<&str> {
    [
        "principal",
        ";oid=",
        "oid=",
        "object id",
        "aadapp=",
        "aaduser=",
    ]
    .iter()
    .flat_map(|mark| lower.match_indices(mark))
    .find_map(|(at, mark)| {
        let rest = lower.get(at + mark.len()..)?;
        rest.trim_start_matches(|c: char| c.is_whitespace() || "`'\"[(:=".contains(c))
            .get(..36)
            .filter(|id| foundry_scopes::ObjectId::parse(id).is_ok())
    })
}

/// The caller, as a refusal names it.
fn who(facts: &Facts<'_>) -> String {
    match named_principal(&facts.lower) {
        Some(id) => format!("the caller {id}"),
        None => "the caller".to_owned(),
    }
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

/// The id that a command names, where a token or an answer gave it: whoever wrote that chose it.
fn unverified(facts: &Facts<'_>) -> Option<(String, &'static str)> {
    let oid = facts.claims().and_then(entra_claims::Claims::oid);
    let (id, from) = match (oid, named_principal(&facts.lower)) {
        (Some(oid), _) if facts.app_only() => (oid, "the token"),
        (Some(_), _) | (None, None) => return None,
        (None, Some(named)) => (named, "the answer"),
    };
    foundry_scopes::ObjectId::parse(id)
        .ok()
        .map(|id| (id.to_string(), from))
}

/// What stands before a command that gives an unverified id a role.
fn check_first(finding: Finding, named: Option<(String, &'static str)>) -> Finding {
    match named {
        Some((id, from)) => finding.change(Change::run(
            format!("check this id first: it stands in {from}, which was not verified; see whose it is"),
            format!("az rest --method get --url \"https://graph.microsoft.com/v1.0/directoryObjects/{id}\""),
        )),
        None => finding,
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
