//! Rules on the endpoint: refused hosts, near misses, paths and `api-version`.

use foundry_scopes::catalogue::AZURE_AI;
use foundry_scopes::{EndpointKind as Kind, EndpointReason as Reason};

use crate::diagnosis::accept;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};

/// An address that no token may be sent to.
pub(super) fn refused(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let Some(error) = facts.refusal() else { return };
    // A registry that refused a role is told as that.
    if super::shared::registry_refuses(facts) {
        return;
    }
    let speech = facts.host.ends_with(".stt.speech.microsoft.com")
        || facts.host.ends_with(".tts.speech.microsoft.com");
    if speech {
        found.push(
            Finding::new(
                Code::SpeechCompositeToken,
                Certainty::Certain,
                "the host is Speech's, which reads no plain bearer token",
            )
            .why("the regional host serves all resources, and the token does not say which one is meant")
            .change("send `aad#<ARM id of the resource>#<token>`, or use a custom subdomain")
            .source_is("Speech SDK issues 2692 and 3014"),
        );
        return;
    }
    let code = match error.reason() {
        Reason::KeyOnlyRegion | Reason::AudienceUnknown => Code::EndpointKeyOnly,
        Reason::Portal => Code::EndpointPortal,
        Reason::BrowserPage => Code::EndpointBrowserPage,
        Reason::MisspeltHost => Code::EndpointMisspelt,
        Reason::ConnectionString => Code::EndpointConnectionString,
        Reason::OtherCloud(_) => Code::EndpointOtherCloud,
        Reason::Retired => Code::EndpointRetired,
        _ => Code::EndpointRefused,
    };
    // What Entra ID or a service said is nearer to the cause than an address that is not
    // understood.
    let unknown = matches!(error.reason(), Reason::UnknownHost);
    // What a published agent's channel calls, and not the person who asks.
    let channel = facts.path.contains("activityprotocol");
    let certainty = if unknown && facts.is_refused() || channel {
        Certainty::Possible
    } else {
        Certainty::Certain
    };
    let text = if unknown && crate::target::is_microsofts(&facts.host) {
        format!(
            "`{}` is one of Microsoft's hosts, and its audience is not in the catalogue",
            facts.host
        )
    } else {
        error.reason().to_string()
    };
    let mut finding =
        Finding::new(code, certainty, text).source_is("the table of hosts in foundry-scopes");
    if let Some(url) = error.suggestion() {
        finding = finding.change(Change::endpoint(url));
    }
    found.push(finding);
}

/// A path that is nearly one that is known, and the corrected text of an address.
pub(super) fn near_miss(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if let Some((seen, url)) = crate::target::near_miss(&facts.host, &facts.path) {
        let certainty = if matches!(facts.status(), Some(401 | 403)) {
            Certainty::Likely
        } else {
            Certainty::Certain
        };
        found.push(
            Finding::new(Code::PathNearMiss, certainty, seen)
                .change(Change::endpoint(url))
                .source_is("the table of paths in foundry-scopes"),
        );
    }
}

/// Paths and queries that end in 400 and 404.
pub(super) fn path(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let gone = facts.status() == Some(404);
    let certainty = if gone {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    let mut add = |code, certainty, text: &str, change: Change| {
        found.push(
            Finding::new(code, certainty, text)
                .change(change)
                .source_is("openai-python, azure-ai-inference and azd sources"),
        );
    };
    let path = facts.path.as_str();
    let Some(endpoint) = facts.endpoint() else {
        return;
    };
    let origin = endpoint.origin();
    let v1 = path.contains("/openai/v1");
    let doubled = [
        "/openai/",
        "/deployments/",
        "/api/projects/",
        "/v1/",
        "/models/",
    ]
    .iter()
    .find(|segment| {
        path.matches(*segment).count() > 1
            || path.contains(&format!("{segment}{}", segment.trim_start_matches('/')))
    });
    if let Some(segment) = doubled {
        add(
            Code::PathDoubled,
            Certainty::Certain,
            &format!(
                "the path has `{}` twice: the endpoint holds it, and the client adds it again",
                segment.trim_end_matches('/')
            ),
            Change::endpoint(origin.clone()),
        );
        return;
    }
    if v1 && path.contains("api-version=") {
        add(
            Code::ApiVersionOnV1,
            Certainty::Certain,
            "`api-version` is given to the v1 API",
            "leave `api-version` out: use `OpenAI(base_url=...)` and not `AzureOpenAI`".into(),
        );
    }
    let needs_version = path.contains("/toolboxes/") || path.contains("invocations_ws");
    if needs_version && !path.contains("api-version=") {
        add(
            Code::ApiVersionMissing,
            Certainty::Likely,
            "there is no `api-version` in the query",
            "append `?api-version=v1`".into(),
        );
    }
    if path.contains("/api/projects/") && path.contains("/anthropic") {
        add(
            Code::AnthropicInProject,
            Certainty::Certain,
            "`/anthropic` stands below a project",
            Change::endpoint(format!("{origin}/anthropic/")),
        );
    }
    if gone && v1 && !path.contains("/api/projects/") {
        add(Code::V1BaseInAzureClient, certainty, "the v1 address answers 404", format!("give `{origin}` as `azure_endpoint`, or `{origin}/openai/v1/` as `base_url` of the plain OpenAI client").into());
    } else if gone && for_projects(facts) && path.starts_with("/openai/deployments") {
        add(Code::ProjectPathMissing, certainty, "the audience is a project's, and the project is not in the path: older clients cut it off", format!("upgrade azure-ai-projects to 2.x, or give `{origin}/api/projects/<project>/openai/v1` to the plain OpenAI client").into());
    } else if let Some(name) = deployment(path).filter(|_| gone && !is_setting(facts)) {
        add(
            Code::DeploymentNotFound,
            certainty,
            &format!("`{name}` is no deployment of this resource, or the operation or `api-version` does not exist for it"),
            "give the name of the deployment and not of the model, and look at the resource's deployments: `az cognitiveservices account deployment list`".into(),
        );
    } else if gone && endpoint.kind() == Kind::AzureOpenAi && path.starts_with("/openai") {
        add(
            Code::PathDoubled,
            certainty,
            "the endpoint already has the path `/openai`, which the client adds again",
            Change::endpoint(origin.clone()),
        );
    }
    let bare = path
        .split('?')
        .next()
        .is_some_and(|path| path.trim_matches('/').is_empty());
    if gone && bare && endpoint.kind() == Kind::FoundryResource {
        add(
            Code::ModelsPathMissing,
            certainty,
            "the account is given without a path",
            Change::endpoint(format!("{origin}/models")),
        );
        add(
            Code::ProjectPathMissing,
            Certainty::Possible,
            "the project is not in the path",
            Change::endpoint(format!("{origin}/api/projects/<project>")),
        );
    }
    if gone && endpoint.kind() == Kind::FoundryProject && path.contains("api-version=") && !v1 {
        add(
            Code::OpenAiPathMissing,
            Certainty::Possible,
            "the project's root is used with an `api-version`",
            "use `/openai/v1` of the project, without `api-version`".into(),
        );
    }
    if path.contains("/agentcard") && facts.status() == Some(401) {
        add(Code::AgentCardAnonymous, Certainty::Likely, "the agent card answers 401", "set `send_credentials_for_agent_card` to true: by default the card is fetched without a token".into());
    }
    if endpoint.kind() == Kind::Search
        && path.contains("/mcp")
        && matches!(facts.status(), Some(401 | 405))
    {
        add(
            Code::SearchMcpPath,
            Certainty::Possible,
            "the knowledge base's MCP address is refused",
            "check the path (405) and the header `api-key` (401)".into(),
        );
    }
}

/// The address is the setting of a client, which adds the path by itself.
fn is_setting(facts: &Facts<'_>) -> bool {
    facts.says_any(&[
        "azure_endpoint=",
        "azure_endpoint =",
        "azure_openai_endpoint",
        "azureopenaiclient(new uri(",
        "base_url=",
        "endpoint:",
    ])
}

/// The deployment of a request's whole path, `/openai/deployments/<name>/<operation>`.
fn deployment(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/openai/deployments/")?;
    let (name, operation) = rest.split('?').next()?.split_once('/')?;
    (!name.is_empty() && !operation.is_empty()).then_some(name)
}

/// An account with projects is called with the audience of projects.
fn for_projects(facts: &Facts<'_>) -> bool {
    let of_projects = |aud: &str| accept::resources(aud).contains(&&AZURE_AI);
    facts.host.contains(".services.ai.azure.")
        && facts.audience().is_some_and(|(aud, _)| of_projects(&aud))
}

/// The MCP endpoint of the Functions host, in front of which stands a key of its own.
pub(super) fn functions_mcp(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let host = facts.host.ends_with(".azurewebsites.net");
    if host
        && facts.path.starts_with("/runtime/webhooks/mcp")
        && facts.status() == Some(401)
        && facts.site().is_none()
    {
        let certainty = if facts.token().is_some() {
            Certainty::Possible
        } else {
            Certainty::Likely
        };
        found.push(
            Finding::new(Code::FunctionKeyMissing, certainty, "the MCP endpoint of the Functions host answers 401")
                .why("the host wants its system key there, and version 1.0.0 of the extension also where `webhookAuthorizationLevel` is Anonymous")
                .change("send the system key `mcp_extension` in `x-functions-key`, or upgrade the extension and set `webhookAuthorizationLevel` to Anonymous")
                .source_is("Functions doc \"MCP bindings\"; azure-functions-mcp-extension issue 138"),
        );
    }
}
