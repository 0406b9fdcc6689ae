//! The self-hosted MCP server: it validates the agent's token and exchanges it again, for the API
//! behind it.

use std::error::Error;

use mcp_auth::obo::Downstream;
use mcp_auth::rmcp::{McpRequest, StepUp};
use mcp_auth::{McpSessions, Protected};
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
use rmcp::{ErrorData, tool, tool_router};
use serde_json::{Value, json};

use crate::api;
use crate::settings::Settings;

/// The server's scope.
pub const READ: &str = "trips.read";

#[derive(Clone)]
struct Tools {
    http: reqwest::Client,
    api: String,
    bookings: Downstream,
    step_up: StepUp,
}

/// The endpoint at `url`, which calls the API at `api`.
pub fn application(settings: &Settings, url: &str, api: &str) -> Result<Protected, Box<dyn Error>> {
    let mcp = settings.mcp.mcp(url)?.scope(READ)?.deny_unlisted();
    let mcp = mcp.tool("trips", READ)?;
    let uri = settings.api.identifier_uri();
    let tools = Tools {
        http: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?,
        api: api.to_owned(),
        bookings: settings.mcp.downstream(&format!("{uri}/{}", api::READ))?,
        step_up: mcp.step_up()?,
    };
    let server = mcp.rmcp(move || Ok(tools.clone()), McpSessions::Stateless);
    Ok(server.build()?)
}

#[tool_router(server_handler)]
impl Tools {
    #[tool(description = "The caller's trips, from the bookings API")]
    async fn trips(&self, mcp: McpRequest) -> Result<CallToolResponse, ErrorData> {
        let saw = api::whom(mcp.caller());
        // The agent's token never leaves this server: what is sent is what it was traded for.
        let token = match self.step_up.token(&mcp, &self.bookings).await {
            Ok(token) => token,
            Err(answer) => return answer.into(),
        };
        let request = self.http.get(format!("{}/bookings", self.api));
        let answer = match request.bearer_auth(token.expose()).send().await {
            Ok(answer) => answer.json::<Value>().await,
            Err(error) => Err(error),
        };
        Ok(match answer {
            Ok(answer) => {
                CallToolResult::structured(json!({ "mcp_server_saw": saw, "api": answer }))
            }
            Err(_) => CallToolResult::error(vec![ContentBlock::text("the API gave no answer")]),
        }
        .into())
    }
}
