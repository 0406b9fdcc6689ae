//! A local tenant with gateway, two data APIs and two agents.

use std::collections::HashMap;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use entra_emulator::{App, ConsentGrant, Directory, Emulator, demo};
use mcp_auth::claims::{Clock, SystemClock};
use mcp_auth::scopes::{ClientId, Scope, TenantId};
use mcp_auth::user_context::context::{
    AgentId, ContextVerifier, HttpContextKeys, Issuer, LocalSigner, ReplayRecords, Sessions,
    SigningKeys, TrustedIssuer,
};
use mcp_auth::{EntraApp, Protected, ServeLimits};

use crate::data_api::{self, ASSERT, READ_ROLE, Users, WRITE_ROLE};
use crate::gateway::{self, Gateway};
use crate::process::Process;

/// A second agent of the same blueprint.
pub const OTHER_AGENT: &str = "c0de0000-a6e0-4000-8000-0000000000a9";

/// The system's clock, which a slow tool moves on: a long turn takes no time here.
#[derive(Debug, Default)]
pub struct MovableClock {
    system: SystemClock,
    moved: AtomicU64,
}

impl MovableClock {
    pub fn advance(&self, by: Duration) {
        self.moved.fetch_add(by.as_secs(), Ordering::Relaxed);
    }

    fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }
}

impl Clock for MovableClock {
    fn wall(&self) -> i64 {
        self.system.wall().saturating_add_unsigned(self.moved())
    }

    fn monotonic(&self) -> Duration {
        self.system.monotonic() + Duration::from_secs(self.moved())
    }
}

pub struct Local {
    pub emulator: Emulator,
    pub clock: Arc<MovableClock>,
    pub issuer: Issuer,
    pub sessions: Sessions,
    pub gateway: String,
    pub orders: String,
    pub payroll: String,
    pub agent: Process,
    pub other_agent: Process,
    /// The gateway's registration.
    pub entra: EntraApp,
}

pub fn agent_id(agent: &str) -> Result<AgentId, Box<dyn Error>> {
    Ok(AgentId::new(
        ClientId::parse(agent)?,
        TenantId::parse(demo::TENANT)?,
    ))
}

/// What a turn may do, and each agent at most.
pub fn turn_scopes() -> Result<Vec<Scope>, Box<dyn Error>> {
    let orders =
        ["orders.read", "orders.write"].map(|name| format!("{}/{name}", demo::ORDERS_API_URI));
    let all = orders
        .into_iter()
        .chain([demo::PAYROLL_READ_SCOPE.to_owned()]);
    Ok(all
        .map(|scope| Scope::parse(&scope))
        .collect::<Result<_, _>>()?)
}

impl Local {
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        let emulator = Emulator::start(directory()).await?;
        let clock = Arc::new(MovableClock::default());
        let entra = registration(&emulator, demo::MCP_SERVER)?;

        // The issuer's name is where the gateway is, so it listens first.
        let listener = mcp_auth::listen("127.0.0.1:0").await?;
        let gateway_url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let sessions = Sessions::in_memory_with_clock(10_000, Arc::clone(&clock) as _);
        let issuer = Issuer::builder(
            &gateway_url,
            SigningKeys::new(LocalSigner::generate()?)?,
            sessions.clone(),
        )
        .agent(agent_id(demo::AGENT)?, turn_scopes()?)
        .agent(agent_id(OTHER_AGENT)?, turn_scopes()?)
        .clock(Arc::clone(&clock) as _)
        .build()?;

        let users = |alice: &[&'static str]| {
            // Bob is known and may nothing; Alice may this.
            Users(vec![
                (demo::ALICE.to_owned(), alice.to_vec()),
                (demo::BOB.to_owned(), Vec::new()),
            ])
        };
        let verifier = |audience: &str| -> Result<ContextVerifier, Box<dyn Error>> {
            let keys =
                HttpContextKeys::at(&format!("{gateway_url}/.well-known/user-context-keys"))?;
            let agents = [agent_id(demo::AGENT)?, agent_id(OTHER_AGENT)?];
            Ok(ContextVerifier::builder(audience.parse()?)
                .issuer(TrustedIssuer::new(
                    &*gateway_url,
                    keys,
                    agents,
                    [TenantId::parse(demo::TENANT)?],
                ))
                .replay(ReplayRecords::in_memory_with_clock(
                    10_000,
                    Arc::clone(&clock) as _,
                ))
                .clock(Arc::clone(&clock) as _)
                .build()?)
        };
        let orders = data_api::orders(
            &registration(&emulator, demo::ORDERS_API)?,
            &verifier(demo::ORDERS_API_URI)?,
            &users(&["orders.read", "orders.write"]),
        )?;
        let payroll = data_api::payroll(
            &registration(&emulator, demo::PAYROLL_API)?,
            &verifier(demo::PAYROLL_API_URI)?,
            &users(&["payroll.read"]),
        )?;
        let (orders, payroll) = (serve(orders).await?, serve(payroll).await?);
        let slow_tool = slow_tool(&clock).await?;

        let variables = |agent: &str| {
            [
                ("AZURE_AUTHORITY_HOST", emulator.base_url().to_owned()),
                ("AZURE_TENANT_ID", demo::TENANT.to_owned()),
                ("AZURE_CLIENT_ID", demo::BLUEPRINT.to_owned()),
                ("AZURE_CLIENT_SECRET", demo::BLUEPRINT_SECRET.to_owned()),
                ("AGENT_ID", agent.to_owned()),
                ("GATEWAY_URL", gateway_url.clone()),
                ("GATEWAY_AUDIENCE", demo::MCP_SERVER_URI.to_owned()),
                ("ORDERS_URL", orders.clone()),
                ("ORDERS_AUDIENCE", demo::ORDERS_API_URI.to_owned()),
                ("PAYROLL_URL", payroll.clone()),
                ("PAYROLL_AUDIENCE", demo::PAYROLL_API_URI.to_owned()),
                ("SLOW_TOOL_URL", slow_tool.clone()),
            ]
        };
        let agent = Process::start(&variables(demo::AGENT)).await?;
        let other_agent = Process::start(&variables(OTHER_AGENT)).await?;
        let gateway = Gateway {
            issuer: issuer.clone(),
            sessions: sessions.clone(),
            agent: agent_id(demo::AGENT)?,
            scopes: turn_scopes()?,
            agent_url: agent.url.clone(),
            signed_in: Arc::new(Mutex::new(HashMap::new())),
        };
        let application = gateway::application(&entra, &gateway, demo::MCP_READ)?;
        tokio::spawn(mcp_auth::serve(
            listener,
            application,
            ServeLimits::default(),
        ));
        Ok(Self {
            emulator,
            clock,
            issuer,
            sessions,
            gateway: gateway_url,
            orders,
            payroll,
            agent,
            other_agent,
            entra,
        })
    }

    /// A user's token for the gateway.
    pub fn users_token(&self, user: &str) -> Result<String, Box<dyn Error>> {
        let forge = self.emulator.forge();
        let token = forge.user_token(
            demo::TENANT,
            user,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &[demo::MCP_READ],
        )?;
        Ok(token.sign()?)
    }
}

fn registration(emulator: &Emulator, client: &str) -> Result<EntraApp, Box<dyn Error>> {
    Ok(EntraApp::from_variables([
        ("AZURE_AUTHORITY_HOST", emulator.base_url()),
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", client),
    ])?)
}

async fn serve(app: Protected) -> Result<String, Box<dyn Error>> {
    let listener = mcp_auth::listen("127.0.0.1:0").await?;
    let url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
    tokio::spawn(mcp_auth::serve(listener, app, ServeLimits::default()));
    Ok(url)
}

/// A tool that takes 200 s by the clock of gateway and APIs, and no time at all.
async fn slow_tool(clock: &Arc<MovableClock>) -> Result<String, Box<dyn Error>> {
    let clock = Arc::clone(clock);
    let works = move || {
        clock.advance(Duration::from_secs(200));
        std::future::ready("done")
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let routes = Router::new().fallback(post(works));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(url)
}

/// The demo tenant with the roles that the agents need, and a second agent.
fn directory() -> Directory {
    let roles = |app: App| app.role(ASSERT).role(READ_ROLE).role(WRITE_ROLE);
    let demo = Directory::demo()
        .map_app(demo::ORDERS_API, roles)
        .map_app(demo::PAYROLL_API, roles);
    let tenants = demo.tenants().cloned().map(|tenant| match tenant.id() {
        demo::TENANT => {
            let other = App::new(OTHER_AGENT, "Other agent").agent_identity_of(demo::BLUEPRINT);
            let grants = [demo::AGENT, OTHER_AGENT].into_iter().flat_map(|agent| {
                [demo::ORDERS_API, demo::PAYROLL_API]
                    .map(|api| ConsentGrant::app_roles(agent, api, [ASSERT, READ_ROLE, WRITE_ROLE]))
            });
            grants.fold(tenant.app(other), |tenant, grant| tenant.grant(grant))
        }
        _ => tenant,
    });
    tenants.fold(Directory::new(), Directory::tenant)
}
