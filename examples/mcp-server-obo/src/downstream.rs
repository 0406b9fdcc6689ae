//! Calling an API as the user who called the tool.

use entra_obo::Downstream;
use mcp_auth::{Caller, OnBehalfOfError};
use reqwest::{RequestBuilder, StatusCode};
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;

/// One API, with what is asked of Entra ID to call it. Prepared once, for any user.
#[derive(Clone)]
pub struct Api {
    pub name: &'static str,
    pub downstream: Downstream,
}

impl Api {
    /// Sends `request` with a token of the caller's for this API, and gives the tool's result.
    ///
    /// The inbound token never leaves the server: what is sent is what Entra ID traded it
    /// for.
    pub async fn call(&self, caller: &Caller, request: RequestBuilder) -> CallToolResult {
        let token = match caller.on_behalf_of(&self.downstream).await {
            Ok(token) => token,
            Err(OnBehalfOfError::Exchange { downstream, error }) => {
                return mcp_auth::rmcp::exchange_error(&downstream, &error);
            }
            Err(error) => return failed(&error.to_string()),
        };
        match request.bearer_auth(token.expose()).send().await {
            Ok(answer) if answer.status() == StatusCode::ACCEPTED => {
                CallToolResult::success(vec![ContentBlock::text("done")])
            }
            Ok(answer) if answer.status().is_success() => match answer.json::<Value>().await {
                Ok(value) => CallToolResult::structured(value),
                Err(_) => failed(&format!("{} gave an answer that is no JSON", self.name)),
            },
            Ok(answer) => failed(&format!("{} answered {}", self.name, answer.status())),
            Err(_) => failed(&format!("{} cannot be reached", self.name)),
        }
    }
}

fn failed(why: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(why)])
}
