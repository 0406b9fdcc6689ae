//! Classifies paths on known hosts: kind, base path and audience.

mod foundry;

use super::error::EndpointReason as Reason;
use super::hosts::Service;
use super::kind::{AgentProtocol, EndpointKind as Kind};
use super::note::Note;
use super::note::NoteCode;
use super::path::Path;
use crate::catalogue::{ARM, COGNITIVE_SERVICES, Resource};

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

/// The row of the catalogue that names the audience.
pub(super) enum Audience {
    /// The row itself.
    Resource(&'static Resource),
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

    fn advise(mut self, code: NoteCode, message: &'static str) -> Self {
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
pub(super) fn classify<'a>(service: Service, path: &mut Path<'a>) -> Result<Shape<'a>, Reason> {
    match service {
        Service::AzureOpenAi => account(Kind::AzureOpenAi, path),
        Service::CognitiveServices => account(Kind::CognitiveServices, path),
        Service::Foundry => foundry::account(path),
        Service::Whole(kind, resource) => Ok(whole(kind, resource, path)),
        Service::ResourceManager => resource_manager(path),
        Service::MachineLearningRegion => machine_learning_region(path),
        Service::Portal => Err(Reason::Portal),
        Service::Site => Err(if path.eat(&[".auth"]) {
            Reason::BrowserPage
        } else {
            Reason::CustomApi
        }),
        Service::Refused(refusal) => Err(refusal),
        // The caller asks again with the name that is meant.
        Service::PrivateLink(_) | Service::Misspelt(_) => Err(Reason::UnknownHost),
    }
}

/// An account on its classic host.
fn account<'a>(kind: Kind, path: &mut Path<'a>) -> Result<Shape<'a>, Reason> {
    if kind == Kind::CognitiveServices && path.eat(&["language", "mcp"]) {
        let audience = Audience::Resource(&COGNITIVE_SERVICES);
        return Ok(Shape::new(Kind::LanguageMcp, "/language/mcp", audience));
    }
    if let Some(shape) = openai(kind, path)? {
        return Ok(shape);
    }
    let shape = Shape::new(kind, "/", Audience::Resource(&COGNITIVE_SERVICES));
    // The classic host serves dozens of APIs, all under the same audience.
    let known = path.is_at_end() || kind == Kind::CognitiveServices;
    Ok(if known { shape } else { shape.undocumented() })
}

/// `/openai/...` of any account host.
fn openai<'a>(kind: Kind, path: &mut Path<'a>) -> Result<Option<Shape<'a>>, Reason> {
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
    let mut shape = Shape::new(kind, "/", Audience::Resource(&COGNITIVE_SERVICES));
    if kind == Kind::FoundryResource {
        shape = shape.advise(NoteCode::AudienceByPath, foundry::BY_PATH);
    }
    if path.eat(&["deployments"]) {
        shape.deployment = path.name()?;
    }
    shape.web_socket = path.eat(&["realtime"]);
    Ok(Some(shape))
}

fn whole<'a>(kind: Kind, resource: &'static Resource, path: &mut Path<'a>) -> Shape<'a> {
    let base = match kind {
        Kind::Graph if path.eat(&["v1.0"]) => "/v1.0",
        Kind::Graph if path.eat(&["beta"]) => "/beta",
        Kind::MachineLearning if path.eat(&["score"]) => "/score",
        Kind::Agent365 => return agent_365(resource, path),
        _ => "/",
    };
    let shape = Shape::new(kind, base, Audience::Resource(resource));
    if kind == Kind::Translator {
        return shape.advise(
            NoteCode::ExtraHeaders,
            "beside the token, requests to the global host need `Ocp-Apim-ResourceId` and `Ocp-Apim-Subscription-Region`",
        );
    }
    shape
}

/// `/agents/servers/<server>`
fn agent_365<'a>(resource: &'static Resource, path: &mut Path<'a>) -> Shape<'a> {
    let mut base = "/".to_owned();
    if path.eat(&["agents", "servers"])
        && let Ok(Some(server)) = path.name()
    {
        base = format!("/agents/servers/{server}");
    }
    Shape::new(Kind::Agent365, base, Audience::Resource(resource))
}

/// `<region>.api.azureml.ms`: agents of hub-based projects, and the regional API.
fn machine_learning_region<'a>(path: &mut Path<'a>) -> Result<Shape<'a>, Reason> {
    if path.eat(&["agent-oauth"]) {
        return Err(Reason::BrowserPage);
    }
    let control_plane = || Audience::Resource(&ARM);
    if !path.eat(&["agents", "v1.0"]) {
        let known = path.is_at_end() || path.eat(&["asset-gallery"]);
        let shape = Shape::new(Kind::MachineLearningRegion, "/", control_plane());
        return Ok(if known { shape } else { shape.undocumented() });
    }
    let mut base = "/agents/v1.0".to_owned();
    let mut project = None;
    if path.eat(&["subscriptions"]) {
        let subscription = path.name()?.ok_or(Reason::ResourceId)?;
        let group = path
            .eat(&["resourceGroups"])
            .then(|| path.skip())
            .flatten()
            .ok_or(Reason::ResourceId)?;
        if !path.eat(&[
            "providers",
            "Microsoft.MachineLearningServices",
            "workspaces",
        ]) {
            return Err(Reason::ResourceId);
        }
        let workspace = path.name()?.ok_or(Reason::ResourceId)?;
        project = Some(workspace);
        base = format!(
            "{base}/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
        );
    }
    let mut shape = Shape::new(Kind::HubProject, base, control_plane()).advise(
        NoteCode::RetiredForm,
        "hub-based projects belong to the retired SDKs: current ones take the project endpoint that the Foundry portal shows, which cannot be derived from this one",
    );
    shape.project = project;
    Ok(shape)
}

fn resource_manager<'a>(path: &mut Path<'a>) -> Result<Shape<'a>, Reason> {
    let mut shape = Shape::new(Kind::ResourceManager, "/", Audience::Resource(&ARM)).advise(
        NoteCode::ControlPlane,
        "this is the control plane: models and agents answer on the account's own host",
    );
    (shape.resource, shape.project) = account_in_resource_id(path)?;
    Ok(shape)
}

/// The account and the project in `/subscriptions/.../accounts/<account>/projects/<project>`.
pub(super) fn account_in_resource_id<'a>(
    path: &mut Path<'a>,
) -> Result<(Option<&'a str>, Option<&'a str>), Reason> {
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
