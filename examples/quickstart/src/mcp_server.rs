//! The self-hosted MCP server: guarded by `mcp-auth`, calling downstream as its caller.

use std::error::Error;
use std::sync::{Arc, Mutex};

use axum::response::Response;
use entra_emulator::demo;
use mcp_auth::obo::Downstream;
use mcp_auth::rmcp::{McpRequest, StepUp};
use mcp_auth::{Caller, EntraApp, McpSessions, Refusal, ServeLimits};
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
use rmcp::{ErrorData, tool, tool_router};
use serde_json::json;

use crate::wire;

/// The lines that the server's operator would read.
pub type ServerLog = Arc<Mutex<Vec<String>>>;

/// Starts the server and returns the URL of its MCP endpoint, and its log.
pub async fn start(
    entra: &EntraApp,
    orders_url: String,
) -> Result<(String, ServerLog), Box<dyn Error>> {
    let listener = mcp_auth::listen("127.0.0.1:0").await?;
    let url = format!("http://localhost:{}/mcp", listener.local_addr()?.port());

    // Who may call: users of this tenant, with a token for this API and its base scope.
    let mut mcp = entra.mcp(&url)?.scope(demo::MCP_READ)?.deny_unlisted();
    for tool in ["who_am_i", "list_orders", "show_payslip"] {
        mcp = mcp.tool(tool, demo::MCP_READ)?;
    }
    let tools = Tools {
        orders_url,
        // What it calls, each prepared once.
        orders: entra.downstream(demo::ORDERS_READ_SCOPE)?,
        payroll: entra.downstream(demo::PAYROLL_READ_SCOPE)?,
        // A service takes `mcp.step_up()?`, which has consent pages of its own.
        step_up: StepUp::new()?,
        http: wire::client()?,
    };

    let log = ServerLog::default();
    let app = mcp
        .rmcp(move || Ok(tools.clone()), McpSessions::InProcess)
        .build()?
        .layer(axum::middleware::map_response(keep_reason(&log)));
    let forever = std::future::pending();
    tokio::spawn(mcp_auth::serve_until(
        listener,
        app,
        ServeLimits::default(),
        forever,
    ));
    Ok((url, log))
}

/// The reason of a refusal never reaches the client; it is in the response's extensions
/// (and in a trace event) for the operator.
fn keep_reason(
    log: &ServerLog,
) -> impl Fn(Response) -> std::future::Ready<Response> + Clone + Send + 'static {
    let log = Arc::clone(log);
    move |response| {
        if let (Some(refusal), Ok(mut log)) = (response.extensions().get::<Refusal>(), log.lock()) {
            log.push(refusal.explain());
        }
        std::future::ready(response)
    }
}

#[derive(Clone)]
struct Tools {
    orders_url: String,
    orders: Downstream,
    payroll: Downstream,
    step_up: StepUp,
    http: reqwest::Client,
}

#[tool_router(server_handler)]
impl Tools {
    #[tool(description = "Whom the server sees")]
    async fn who_am_i(&self, caller: Caller) -> CallToolResult {
        let principal = caller.principal();
        CallToolResult::structured(json!({
            "tenant": principal.tenant().to_string(),
            "object": principal.object().to_string(),
            "client": principal.client().to_string(),
            "audience": caller.token().claims().aud(),
        }))
    }

    #[tool(description = "The caller's orders, read as the caller")]
    async fn list_orders(&self, mcp: McpRequest) -> Result<CallToolResponse, ErrorData> {
        // As the caller of this very request; what is missing is told as the client can use it.
        let token = match self.step_up.token(&mcp, &self.orders).await {
            Ok(token) => token,
            Err(answer) => return answer.into(),
        };
        let answer = self
            .http
            .get(format!("{}/orders", self.orders_url))
            .bearer_auth(token.expose())
            .send()
            .await;
        let result = match answer {
            Ok(answer) if answer.status().is_success() => match wire::json(answer).await {
                Ok(orders) => CallToolResult::structured(orders),
                Err(_) => failed("the Orders API gave an answer that is no JSON"),
            },
            Ok(answer) => failed(&format!("the Orders API answered {}", answer.status())),
            Err(_) => failed("the Orders API cannot be reached"),
        };
        Ok(result.into())
    }

    #[tool(description = "The caller's payslip, which nobody consented to")]
    async fn show_payslip(&self, mcp: McpRequest) -> Result<CallToolResponse, ErrorData> {
        match self.step_up.token(&mcp, &self.payroll).await {
            Ok(_) => Ok(failed("a token came back although nobody consented").into()),
            Err(answer) => answer.into(),
        }
    }
}

fn failed(why: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(why)])
}
