//! The server that the suite tests.
#![allow(
    deprecated,
    reason = "the suite tests what the newest revision dropped, too"
)]

use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
    ErrorCode, GetPromptRequestParams, GetPromptResponse, GetPromptResult, InputRequiredResult,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    ServerInfo, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter,
    UnsubscribeRequestParams,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::content;
use super::rounds::{self, Round};

#[derive(Clone, Debug, Default)]
pub(super) struct Fixture;

type Context = RequestContext<RoleServer>;

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

/// A result, with the member that the newest revision wants; rmcp leaves it out for older ones.
fn result<T: DeserializeOwned>(mut value: Value) -> T {
    value["resultType"] = "complete".into();
    read(value)
}

fn text(text: &str) -> CallToolResponse {
    let result: CallToolResult = result(json!({ "content": [{ "type": "text", "text": text }] }));
    result.into()
}

fn invalid(message: &str) -> ErrorData {
    ErrorData::invalid_params(message.to_owned(), None)
}

impl Fixture {
    async fn log(context: &Context, message: &str) {
        let level = context.meta.get("io.modelcontextprotocol/logLevel");
        let modern = context.protocol_version() >= Some(rmcp::model::ProtocolVersion::V_2026_07_28);
        if modern && level.is_none() {
            return;
        }
        let log = read(json!({ "level": "info", "data": message }));
        context.peer.notify_logging_message(log).await.unwrap();
    }

    async fn with_progress(context: &Context) -> CallToolResponse {
        for progress in [0, 50, 100] {
            if let Some(token) = context.meta.get_progress_token() {
                let progress =
                    read(json!({ "progressToken": token, "progress": progress, "total": 100 }));
                context.peer.notify_progress(progress).await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        text("done")
    }

    async fn with_logging(context: &Context) -> CallToolResponse {
        for message in [
            "Tool execution started",
            "Tool processing data",
            "Tool execution completed",
        ] {
            Self::log(context, message).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        text("done")
    }

    async fn sample(arguments: &Value, context: &Context) -> Result<CallToolResponse, ErrorData> {
        let content = json!({ "type": "text", "text": arguments["prompt"] });
        let request =
            json!({ "messages": [{ "role": "user", "content": content }], "maxTokens": 100 });
        let answer = context.peer.create_message(read(request)).await;
        let answer = answer.map_err(|error| invalid(&error.to_string()))?;
        let answer = serde_json::to_value(answer).unwrap();
        Ok(text(&format!(
            "LLM response: {}",
            answer["content"]["text"]
        )))
    }

    async fn elicit(question: Value, context: &Context) -> Result<CallToolResponse, ErrorData> {
        let answer = context.peer.create_elicitation(read(question)).await;
        let answer = answer.map_err(|error| invalid(&error.to_string()))?;
        let answer = serde_json::to_value(answer).unwrap();
        let (action, content) = (answer["action"].as_str().unwrap(), &answer["content"]);
        Ok(text(&format!(
            "Elicitation completed: action={action}, content={content}"
        )))
    }
}

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerInfo {
        read(json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {
                "tools": {},
                "resources": { "subscribe": true },
                "prompts": {},
                "completions": {},
                "logging": {},
            },
            "serverInfo": { "name": "guarded fixture", "version": "1" },
        }))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(result(json!({ "tools": content::tools() })))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = Value::from(request.arguments.clone().unwrap_or_default());
        let responses = serde_json::to_value(&request.input_responses).unwrap();
        let capabilities = serde_json::to_value(context.client_capabilities()).unwrap();
        let name = request.name.as_ref();
        if let Some(round) = rounds::next(
            name,
            &responses,
            request.request_state.as_deref(),
            &capabilities,
        ) {
            return match round {
                Round::Ask(result) => Ok(read::<InputRequiredResult>(result).into()),
                Round::Done(answer) => Ok(text(&answer)),
                Round::Forged => Err(invalid("the request state is not one of this server")),
            };
        }
        if let Some(question) = content::question(name, &arguments) {
            return Self::elicit(question, &context).await;
        }
        match name {
            "test_sampling" => Self::sample(&arguments, &context).await,
            "test_tool_with_progress" => Ok(Self::with_progress(&context).await),
            "test_tool_with_logging" | "test_logging_tool" => {
                Ok(Self::with_logging(&context).await)
            }
            "test_missing_capability" if !capabilities["sampling"].is_object() => {
                let needed = json!({ "requiredCapabilities": { "sampling": {} } });
                let message = "this tool needs the client to sample";
                Err(ErrorData::new(ErrorCode(-32021), message, Some(needed)))
            }
            "test_missing_capability" | "test_streaming_elicitation" => Ok(text("ok")),
            _ => match content::answer(name) {
                Some(answer) => Ok(result::<CallToolResult>(answer).into()),
                None => Err(invalid("there is no such tool")),
            },
        }
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(result(content::resources()))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(result(content::templates()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        match content::resource(&request.uri) {
            Some(found) => Ok(result::<ReadResourceResult>(found).into()),
            None => {
                let data = json!({ "uri": request.uri });
                Err(ErrorData::invalid_params("Resource not found", Some(data)))
            }
        }
    }

    async fn subscribe(&self, _: SubscribeRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(&self, _: UnsubscribeRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(result(content::prompts()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        let responses = serde_json::to_value(&request.input_responses).unwrap();
        let capabilities = serde_json::to_value(context.client_capabilities()).unwrap();
        match rounds::next(&request.name, &responses, None, &capabilities) {
            Some(Round::Ask(result)) => return Ok(read::<InputRequiredResult>(result).into()),
            Some(Round::Done(answer)) => {
                let content = json!({ "type": "text", "text": answer });
                let found = json!({ "messages": [{ "role": "user", "content": content }] });
                return Ok(result::<GetPromptResult>(found).into());
            }
            _ => {}
        }
        let arguments = Value::from(request.arguments.clone().unwrap_or_default());
        match content::prompt(&request.name, &arguments) {
            Some(found) => Ok(result::<GetPromptResult>(found).into()),
            None => Err(invalid("there is no such prompt")),
        }
    }

    async fn complete(
        &self,
        _: CompleteRequestParams,
        _: Context,
    ) -> Result<CompleteResult, ErrorData> {
        let values = json!({ "values": ["paris", "park", "party"], "total": 3, "hasMore": false });
        Ok(result(json!({ "completion": values })))
    }

    async fn set_level(&self, _: SetLevelRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }
}
