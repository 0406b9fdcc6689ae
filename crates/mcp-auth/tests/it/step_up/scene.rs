//! A server whose tools need things, and those who call it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entra_claims::{ManualClock, Requirement};
use entra_emulator::{App, ConsentGrant, ForgedToken, Reading, demo};
use entra_obo::{ClientCredential, ClientSecret, Downstream, ExchangeClient};
use foundry_scopes::{ClientId, ScopeSet};
use mcp_auth::rmcp::{McpRequest, StepUp, StepUpBuilder};
use mcp_auth::shared::{MemoryStore, SealingKeys, SharedTier};
use mcp_auth::{ConsentPages, McpLayer};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResponse, CallToolResult, GetPromptRequestParams, GetPromptResponse, GetPromptResult,
    ListResourcesResult, PaginatedRequestParams, PromptMessage, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, ResourceContents, Role, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::{ErrorData, RoleServer, ServerHandler, schemars, tool, tool_handler, tool_router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::common::mcp::{Raw, bind, serve, service};
use crate::common::world::{World, read};

/// Where the consent page sends people afterwards.
pub(crate) const CONSENTED: &str = "https://mcp.test/consented";
/// A moment for the clock of the server.
pub(crate) const NOW: i64 = 1_800_000_000;

#[derive(Clone)]
struct Tools {
    step_up: StepUp,
    orders: Downstream,
    payroll: Downstream,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Month {
    #[serde(default)]
    month: String,
}

#[tool_router]
impl Tools {
    #[tool(description = "what nobody consented to")]
    async fn payslip(
        &self,
        mcp: McpRequest,
        Parameters(Month { month }): Parameters<Month>,
    ) -> Result<CallToolResponse, ErrorData> {
        match self.step_up.token(&mcp, &self.payroll).await {
            Ok(_) => Ok(CallToolResult::structured(json!({ "payslip": month })).into()),
            Err(answer) => answer.into(),
        }
    }

    /// The other order of parameters.
    #[tool(description = "another one")]
    async fn bonus(
        &self,
        Parameters(Month { month }): Parameters<Month>,
        mcp: McpRequest,
    ) -> Result<CallToolResponse, ErrorData> {
        match self.step_up.token(&mcp, &self.payroll).await {
            Ok(_) => Ok(CallToolResult::structured(json!({ "bonus": month })).into()),
            Err(answer) => answer.into(),
        }
    }

    #[tool(description = "what is consented to")]
    async fn orders(&self, mcp: McpRequest) -> Result<CallToolResponse, ErrorData> {
        match self.step_up.token(&mcp, &self.orders).await {
            Ok(_) => Ok(CallToolResult::structured(json!({ "orders": 12 })).into()),
            Err(answer) => answer.into(),
        }
    }
}

#[tool_handler]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_resources()
            .build();
        ServerConfig::new(capabilities)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let mcp = McpRequest::prompt(&request, &context)?;
        match self.step_up.token(&mcp, &self.payroll).await {
            Ok(_) => {
                Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, "paid")]).into())
            }
            Err(answer) => answer.into(),
        }
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let mcp = McpRequest::resource(&request, &context)?;
        match self.step_up.token(&mcp, &self.payroll).await {
            Ok(_) => Ok(
                ReadResourceResult::new(vec![ResourceContents::text("paid", request.uri)]).into(),
            ),
            Err(answer) => answer.into(),
        }
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mcp = McpRequest::other(&context)?;
        self.step_up.token(&mcp, &self.payroll).await?;
        Ok(ListResourcesResult::default())
    }
}

/// The application of the pages of [`Scene::with_agent`].
pub(crate) const WEB: &str = "c0de0000-a4b1-4000-8000-0000000000f1";
/// Its agent identity.
pub(crate) const AGENT: &str = "c0de0000-a6e0-4000-8000-0000000000a1";

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) origin: String,
    pub(crate) clock: Arc<ManualClock>,
}

/// Where it is served, and with what.
struct Site {
    listener: TcpListener,
    origin: String,
    world: World,
    clock: Arc<ManualClock>,
    open: axum::Router,
}

/// What a client declares that can open pages.
pub(crate) fn url() -> Value {
    json!({"elicitation": {"url": {}}})
}

impl Scene {
    /// Sessions for older clients, as `rmcp` has them by default.
    pub(crate) async fn start() -> Self {
        Self::with(
            |b| b.redirect_uri(CONSENTED),
            StreamableHttpServerConfig::default(),
        )
        .await
    }

    pub(crate) async fn with(
        choices: impl FnOnce(StepUpBuilder) -> StepUpBuilder,
        config: StreamableHttpServerConfig,
    ) -> Self {
        let world = World::start().await;
        let exchange = exchange(&world, demo::MCP_SERVER_SECRET);
        let payroll = downstream(&exchange, demo::PAYROLL_READ_SCOPE);
        Self::of(world, &exchange, payroll, choices, config).await
    }

    pub(crate) async fn of(
        world: World,
        exchange: &ExchangeClient,
        payroll: Downstream,
        choices: impl FnOnce(StepUpBuilder) -> StepUpBuilder,
        config: StreamableHttpServerConfig,
    ) -> Self {
        let (listener, origin) = bind().await;
        let clock = Arc::new(ManualClock::at(NOW));
        let site = Site {
            listener,
            origin,
            world,
            clock,
            open: axum::Router::new(),
        };
        Self::beside(site, exchange, payroll, choices, config)
    }

    /// With an `AuthLayer` alone.
    pub(crate) async fn without_mcp_layer() -> Self {
        let world = World::start().await;
        let exchange = exchange(&world, demo::MCP_SERVER_SECRET);
        let tools = Tools {
            step_up: StepUp::new().unwrap(),
            orders: downstream(&exchange, demo::ORDERS_READ_SCOPE),
            payroll: downstream(&exchange, demo::PAYROLL_READ_SCOPE),
        };
        let app = service(tools, StreamableHttpServerConfig::default()).layer(world.guard());
        let (listener, origin) = bind().await;
        serve(listener, app);
        Self {
            world,
            origin,
            clock: Arc::new(ManualClock::at(NOW)),
        }
    }

    /// With the server's own consent pages at `/consent`.
    pub(crate) async fn paged() -> Self {
        let world = World::start().await;
        let (listener, origin) = bind().await;
        let url = format!("{origin}/consent");
        let directory = world.emulator.directory().map_app(demo::MCP_SERVER, |app| {
            app.redirect_uri(format!("{url}/callback"))
        });
        world.emulator.replace_directory(directory).unwrap();
        let exchange = exchange(&world, demo::MCP_SERVER_SECRET);
        let payroll = downstream(&exchange, demo::PAYROLL_READ_SCOPE);
        let clock = Arc::new(ManualClock::at(NOW));
        let pages = ConsentPages::builder(url, exchange.clone(), world.authenticator())
            .name("Contoso <Payroll>")
            .clock(Arc::clone(&clock) as _)
            .build()
            .unwrap();
        assert_eq!(pages.redirect_uri(), format!("{origin}/consent/callback"));
        let config = StreamableHttpServerConfig::default();
        let choices = |b: StepUpBuilder| b.pages(pages.clone());
        let app = pages.clone().into_router();
        let site = Site {
            listener,
            origin,
            world,
            clock,
            open: app,
        };
        Self::beside(site, &exchange, payroll, choices, config)
    }

    /// The server is a blueprint whose agent acts for the user, and the pages are those of the
    /// application [`WEB`].
    pub(crate) async fn with_agent(readings: &[Reading]) -> Self {
        let world = World::start().await;
        let (listener, origin) = bind().await;
        let url = format!("{origin}/consent");
        let callback = format!("{url}/callback");
        let directory = world.emulator.directory().map_app(demo::MCP_SERVER, |app| {
            app.blueprint().redirect_uri(&callback)
        });
        let tenant = directory.tenants().next().unwrap().clone();
        let web = App::new(WEB, "Front end").secret("s");
        let tenant = tenant
            .app(App::new(AGENT, "Agent").agent_identity_of(demo::MCP_SERVER))
            .app(web.redirect_uri(&callback));
        let tenant = readings.iter().fold(tenant, |t, r| t.reading(*r));
        world
            .emulator
            .replace_directory(entra_emulator::Directory::new().tenant(tenant))
            .unwrap();
        let blueprint = exchange(&world, demo::MCP_SERVER_SECRET);
        let agent = blueprint.agent(ClientId::parse(AGENT).unwrap()).unwrap();
        let payroll = agent.downstream(ScopeSet::parse(demo::PAYROLL_READ_SCOPE).unwrap());
        let web = ExchangeClient::new(
            world.authority.clone(),
            ClientId::parse(WEB).unwrap(),
            ClientCredential::secret(ClientSecret::new("s")),
        );
        let clock = Arc::new(ManualClock::at(NOW));
        let pages = ConsentPages::builder(url, web.unwrap(), world.authenticator())
            .agents_of(blueprint.client_id())
            .clock(Arc::clone(&clock) as _)
            .build()
            .unwrap();
        let site = Site {
            listener,
            origin,
            world,
            clock,
            open: pages.clone().into_router(),
        };
        let config = StreamableHttpServerConfig::default();
        let choices = |b: StepUpBuilder| b.pages(pages.clone());
        Self::beside(site, &blueprint, payroll.unwrap(), choices, config)
    }

    /// Two instances with one store behind a proxy that sends each request to the other one than
    /// before.
    pub(crate) async fn fleet(store: Arc<MemoryStore>) -> Self {
        let world = World::start().await;
        let (listener, origin) = bind().await;
        let url = format!("{origin}/consent");
        let directory = world.emulator.directory().map_app(demo::MCP_SERVER, |app| {
            app.redirect_uri(format!("{url}/callback"))
        });
        world.emulator.replace_directory(directory).unwrap();
        let keys = SealingKeys::random().unwrap();
        let instance = || {
            let tier = SharedTier::new(Arc::clone(&store), keys.clone());
            let exchange = exchange(&world, demo::MCP_SERVER_SECRET);
            let pages = ConsentPages::builder(&*url, exchange.clone(), world.authenticator())
                .shared(tier.clone())
                .build()
                .unwrap();
            let step_up = StepUp::builder().shared(tier).pages(pages.clone());
            let tools = Tools {
                step_up: step_up.build().unwrap(),
                orders: downstream(&exchange, demo::ORDERS_READ_SCOPE),
                payroll: downstream(&exchange, demo::PAYROLL_READ_SCOPE),
            };
            let guard = world.guard_for(Requirement::any_of([read(), Requirement::any_role()]));
            let app = service(tools, StreamableHttpServerConfig::default());
            app.layer(McpLayer::new(guard)).merge(pages.into_router())
        };
        let instances = [instance(), instance()];
        let requests = Arc::new(AtomicUsize::new(0));
        let proxy = tower::service_fn(move |request: axum::extract::Request| {
            let next = requests.fetch_add(1, Ordering::SeqCst) % 2;
            instances[next].clone().oneshot(request)
        });
        serve(listener, axum::Router::new().fallback_service(proxy));
        Self {
            world,
            origin,
            clock: Arc::new(ManualClock::at(NOW)),
        }
    }

    /// The guarded server, and beside it what is open.
    fn beside(
        site: Site,
        exchange: &ExchangeClient,
        payroll: Downstream,
        choices: impl FnOnce(StepUpBuilder) -> StepUpBuilder,
        config: StreamableHttpServerConfig,
    ) -> Self {
        let Site {
            listener,
            origin,
            world,
            clock,
            open,
        } = site;
        let builder = StepUp::builder().clock(Arc::clone(&clock) as _);
        let tools = Tools {
            step_up: choices(builder).build().unwrap(),
            orders: downstream(exchange, demo::ORDERS_READ_SCOPE),
            payroll,
        };
        let guard = world.guard_for(Requirement::any_of([read(), Requirement::any_role()]));
        let app = service(tools, config).layer(McpLayer::new(guard));
        serve(listener, app.merge(open));
        Self {
            world,
            origin,
            clock,
        }
    }

    pub(crate) fn modern(&self, user: &str, capabilities: Value) -> Raw {
        Raw::modern(&self.origin, &self.world.token_of(user), capabilities)
    }

    pub(crate) async fn legacy(&self, user: &str, capabilities: Value) -> Raw {
        Raw::legacy(&self.origin, &self.world.token_of(user), capabilities).await
    }

    /// Alice's token, to be changed.
    pub(crate) fn forged(&self) -> ForgedToken {
        self.world.forged(&[demo::MCP_READ])
    }

    /// What the consent page does in the end.
    pub(crate) fn consent(&self, user: &str) {
        let grant =
            ConsentGrant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, [demo::PAYROLL_READ]);
        let emulator = &self.world.emulator;
        emulator
            .grant_consent(demo::TENANT, grant.only_for(user))
            .unwrap();
    }
}

pub(crate) fn exchange(world: &World, secret: &str) -> ExchangeClient {
    let secret = ClientCredential::secret(ClientSecret::new(secret));
    let client = ClientId::parse(demo::MCP_SERVER).unwrap();
    ExchangeClient::new(world.authority.clone(), client, secret).unwrap()
}

pub(crate) fn downstream(exchange: &ExchangeClient, scope: &str) -> Downstream {
    exchange
        .downstream(ScopeSet::parse(scope).unwrap())
        .unwrap()
}

/// A retry: the same arguments, with an answer to the question and the state.
pub(crate) fn retry(tool: &str, arguments: Value, state: &Value, action: &str) -> Value {
    json!({
        "name": tool,
        "arguments": arguments,
        "requestState": state,
        "inputResponses": {"consent": {"action": action}},
    })
}
