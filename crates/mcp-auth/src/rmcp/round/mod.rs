//! One round of an MCP request: caller, message, and what the client can elicit.

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
use crate::mcp::{ChallengeSlot, MessageBytes, Revision, UrlElicitation};

pub(super) use state::{QUESTION, Reply, State};

/// One round of a request: who is calling, what is asked for, and what this client
/// understands when something is missing. [`StepUp`](super::StepUp) works on it.
///
/// MCP 2026-07-28 asks the user something by answering a request with "input required"; the
/// client asks, and sends the request again with the answers and the state that it was
/// given (Multi Round-Trip Requests). Older revisions have one round only.
///
/// A parameter of `#[tool]` functions. Elsewhere it is made from what the handler gets:
/// [`tool`](Self::tool), [`prompt`](Self::prompt), [`resource`](Self::resource),
/// [`other`](Self::other). It needs [`McpLayer`](crate::McpLayer) around the server: the
/// state is bound to the message that this layer read, and its slot takes the challenges.
#[derive(Clone, Debug)]
pub struct Round {
    caller: Caller,
    slot: ChallengeSlot,
    url_elicitation: UrlElicitation,
    request: Request,
    state: Option<String>,
    responses: Option<InputResponses>,
}

/// What is asked for: a state that was made for one request opens for no other.
#[derive(Clone, Debug)]
struct Request {
    method: &'static str,
    name: String,
    message: MessageBytes,
}

impl Round {
    /// The round of a tool call.
    ///
    /// # Errors
    ///
    /// As [`caller`](super::caller()), and without an [`McpLayer`](crate::McpLayer).
    pub fn tool(
        params: &CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Self, ErrorData> {
        let round = Self::new(context, "tools/call", &params.name)?;
        Ok(round.answered(params.request_state.clone(), params.input_responses.clone()))
    }

    /// The round of a prompt, in `get_prompt`.
    ///
    /// As a parameter of a `#[prompt]` function a round can be taken as well, but `rmcp`
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
        let round = Self::new(context, "prompts/get", &params.name)?;
        Ok(round.answered(params.request_state.clone(), params.input_responses.clone()))
    }

    /// The round of a resource, in `read_resource`.
    ///
    /// # Errors
    ///
    /// As [`caller`](super::caller()), and without an [`McpLayer`](crate::McpLayer).
    pub fn resource(
        params: &ReadResourceRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Self, ErrorData> {
        let round = Self::new(context, "resources/read", &params.uri)?;
        Ok(round.answered(params.request_state.clone(), params.input_responses.clone()))
    }

    /// Any other request: its answer cannot be "input required" (MCP 2026-07-28, Multi
    /// Round-Trip Requests: tools, prompts and resources only).
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
        let slot = extensions.and_then(|all| all.get::<ChallengeSlot>().cloned());
        let message = extensions.and_then(|all| all.get::<MessageBytes>().cloned());
        let (Some(slot), Some(message)) = (slot, message) else {
            tracing::error!(
                target: "mcp_auth::rejection",
                "a handler takes a Round, and there is no McpLayer around the server: use \
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
            request: Request {
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

    pub(super) fn slot(&self) -> &ChallengeSlot {
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

impl<S> FromContextPart<ToolCallContext<'_, S>> for Round {
    fn from_context_part(context: &mut ToolCallContext<'_, S>) -> Result<Self, ErrorData> {
        let round = Self::new(&context.request_context, "tools/call", &context.name)?;
        Ok(round.answered(
            context.request_state.clone(),
            context.input_responses.clone(),
        ))
    }
}

impl<S> FromContextPart<PromptContext<'_, S>> for Round {
    fn from_context_part(context: &mut PromptContext<'_, S>) -> Result<Self, ErrorData> {
        Ok(Self::new(&context.context, "prompts/get", &context.name)?.in_one_round())
    }
}
