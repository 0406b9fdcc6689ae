//! An MCP server: three tools, of which one needs more and one calls Microsoft Graph as the user.

use mcp_auth::obo::Downstream;
use mcp_auth::rmcp::{McpRequest, StepUp, StepUpAnswer};
use mcp_auth::{Caller, EntraApp, McpSessions, listen, serve};
use rmcp::{tool, tool_router};

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
    async fn profile(&self, request: McpRequest) -> Result<String, StepUpAnswer> {
        let token = self.step_up.token(&request, &self.graph).await?;
        Ok(format!("a token for Graph until {}", token.expires_at()))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init(); // why a call was refused is in the log
    let entra = EntraApp::from_env()?;
    let graph = entra.downstream("https://graph.microsoft.com/User.Read")?;
    let set = |name: &str, default: &str| std::env::var(name).unwrap_or(default.to_owned());
    let mcp = entra.mcp(set("MCP_PUBLIC_URL", "http://localhost:3001/mcp"))?;
    let mcp = mcp.scope("mcp.read")?.tool("whoami", "mcp.read")?;
    let mcp = mcp.tool("profile", "mcp.read")?.deny_unlisted();
    let mcp = mcp.tool("place_order", "mcp.write")?;
    let (step_up, address) = (mcp.step_up()?, set("BIND", "127.0.0.1:3001"));
    let tools = Tools { graph, step_up };
    let app = mcp.rmcp(move || Ok(tools.clone()), McpSessions::InProcess);
    Ok(serve(listen(address).await?, app.build()?, Default::default()).await?)
}
