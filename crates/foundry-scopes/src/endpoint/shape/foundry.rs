//! Classifies paths on the host of a Foundry account.

use super::{Audience, Shape, Version, openai};
use crate::catalogue::COGNITIVE_SERVICES;
use crate::endpoint::error::EndpointReason as Reason;
use crate::endpoint::kind::{AgentProtocol, EndpointKind as Kind};
use crate::endpoint::note::NoteCode;
use crate::endpoint::path::Path;

pub(super) const BY_PATH: &str = "this is the account: projects (`/api/projects/<project>`), `/openai/v1` and `/anthropic` take a token for Foundry instead";

const BY_BLUEPRINT: &str = "this agent may be authorized by its blueprint instead (`AgentBlueprint` in `authorization_schemes`): then the audience is the blueprint's, `api://<blueprint>`, which is not in the address";

const LEGACY: &str = "this is an Agent Application (legacy), with an identity of its own: it is replaced by the agent's own endpoint, `.../agents/<agent>/endpoint/protocols/...`, where roles are assigned anew";

/// `<resource>.services.ai.azure.*`
pub(super) fn account<'a>(path: &mut Path<'a>) -> Result<Shape<'a>, Reason> {
    let classic = || Audience::Resource(&COGNITIVE_SERVICES);
    if path.eat(&["api", "projects"]) {
        return project(path);
    }
    if let Some(shape) = openai(Kind::FoundryResource, path)? {
        return Ok(shape);
    }
    if path.eat(&["models"]) {
        return Ok(Shape::new(Kind::ModelInference, "/models", classic()));
    }
    if path.eat(&["anthropic"]) {
        return Ok(Shape::new(
            Kind::Anthropic,
            "/anthropic/",
            Audience::Foundry,
        ));
    }
    if path.eat(&["providers"]) {
        let mut base = "/providers".to_owned();
        while let Some(segment) = path.name()? {
            base.push('/');
            base.push_str(segment);
        }
        return Ok(Shape::new(Kind::ModelProvider, base, classic()));
    }
    let at_root = path.is_at_end() || path.eat(&["contentunderstanding"]);
    let shape = Shape::new(Kind::FoundryResource, "/", classic());
    Ok(if at_root {
        shape.advise(NoteCode::AudienceByPath, BY_PATH)
    } else {
        shape.undocumented()
    })
}

/// `/api/projects/<project>/...`
fn project<'a>(path: &mut Path<'a>) -> Result<Shape<'a>, Reason> {
    let project = path.name()?.ok_or(Reason::ProjectMissing)?;
    let base = ["/api/projects/", project].concat();
    let mut shape = if path.eat(&["agents"]) {
        agent(&base, path)?
    } else if path.eat(&["applications"]) {
        application(&base, path)?
    } else if path.eat(&["toolboxes"]) {
        toolbox(&base, path)?
    } else {
        elsewhere(base, path)
    };
    shape.project = Some(project);
    Ok(shape)
}

/// What a project offers beside agents, applications and toolboxes.
const OPERATIONS: &[&str] = &[
    "openai",
    "assistants",
    "threads",
    "runs",
    "files",
    "vector_stores",
    "memory_stores",
    "connections",
    "deployments",
    "datasets",
    "indexes",
    "evaluations",
    "evaluators",
    "insights",
    "routines",
    "schedules",
    "redTeams",
    "conversations",
    "responses",
];

fn elsewhere<'a>(base: String, path: &mut Path<'a>) -> Shape<'a> {
    if path.eat(&["openai", "v1"]) {
        let base = [base.as_str(), "/openai/v1"].concat();
        return Shape::new(Kind::ProjectOpenAi, base, Audience::Foundry).versions(Version::Refused);
    }
    let known = path.is_at_end() || OPERATIONS.iter().any(|operation| path.is_next(operation));
    let shape = Shape::new(Kind::FoundryProject, base, Audience::Foundry);
    if known { shape } else { shape.undocumented() }
}

fn agent<'a>(project: &str, path: &mut Path<'a>) -> Result<Shape<'a>, Reason> {
    let Some(agent) = path.name()? else {
        return Ok(Shape::new(Kind::FoundryProject, project, Audience::Foundry));
    };
    let base = [project, "/agents/", agent].concat();
    let mut shape = Shape::new(Kind::FoundryAgent, base, Audience::Foundry);
    shape.item = Some(agent);
    if path.eat(&["endpoint", "protocols"]) {
        speak(&mut shape, "endpoint/protocols", path)?;
    }
    Ok(match shape.protocol {
        Some(_) => shape.advise(NoteCode::BlueprintAudience, BY_BLUEPRINT),
        None => shape,
    })
}

fn application<'a>(project: &str, path: &mut Path<'a>) -> Result<Shape<'a>, Reason> {
    let Some(application) = path.name()? else {
        return Ok(Shape::new(Kind::FoundryProject, project, Audience::Foundry));
    };
    let base = [project, "/applications/", application].concat();
    let mut shape = Shape::new(Kind::FoundryApplication, base, Audience::Foundry);
    shape.item = Some(application);
    if path.eat(&["protocols"]) {
        speak(&mut shape, "protocols", path)?;
    }
    Ok(shape.advise(NoteCode::LegacyApplication, LEGACY))
}

/// The protocol after `.../protocols`.
fn speak(shape: &mut Shape<'_>, at: &str, path: &mut Path<'_>) -> Result<(), Reason> {
    let protocols = [
        ("openai", AgentProtocol::Responses),
        ("invocations", AgentProtocol::Invocations),
        ("invocations_ws", AgentProtocol::InvocationsWebSocket),
        ("a2a", AgentProtocol::AgentToAgent),
        ("mcp", AgentProtocol::Mcp),
    ];
    if path.eat(&["activityprotocol"]) {
        return Err(Reason::BotChannel);
    }
    for (segment, protocol) in protocols {
        if path.eat(&[segment]) {
            shape.base = [shape.base.as_str(), "/", at, "/", segment].concat();
            shape.protocol = Some(protocol);
            shape.web_socket = protocol == AgentProtocol::InvocationsWebSocket;
            if shape.web_socket {
                shape.version = Version::Required;
            }
            return Ok(());
        }
    }
    shape.documented = path.is_at_end();
    Ok(())
}

fn toolbox<'a>(project: &str, path: &mut Path<'a>) -> Result<Shape<'a>, Reason> {
    let Some(toolbox) = path.name()? else {
        return Ok(Shape::new(Kind::FoundryProject, project, Audience::Foundry));
    };
    let mut base = [project, "/toolboxes/", toolbox].concat();
    if path.eat(&["versions"])
        && let Some(version) = path.name()?
    {
        base.push_str("/versions/");
        base.push_str(version);
    }
    if path.eat(&["mcp"]) {
        base.push_str("/mcp");
    }
    let mut shape =
        Shape::new(Kind::FoundryToolbox, base, Audience::Foundry).versions(Version::Required);
    shape.item = Some(toolbox);
    Ok(shape)
}
