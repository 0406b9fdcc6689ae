//! Calling an API as the user who called the tool.

use mcp_auth::obo::Downstream;
use mcp_auth::rmcp::{McpRequest, StepUp};
use reqwest::{RequestBuilder, StatusCode};
use rmcp::ErrorData;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
use serde_json::Value;

use crate::wire;

/// One API, with what is asked of Entra ID to call it. Prepared once, for any user.
#[derive(Clone)]
pub struct Api {
    pub name: &'static str,
    pub downstream: Downstream,
    pub step_up: StepUp,
}

impl Api {
    /// Sends `request` with a token of the caller's for this API, and gives the tool's result.
    ///
    /// The inbound token never leaves the server: what is sent is what Entra ID traded it
    /// for.
    pub async fn call(
        &self,
        mcp: &McpRequest,
        request: RequestBuilder,
    ) -> Result<CallToolResponse, ErrorData> {
        // What is missing (consent, a second factor) is told as this client can use it.
        let token = match self.step_up.token(mcp, &self.downstream).await {
            Ok(token) => token,
            Err(answer) => return answer.into(),
        };
        let result = match request.bearer_auth(token.expose()).send().await {
            Ok(answer) if answer.status() == StatusCode::ACCEPTED => {
                CallToolResult::success(vec![ContentBlock::text("done")])
            }
            Ok(answer) if answer.status().is_success() => match wire::json::<Value>(answer).await {
                Ok(value) => CallToolResult::structured(value),
                Err(_) => failed(&format!("{} gave an answer that is no JSON", self.name)),
            },
            Ok(answer) => failed(&format!("{} answered {}", self.name, answer.status())),
            Err(_) => failed(&format!("{} cannot be reached", self.name)),
        };
        Ok(result.into())
    }
}

fn failed(why: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(why)])
}
