//! `McpRequest`: caller, message and elicitation support of the request that a handler serves.

mod digest;
mod state;

use ::rmcp::handler::server::common::FromContextPart;
use ::rmcp::handler::server::prompt::PromptContext;
use ::rmcp::handler::server::tool::ToolCallContext;
use ::rmcp::model::{
    CallToolRequestParams, GetPromptRequestParams, InputResponses, ReadResourceRequestParams,
};
use ::rmcp::service::RequestContext;
use ::rmcp::{ErrorData, RoleServer};
use http::request::Parts;

use super::caller;
use crate::caller::Caller;
use crate::mcp::{DeferredChallenge, MessageBytes, Revision, UrlElicitation};

pub(super) use state::{QUESTION, Reply, State};

/// The MCP request that a handler serves: its caller, its message, and how this client can
/// be asked for what is missing. [`StepUp`](super::StepUp) works on it.
///
/// MCP 2026-07-28 asks the user something by answering a request with "input required"; the
/// client asks, and sends the request again with the answers and the state that it was
/// given (Multi McpRequest-Trip Requests). Older revisions have no such answer.
///
/// A parameter of `#[tool]` functions. Elsewhere it is made from what the handler gets:
/// [`tool`](Self::tool), [`prompt`](Self::prompt), [`resource`](Self::resource),
/// [`other`](Self::other). It needs [`McpLayer`](crate::McpLayer) around the server: the
/// state is bound to the message that this layer read, and its slot takes the challenges.
#[derive(Clone, Debug)]
pub struct McpRequest {
    caller: Caller,
    slot: DeferredChallenge,
    url_elicitation: UrlElicitation,
    target: Target,
    state: Option<String>,
    responses: Option<InputResponses>,
}

/// What is asked for: a state that was made for one request opens for no other.
#[derive(Clone, Debug)]
struct Target {
    method: &'static str,
    name: String,
    message: MessageBytes,
}

impl McpRequest {
    /// From a tool call.
    ///
    /// # Errors
    ///
    /// As [`caller`](super::caller()), and without an [`McpLayer`](crate::McpLayer).
    pub fn tool(
        params: &CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Self, ErrorData> {
        let request = Self::new(context, "tools/call", &params.name)?;
        Ok(request.answered(params.request_state.clone(), params.input_responses.clone()))
    }

    /// From a prompt, in `get_prompt`.
    ///
    /// As a parameter of a `#[prompt]` function it can be taken as well, but `rmcp`
    /// does not pass the client's answers on to it: what is missing is then said in an
    /// error, also to clients that could be asked.
    ///
    /// # Errors
    ///
    /// As [`caller`](super::caller()), and without an [`McpLayer`](crate::McpLayer).
    pub fn prompt(
        params: &GetPromptRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Self, ErrorData> {
        let request = Self::new(context, "prompts/get", &params.name)?;
        Ok(request.answered(params.request_state.clone(), params.input_responses.clone()))
    }

    /// From a resource, in `read_resource`.
    ///
    /// # Errors
    ///
    /// As [`caller`](super::caller()), and without an [`McpLayer`](crate::McpLayer).
    pub fn resource(
        params: &ReadResourceRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Self, ErrorData> {
        let request = Self::new(context, "resources/read", &params.uri)?;
        Ok(request.answered(params.request_state.clone(), params.input_responses.clone()))
    }

    /// Any other request: its answer cannot be "input required" (MCP 2026-07-28, Multi
    /// McpRequest-Trip Requests: tools, prompts and resources only).
    ///
    /// # Errors
    ///
    /// As [`caller`](super::caller()), and without an [`McpLayer`](crate::McpLayer).
    pub fn other(context: &RequestContext<RoleServer>) -> Result<Self, ErrorData> {
        Ok(Self::new(context, "", "")?.in_one_round())
    }

    /// Who is calling.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    fn new(
        context: &RequestContext<RoleServer>,
        method: &'static str,
        name: &str,
    ) -> Result<Self, ErrorData> {
        let caller = caller(context)?;
        let parts = context.extensions.get::<Parts>();
        let extensions = parts.map(|parts| &parts.extensions);
        let slot = extensions.and_then(|all| all.get::<DeferredChallenge>().cloned());
        let message = extensions.and_then(|all| all.get::<MessageBytes>().cloned());
        let (Some(slot), Some(message)) = (slot, message) else {
            tracing::error!(
                target: "mcp_auth::rejection",
                "a handler takes a McpRequest, and there is no McpLayer around the server: use \
                 `McpLayer::new(auth)` instead of the AuthLayer alone"
            );
            return Err(ErrorData::internal_error(
                "this server is not set up correctly",
                None,
            ));
        };
        Ok(Self {
            caller,
            slot,
            url_elicitation: url_elicitation(context),
            target: Target {
                method,
                name: name.to_owned(),
                message,
            },
            state: None,
            responses: None,
        })
    }

    fn answered(mut self, state: Option<String>, responses: Option<InputResponses>) -> Self {
        self.state = state;
        self.responses = responses;
        self
    }

    fn in_one_round(mut self) -> Self {
        if self.url_elicitation == UrlElicitation::Result {
            self.url_elicitation = UrlElicitation::Unsupported;
        }
        self
    }

    pub(super) fn slot(&self) -> &DeferredChallenge {
        &self.slot
    }

    pub(super) fn url_elicitation(&self) -> UrlElicitation {
        self.url_elicitation
    }
}

/// An empty `elicitation` capability means forms only (MCP 2025-11-25, Elicitation).
fn url_elicitation(context: &RequestContext<RoleServer>) -> UrlElicitation {
    let capabilities = context.client_capabilities();
    let elicitation = capabilities.and_then(|all| all.elicitation);
    let urls = elicitation.is_some_and(|elicitation| elicitation.url.is_some());
    let version = context.protocol_version();
    let revision = version.and_then(|version| Revision::find(version.as_str()));
    match revision {
        Some(revision) if urls => revision.url_elicitation,
        _ => UrlElicitation::Unsupported,
    }
}

impl<S> FromContextPart<ToolCallContext<'_, S>> for McpRequest {
    fn from_context_part(context: &mut ToolCallContext<'_, S>) -> Result<Self, ErrorData> {
        let request = Self::new(&context.request_context, "tools/call", &context.name)?;
        Ok(request.answered(
            context.request_state.clone(),
            context.input_responses.clone(),
        ))
    }
}

impl<S> FromContextPart<PromptContext<'_, S>> for McpRequest {
    fn from_context_part(context: &mut PromptContext<'_, S>) -> Result<Self, ErrorData> {
        Ok(Self::new(&context.context, "prompts/get", &context.name)?.in_one_round())
    }
}
