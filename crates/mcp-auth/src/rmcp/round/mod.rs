//! One round of a request: who asks for what, and what the client can be asked.

mod digest;
mod state;

use std::fmt;

use ::rmcp::handler::server::common::FromContextPart;
use ::rmcp::handler::server::prompt::PromptContext;
use ::rmcp::handler::server::tool::ToolCallContext;
use ::rmcp::model::{
    CallToolRequestParams, GetPromptRequestParams, InputResponses, JsonObject, ProtocolVersion,
    ReadResourceRequestParams,
};
use ::rmcp::service::RequestContext;
use ::rmcp::{ErrorData, RoleServer};
use bytes::Bytes;
use http::request::Parts;

use super::caller;
use crate::mcp::MessageBytes;
use crate::{Caller, ChallengeSlot};

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
/// [`other`](Self::other). The state is bound to the arguments of the call: those of the
/// message that [`McpLayer`](crate::McpLayer) read. Without that layer the parameter has to
/// stand in front of `Parameters`, which takes the arguments away.
#[derive(Clone, Debug)]
pub struct Round {
    caller: Caller,
    slot: Option<ChallengeSlot>,
    elicits: Elicits,
    request: Request,
    state: Option<String>,
    responses: Option<InputResponses>,
}

/// How a user can be sent to a page through this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elicits {
    /// By an "input required" result (2026-07-28).
    Result,
    /// By the error -32042 (2025-11-25).
    Error,
    /// Not at all: the link goes into a text.
    No,
}

/// What is asked for: a state that was made for one request opens for no other.
#[derive(Clone, Debug)]
struct Request {
    method: &'static str,
    name: String,
    arguments: Arguments,
}

/// Method, name or URI, and the arguments as far as a handler still has them.
type Called<'a> = (&'static str, &'a str, Option<&'a JsonObject>);

/// What the client called with.
#[derive(Clone)]
enum Arguments {
    /// In the message, as it was read strictly; looked at only when a state is made or opened.
    Message(Bytes),
    Digest([u8; 32]),
}

impl Round {
    /// The round of a tool call.
    ///
    /// # Errors
    ///
    /// As [`caller`](super::caller()).
    pub fn tool(
        params: &CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Self, ErrorData> {
        let called = ("tools/call", &*params.name, params.arguments.as_ref());
        let round = Self::new(context, called)?;
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
    /// As [`caller`](super::caller()).
    pub fn prompt(
        params: &GetPromptRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Self, ErrorData> {
        let called = ("prompts/get", &*params.name, params.arguments.as_ref());
        let round = Self::new(context, called)?;
        Ok(round.answered(params.request_state.clone(), params.input_responses.clone()))
    }

    /// The round of a resource, in `read_resource`.
    ///
    /// # Errors
    ///
    /// As [`caller`](super::caller()).
    pub fn resource(
        params: &ReadResourceRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Self, ErrorData> {
        let round = Self::new(context, ("resources/read", &params.uri, None))?;
        Ok(round.answered(params.request_state.clone(), params.input_responses.clone()))
    }

    /// Any other request: its answer cannot be "input required" (MCP 2026-07-28, Multi
    /// Round-Trip Requests: tools, prompts and resources only).
    ///
    /// # Errors
    ///
    /// As [`caller`](super::caller()).
    pub fn other(context: &RequestContext<RoleServer>) -> Result<Self, ErrorData> {
        Ok(Self::new(context, ("", "", None))?.in_one_round())
    }

    /// Who is calling.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    fn new(
        context: &RequestContext<RoleServer>,
        (method, name, arguments): Called<'_>,
    ) -> Result<Self, ErrorData> {
        let parts = context.extensions.get::<Parts>();
        let message = parts.and_then(|parts| parts.extensions.get::<MessageBytes>());
        let arguments = match message {
            Some(message) => Arguments::Message(message.0.clone()),
            None => Arguments::Digest(digest::of(arguments)),
        };
        Ok(Self {
            caller: caller(context)?,
            slot: parts.and_then(|parts| parts.extensions.get().cloned()),
            elicits: Elicits::of(context),
            request: Request {
                method,
                name: name.to_owned(),
                arguments,
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
        if self.elicits == Elicits::Result {
            self.elicits = Elicits::No;
        }
        self
    }

    pub(super) fn slot(&self) -> Option<&ChallengeSlot> {
        self.slot.as_ref()
    }

    pub(super) fn elicits(&self) -> Elicits {
        self.elicits
    }
}

impl Elicits {
    /// An empty `elicitation` capability means forms only (MCP 2025-11-25, Elicitation).
    fn of(context: &RequestContext<RoleServer>) -> Self {
        let capabilities = context.client_capabilities();
        let elicitation = capabilities.and_then(|all| all.elicitation);
        if elicitation.is_none_or(|elicitation| elicitation.url.is_none()) {
            return Self::No;
        }
        // Versions are dates: they compare as text.
        match context.protocol_version() {
            Some(v) if v.as_str() >= ProtocolVersion::V_2026_07_28.as_str() => Self::Result,
            Some(v) if v.as_str() >= ProtocolVersion::V_2025_11_25.as_str() => Self::Error,
            _ => Self::No,
        }
    }
}

impl Arguments {
    fn digest(&self) -> [u8; 32] {
        match self {
            Self::Message(message) => digest::of_message(message),
            Self::Digest(digest) => *digest,
        }
    }
}

impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Arguments(..)")
    }
}

impl<S> FromContextPart<ToolCallContext<'_, S>> for Round {
    fn from_context_part(context: &mut ToolCallContext<'_, S>) -> Result<Self, ErrorData> {
        let called = ("tools/call", &*context.name, context.arguments.as_ref());
        let round = Self::new(&context.request_context, called)?;
        Ok(round.answered(
            context.request_state.clone(),
            context.input_responses.clone(),
        ))
    }
}

impl<S> FromContextPart<PromptContext<'_, S>> for Round {
    fn from_context_part(context: &mut PromptContext<'_, S>) -> Result<Self, ErrorData> {
        let called = ("prompts/get", &*context.name, context.arguments.as_ref());
        Ok(Self::new(&context.context, called)?.in_one_round())
    }
}
