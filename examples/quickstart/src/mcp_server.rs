//! The self-hosted MCP server: guarded by `mcp-auth`, calling downstream as its caller.

use std::error::Error;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::response::Response;
use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
use entra_emulator::demo;
use entra_obo::{ClientCredential, ClientSecret, Downstream, ExchangeClient};
use foundry_scopes::{AppIdUri, ClientId, ScopeName, ScopeSet, TenantAuthority};
use mcp_auth::rmcp::{McpRequest, StepUp};
use mcp_auth::{AuthLayer, Caller, McpLayer, ProtectedResource, Refusal};
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, tool, tool_router};
use serde_json::json;

/// The lines that the server's operator would read.
pub type ServerLog = Arc<Mutex<Vec<String>>>;

/// Starts the server and returns the URL of its MCP endpoint, and its log.
pub async fn start(
    authority: &TenantAuthority,
    orders_url: String,
) -> Result<(String, ServerLog), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://localhost:{}/mcp", listener.local_addr()?.port());

    // Who may call: users of this tenant, with a token for this API and its base scope.
    let client = ClientId::parse(demo::MCP_SERVER)?;
    let validator = Validator::new(
        authority.cloud().clone(),
        TenantPolicy::single(authority.tenant()),
        AcceptedAudiences::for_client(client),
    );
    let base_scope = ScopeName::parse(demo::MCP_READ)?;
    let resource = ProtectedResource::builder(&url)
        .authority(authority)
        .identifier_uri(AppIdUri::parse(demo::MCP_SERVER_URI)?)
        .scope(base_scope.clone())
        .facade()
        .build()?;
    let guard = McpLayer::new(AuthLayer::new(
        Authenticator::new(validator)?,
        resource.clone(),
        Requirement::scope(base_scope),
    )?);

    // What it calls, each prepared once.
    let exchange = ExchangeClient::new(
        authority.clone(),
        client,
        ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET)),
    )?;
    let tools = Tools {
        orders_url,
        orders: exchange.downstream(ScopeSet::parse(demo::ORDERS_READ_SCOPE)?)?,
        payroll: exchange.downstream(ScopeSet::parse(demo::PAYROLL_READ_SCOPE)?)?,
        step_up: StepUp::new()?,
        http: reqwest::Client::new(),
    };
    let mcp = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::new(LocalSessionManager::default()),
        // The guard in front checks `Host` by the resource's URL; rmcp's own list knows loopback only.
        StreamableHttpServerConfig::default().disable_allowed_hosts(),
    );

    let log = ServerLog::default();
    let app = Router::new()
        .nest_service("/mcp", mcp)
        .layer(guard)
        .merge(resource.metadata_router()?)
        .layer(axum::middleware::map_response(keep_reason(&log)));
    tokio::spawn(async move { axum::serve(listener, app).await });
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
            Ok(answer) if answer.status().is_success() => match answer.json().await {
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
