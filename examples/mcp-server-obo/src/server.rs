//! The guarded MCP server: who may call, what clients are told, which tools there are.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
use entra_obo::ExchangeClient;
use foundry_scopes::{AppIdUri, ScopeName};
use mcp_auth::rmcp::StepUp;
use mcp_auth::{AuthLayer, McpLayer, McpPolicy, ProtectedResource};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use url::Url;

use crate::events::{self, Events};
use crate::settings::Settings;
use crate::tools::Tools;

/// The scope that every caller needs.
pub const READ: &str = "mcp.read";
/// The scope that tools which change something need besides.
pub const WRITE: &str = "mcp.write";
/// The app role of the users who may see what others did.
pub const AUDITOR: &str = "Mcp.Audit";

/// The MCP endpoint, the metadata that lets clients sign in, and nothing else.
pub fn router(settings: &Settings, events: &Events) -> Result<Router, Box<dyn Error>> {
    let authority = &settings.authority;
    // Who may call: users of this tenant, with a token for this server and its base scope.
    let validator = Validator::new(
        authority.cloud().clone(),
        TenantPolicy::single(authority.tenant()),
        AcceptedAudiences::for_client(settings.client),
    );
    let read = ScopeName::parse(READ)?;
    // `facade`: this URL is no identifier URI of the registration (localhost and most hosts
    // cannot be one), so clients sign in through this server's own metadata.
    let resource = ProtectedResource::builder(&settings.mcp_url)
        .authority(authority)
        .identifier_uri(AppIdUri::api(settings.client))
        .scope(read.clone())
        .facade()
        .name("MCP server that calls on behalf of its user")
        .build()?;
    let guard = McpLayer::new(AuthLayer::new(
        Authenticator::new(validator)?,
        resource.clone(),
        Requirement::scope(read),
    ))
    .policy(policy()?);

    let exchange = ExchangeClient::new(
        authority.clone(),
        settings.client,
        settings.credential.clone(),
    )?;
    // Where Entra ID sends a user after consent: a page of this server, registered for it.
    let mut back = Url::parse(&settings.mcp_url)?;
    back.set_path(CONSENTED);
    let step_up = StepUp::builder().redirect_uri(back).build()?;
    let tools = Tools::new(&exchange, &step_up, settings)?;
    let mcp = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::new(LocalSessionManager::default()),
        // The guard in front checks `Host` by the resource's URL; rmcp's own list knows loopback only.
        StreamableHttpServerConfig::default().disable_allowed_hosts(),
    );
    // The metadata comes after the layer: clients read it without a token. So does the page
    // after consent, which does nothing, so that nothing happens when it is opened twice.
    Ok(Router::new()
        .nest_service("/mcp", mcp)
        .layer(guard)
        .merge(resource.metadata_router()?)
        .route(CONSENTED, get(consented))
        .layer(from_fn_with_state(events.clone(), events::tell)))
}

/// The page after consent.
pub const CONSENTED: &str = "/consented";

/// What each tool needs beyond the base scope. A tool that is not listed is closed.
fn policy() -> Result<McpPolicy, Box<dyn Error>> {
    let read = Requirement::scope(ScopeName::parse(READ)?);
    let write = Requirement::scope(ScopeName::parse(WRITE)?);
    let readers = ["whoami", "read_profile", "read_calendar", "ask_foundry"];
    Ok(readers
        .into_iter()
        .fold(McpPolicy::new(), |policy, tool| {
            policy.tool(tool, read.clone())
        })
        .tool("send_mail", write)
        // No scope helps here: an administrator gives the role, or nobody does.
        .tool("audit", Requirement::role_of_user(AUDITOR))
        .deny_unlisted())
}

/// The code that arrives here is ignored: consent is recorded at Entra ID already, and the
/// tool's next call finds it.
async fn consented() -> impl IntoResponse {
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (REFERRER_POLICY, "no-referrer"),
    ];
    let page =
        "<!doctype html><title>Done</title><p>Thank you. You can close this window and go on.</p>";
    (headers, Html(page))
}
