//! Result of a handler whose token is missing: tool result, error or elicitation.

use ::rmcp::ErrorData;
use ::rmcp::handler::server::prompt::IntoGetPromptResult;
use ::rmcp::handler::server::tool::IntoCallToolResult;
use ::rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, ElicitRequest, ElicitRequestParams, ErrorCode,
    GetPromptResponse, InputRequest, InputRequests, InputRequiredResult, ReadResourceResponse,
};
use foundry_scopes::Scope;
use serde_json::{Map, Value, json};

use crate::on_behalf_of::OnBehalfOfError;
use crate::rmcp::request::QUESTION;

/// The error code of URL elicitation (MCP 2025-11-25, Elicitation, "URL elicitation
/// required error"); later revisions forbid it.
const URL_ELICITATION_REQUIRED: ErrorCode = ErrorCode(-32042);

/// What a handler returns instead of its result: as its error (`Result<String, StepUpAnswer>`, with `?`), or with
/// `return answer.into()` in tools, prompts and resources whose results are `Result<CallToolResponse, ErrorData>` and
/// the like. Other failures of such a handler are `ErrorData`, which `?` turns into one:
///
/// ```
/// use mcp_auth::obo::Downstream;
/// use mcp_auth::rmcp::{McpRequest, StepUp, StepUpAnswer};
/// use rmcp::ErrorData;
///
/// async fn name(mcp: McpRequest, step_up: &StepUp, graph: &Downstream) -> Result<String, StepUpAnswer> {
///     let token = step_up.token(&mcp, graph).await?;
///     let name = call_graph(token.expose()).await;
///     Ok(name.map_err(|error| ErrorData::internal_error(error.to_string(), None))?)
/// }
/// # async fn call_graph(_: &str) -> std::io::Result<String> {
/// #     Err(std::io::ErrorKind::TimedOut.into())
/// # }
/// # let _ = name;
/// ```
#[derive(Clone, Debug)]
#[must_use = "the handler has to return it"]
pub struct StepUpAnswer(Form);

#[derive(Clone, Debug)]
enum Form {
    Need(Need),
    Error(ErrorData),
    InputRequired(InputRequiredResult),
}

/// A page to send the user to.
pub(super) struct Question<'a> {
    pub(super) url: &'a str,
    pub(super) id: String,
    pub(super) message: String,
}

impl StepUpAnswer {
    pub(super) fn of(need: &Need) -> Self {
        Self(Form::Need(need.clone()))
    }

    pub(super) fn error(error: ErrorData) -> Self {
        Self(Form::Error(error))
    }

    pub(super) fn invalid_state() -> Self {
        Self::error(ErrorData::invalid_params(
            "the request state is not valid for this request",
            None,
        ))
    }

    /// MCP 2025-11-25.
    pub(super) fn elicitation_error(question: &Question<'_>) -> Self {
        let data = json!({
            "elicitations": [{
                "mode": "url",
                "elicitationId": question.id,
                "url": question.url,
                "message": question.message,
            }]
        });
        let message = question.message.clone();
        Self::error(ErrorData::new(
            URL_ELICITATION_REQUIRED,
            message,
            Some(data),
        ))
    }

    /// MCP 2026-07-28.
    pub(super) fn input_required(question: Question<'_>, state: String) -> Self {
        let params = ElicitRequestParams::UrlElicitationParams {
            meta: None,
            message: question.message,
            url: question.url.to_owned(),
            elicitation_id: question.id,
        };
        let request = InputRequest::Elicitation(ElicitRequest::new(params));
        let requests = InputRequests::from([(QUESTION.to_owned(), request)]);
        Self(Form::InputRequired(InputRequiredResult::new(
            Some(requests),
            Some(state),
        )))
    }

    fn into_either(self) -> Result<InputRequiredResult, ErrorData> {
        match self.0 {
            Form::Need(need) => Err(need.to_error()),
            Form::Error(error) => Err(error),
            Form::InputRequired(result) => Ok(result),
        }
    }
}

/// A failure of the handler that has nothing to do with a token.
impl From<ErrorData> for StepUpAnswer {
    fn from(error: ErrorData) -> Self {
        Self::error(error)
    }
}

impl From<StepUpAnswer> for Result<CallToolResponse, ErrorData> {
    fn from(answer: StepUpAnswer) -> Self {
        match answer.0 {
            Form::Need(need) => Ok(need.to_result().into()),
            Form::Error(error) => Err(error),
            Form::InputRequired(result) => Ok(result.into()),
        }
    }
}

impl From<StepUpAnswer> for Result<GetPromptResponse, ErrorData> {
    fn from(answer: StepUpAnswer) -> Self {
        answer.into_either().map(GetPromptResponse::from)
    }
}

impl From<StepUpAnswer> for Result<ReadResourceResponse, ErrorData> {
    fn from(answer: StepUpAnswer) -> Self {
        answer.into_either().map(ReadResourceResponse::from)
    }
}

/// For handlers of other requests, whose [`McpRequest::other`](super::super::McpRequest::other) is
/// never answered with "input required".
impl From<StepUpAnswer> for ErrorData {
    fn from(answer: StepUpAnswer) -> Self {
        let other = || Self::internal_error("this request cannot ask the user", None);
        answer.into_either().map_or_else(|error| error, |_| other())
    }
}

impl IntoCallToolResult for StepUpAnswer {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        self.into()
    }
}

impl IntoGetPromptResult for StepUpAnswer {
    fn into_get_prompt_result(self) -> Result<GetPromptResponse, ErrorData> {
        self.into()
    }
}

/// What a handler says when a token is missing. Nothing that Entra ID wrote as prose is in
/// it (it names ids of the tenant), and of the configuration only scopes and links.
#[derive(Clone, Debug)]
pub(super) struct Need {
    code: &'static str,
    message: String,
    members: Map<String, Value>,
}

impl Need {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            members: Map::new(),
        }
    }

    /// With what is known of a failed exchange.
    pub(super) fn of(
        code: &'static str,
        message: impl Into<String>,
        error: &OnBehalfOfError,
    ) -> Self {
        let scopes: Vec<_> = error.scopes().iter().map(Scope::as_str).collect();
        let need = Self::new(code, message).with("scopes", scopes);
        let Some(exchange) = error.exchange() else {
            return need;
        };
        let need = need.with("aadsts", exchange.codes());
        match exchange.correlation_id() {
            Some(id) => need.with("correlation_id", id),
            None => need,
        }
    }

    pub(super) fn declined() -> Self {
        Self::new(
            "consent_declined",
            "The user declined. Do not ask again unless the user wants it.",
        )
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    fn members(&self) -> Value {
        let mut members = self.members.clone();
        members.insert("error".to_owned(), self.code.into());
        members.insert("message".to_owned(), self.message.clone().into());
        Value::Object(members)
    }

    /// A tool's result with `is_error`.
    pub(super) fn to_result(&self) -> CallToolResult {
        let mut result = CallToolResult::error(vec![ContentBlock::text(self.message.clone())]);
        result.structured_content = Some(self.members());
        result
    }

    /// The same where there is no such result. MCP reserves all codes that would say more.
    pub(super) fn to_error(&self) -> ErrorData {
        ErrorData::internal_error(self.message.clone(), Some(self.members()))
    }
}
