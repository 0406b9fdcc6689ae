//! An MCP server: three tools, of which one needs more and one calls Microsoft Graph as the user.

use mcp_auth::obo::Downstream;
use mcp_auth::rmcp::{Round, StepUp};
use mcp_auth::{Caller, EntraApp, McpSessions, ServeLimits};
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
use rmcp::{ErrorData, tool, tool_router};

#[derive(Clone)]
struct Tools {
    graph: Downstream,
    step_up: StepUp,
}

#[tool_router(server_handler)]
impl Tools {
    #[tool(description = "Who calls")]
    async fn whoami(&self, caller: Caller) -> String {
        caller.principal().object().to_string()
    }
    #[tool(description = "Places an order; needs mcp.write")]
    async fn place_order(&self, caller: Caller) -> String {
        format!("ordered by {}", caller.principal().object())
    }
    #[tool(description = "Calls Microsoft Graph as the user")]
    async fn profile(&self, request: Round) -> Result<CallToolResponse, ErrorData> {
        match self.step_up.token(&request, &self.graph).await {
            Ok(token) => Ok(CallToolResult::success(vec![ContentBlock::text(format!("until {}", token.expires_at()))]).into()),
            Err(answer) => answer.into(), // consent, further proof: as this client can use it
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let entra = EntraApp::from_env()?;
    let graph = entra.downstream("https://graph.microsoft.com/User.Read")?;
    let url = std::env::var("MCP_PUBLIC_URL").unwrap_or("http://localhost:3001/mcp".to_owned());
    let mcp = entra.mcp(url)?.scope("mcp.read")?.deny_unlisted().tool("whoami", "mcp.read")?;
    let mcp = mcp.tool("place_order", "mcp.write")?.tool("profile", "mcp.read")?;
    let tools = Tools { graph, step_up: mcp.step_up()? };
    let app = mcp.rmcp(move || Ok(tools.clone()), McpSessions::InProcess).build()?;
    let address = std::env::var("BIND").unwrap_or("127.0.0.1:3001".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    Ok(mcp_auth::serve(listener, app, ServeLimits::default()).await?)
}
