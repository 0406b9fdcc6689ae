//! What a path on a known host means.

use super::hosts::{self, Service};
use super::note::Note;
use super::path::Path;
use super::refusal::EndpointRefusal as Refusal;
use super::{AgentProtocol, EndpointKind as Kind, NoteCode};
use crate::catalogue::Resource;

/// The meaning of a path, before it becomes an endpoint.
pub(super) struct Shape<'a> {
    pub(super) kind: Kind,
    /// The part of the path that stays.
    pub(super) base: String,
    pub(super) audience: Audience,
    /// `api-version`, as this API wants it.
    pub(super) version: Version,
    /// Whether a `wss` address may be meant.
    pub(super) web_socket: bool,
    /// Whether what is cut off is documented.
    pub(super) documented: bool,
    pub(super) resource: Option<&'a str>,
    pub(super) project: Option<&'a str>,
    pub(super) item: Option<&'a str>,
    pub(super) protocol: Option<AgentProtocol>,
    pub(super) deployment: Option<&'a str>,
    pub(super) advice: Vec<Note>,
}

/// Which row of the catalogue a token is for.
pub(super) enum Audience {
    /// The row itself.
    Of(&'static Resource),
    /// Foundry's where the cloud has one, else the classic one: `/openai/v1`.
    V1,
    /// Foundry's.
    Foundry,
}

/// What an API does with `api-version`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Taken,
    Refused,
    Required,
}

impl<'a> Shape<'a> {
    fn new(kind: Kind, base: impl Into<String>, audience: Audience) -> Self {
        Self {
            kind,
            base: base.into(),
            audience,
            version: Version::Taken,
            web_socket: false,
            documented: true,
            resource: None,
            project: None,
            item: None,
            protocol: None,
            deployment: None,
            advice: Vec::new(),
        }
    }

    fn advise(mut self, code: NoteCode, message: &str) -> Self {
        self.advice.push(Note::new(code, message));
        self
    }

    fn undocumented(mut self) -> Self {
        self.documented = false;
        self
    }

    fn versions(mut self, version: Version) -> Self {
        self.version = version;
        self
    }
}

/// Reads the path of a host of `service`.
pub(super) fn of<'a>(service: Service, path: &mut Path<'a>) -> Result<Shape<'a>, Refusal> {
    match service {
        Service::AzureOpenAi => account(Kind::AzureOpenAi, path),
        Service::CognitiveServices => account(Kind::CognitiveServices, path),
        Service::Foundry => foundry(path),
        Service::Whole(kind, resource) => Ok(whole(kind, resource, path)),
        Service::ResourceManager => resource_manager(path),
        Service::Refused(refusal) => Err(refusal),
        // The caller asks again with the public name.
        Service::PrivateLink(_) => Err(Refusal::UnknownHost),
    }
}

/// An account on its classic host.
fn account<'a>(kind: Kind, path: &mut Path<'a>) -> Result<Shape<'a>, Refusal> {
    if path.eat(&["api", "projects"]) {
        return Err(Refusal::ProjectHost);
    }
    if kind == Kind::CognitiveServices && path.eat(&["language", "mcp"]) {
        let audience = Audience::Of(hosts::CLASSIC);
        return Ok(Shape::new(Kind::LanguageMcp, "/language/mcp", audience));
    }
    if let Some(shape) = openai(kind, path)? {
        return Ok(shape);
    }
    let shape = Shape::new(kind, "/", Audience::Of(hosts::CLASSIC));
    // The classic host serves dozens of APIs, all under the same audience.
    let known = path.is_at_end() || kind == Kind::CognitiveServices;
    Ok(if known { shape } else { shape.undocumented() })
}

/// `/openai/...` of any account host.
fn openai<'a>(kind: Kind, path: &mut Path<'a>) -> Result<Option<Shape<'a>>, Refusal> {
    if path.eat(&["openai", "v1"]) {
        let mut shape = Shape::new(Kind::OpenAiV1, "/openai/v1/", Audience::V1)
            .versions(Version::Refused)
            .advise(
                NoteCode::AudienceDisputed,
                "the documented audience of the v1 API is Foundry's; shipped clients also use the one of Cognitive Services here",
            );
        shape.web_socket = path.eat(&["realtime"]);
        return Ok(Some(shape));
    }
    if !path.eat(&["openai"]) {
        return Ok(None);
    }
    let mut shape = Shape::new(kind, "/", Audience::Of(hosts::CLASSIC));
    if path.eat(&["deployments"]) {
        shape.deployment = path.name()?;
    }
    shape.web_socket = path.eat(&["realtime"]);
    Ok(Some(shape))
}

/// `<resource>.services.ai.azure.*`
fn foundry<'a>(path: &mut Path<'a>) -> Result<Shape<'a>, Refusal> {
    let classic = || Audience::Of(hosts::CLASSIC);
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
    let at_root = path.is_at_end();
    let shape = Shape::new(Kind::FoundryResource, "/", classic());
    Ok(if at_root {
        shape.advise(
            NoteCode::AudienceByPath,
            "this is the account: projects (`/api/projects/<project>`), `/openai/v1` and `/anthropic` take a token for Foundry instead",
        )
    } else {
        shape.undocumented()
    })
}

/// `/api/projects/<project>/...`
fn project<'a>(path: &mut Path<'a>) -> Result<Shape<'a>, Refusal> {
    let project = path.name()?.ok_or(Refusal::ProjectMissing)?;
    let base = format!("/api/projects/{project}");
    let mut shape = if path.eat(&["agents"]) {
        agent(&base, path)?
    } else if path.eat(&["applications"]) {
        application(&base, path)?
    } else if path.eat(&["toolboxes"]) {
        toolbox(&base, path)?
    } else {
        let shape = Shape::new(Kind::FoundryProject, base, Audience::Foundry);
        if path.eat(&["openai", "v1"]) {
            shape.versions(Version::Refused)
        } else {
            shape
        }
    };
    shape.project = Some(project);
    Ok(shape)
}

fn agent<'a>(project: &str, path: &mut Path<'a>) -> Result<Shape<'a>, Refusal> {
    let Some(agent) = path.name()? else {
        return Ok(Shape::new(Kind::FoundryProject, project, Audience::Foundry));
    };
    let base = format!("{project}/agents/{agent}");
    let mut shape = Shape::new(Kind::FoundryAgent, base, Audience::Foundry);
    shape.item = Some(agent);
    if path.eat(&["endpoint", "protocols"]) {
        speak(&mut shape, "endpoint/protocols", path)?;
    }
    Ok(shape)
}

fn application<'a>(project: &str, path: &mut Path<'a>) -> Result<Shape<'a>, Refusal> {
    let Some(application) = path.name()? else {
        return Ok(Shape::new(Kind::FoundryProject, project, Audience::Foundry));
    };
    let base = format!("{project}/applications/{application}");
    let mut shape = Shape::new(Kind::FoundryApplication, base, Audience::Foundry);
    shape.item = Some(application);
    if path.eat(&["protocols"]) {
        speak(&mut shape, "protocols", path)?;
    }
    Ok(shape)
}

/// The protocol after `.../protocols`.
fn speak(shape: &mut Shape<'_>, at: &str, path: &mut Path<'_>) -> Result<(), Refusal> {
    let protocols = [
        ("openai", AgentProtocol::Responses),
        ("invocations", AgentProtocol::Invocations),
        ("invocations_ws", AgentProtocol::InvocationsWebSocket),
        ("a2a", AgentProtocol::AgentToAgent),
    ];
    if path.eat(&["activityprotocol"]) {
        return Err(Refusal::BotChannel);
    }
    for (segment, protocol) in protocols {
        if path.eat(&[segment]) {
            shape.base = format!("{}/{at}/{segment}", shape.base);
            shape.protocol = Some(protocol);
            shape.web_socket = protocol == AgentProtocol::InvocationsWebSocket;
            return Ok(());
        }
    }
    shape.documented = path.is_at_end();
    Ok(())
}

fn toolbox<'a>(project: &str, path: &mut Path<'a>) -> Result<Shape<'a>, Refusal> {
    let Some(toolbox) = path.name()? else {
        return Ok(Shape::new(Kind::FoundryProject, project, Audience::Foundry));
    };
    let mut base = format!("{project}/toolboxes/{toolbox}");
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

fn whole<'a>(kind: Kind, resource: &'static Resource, path: &mut Path<'a>) -> Shape<'a> {
    let base = match kind {
        Kind::Graph if path.eat(&["v1.0"]) => "/v1.0",
        Kind::Graph if path.eat(&["beta"]) => "/beta",
        Kind::MachineLearning if path.eat(&["score"]) => "/score",
        _ => "/",
    };
    Shape::new(kind, base, Audience::Of(resource))
}

fn resource_manager<'a>(path: &mut Path<'a>) -> Result<Shape<'a>, Refusal> {
    let mut shape = Shape::new(
        Kind::ResourceManager,
        "/",
        Audience::Of(hosts::CONTROL_PLANE),
    )
    .advise(
        NoteCode::ControlPlane,
        "this is the control plane: models and agents answer on the account's own host",
    );
    (shape.resource, shape.project) = account_in_resource_id(path)?;
    Ok(shape)
}

/// The account and the project in `/subscriptions/.../accounts/<account>/projects/<project>`.
pub(super) fn account_in_resource_id<'a>(
    path: &mut Path<'a>,
) -> Result<(Option<&'a str>, Option<&'a str>), Refusal> {
    if !path.eat(&["subscriptions"]) || path.name()?.is_none() {
        return Ok((None, None));
    }
    if !path.eat(&["resourceGroups"]) || path.skip().is_none() {
        return Ok((None, None));
    }
    if !path.eat(&["providers", "Microsoft.CognitiveServices", "accounts"]) {
        return Ok((None, None));
    }
    let account = path.name()?;
    let project = if path.eat(&["projects"]) {
        path.name()?
    } else {
        None
    };
    Ok((account, project))
}
