//! The guarded MCP server: who may call, what clients are told, which tools there are.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
use entra_obo::ExchangeClient;
use foundry_scopes::{AppIdUri, ScopeName};
use mcp_auth::{AuthLayer, McpLayer, ProtectedResource};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::events::{self, Events};
use crate::settings::Settings;
use crate::tools::Tools;

/// The scope that every caller needs.
pub const READ: &str = "mcp.read";
/// The scope that tools which change something need besides.
pub const WRITE: &str = "mcp.write";

/// The MCP endpoint, the metadata that lets clients sign in, and nothing else.
pub fn router(settings: &Settings, events: &Events) -> Result<Router, Box<dyn Error>> {
    let authority = &settings.authority;
    // Who may call: users of this tenant, with a token for this server and its base scope.
    let validator = Validator::new(
        authority.cloud().clone(),
        TenantPolicy::single(authority.tenant()),
        AcceptedAudiences::of_client(settings.client),
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
    ));

    let exchange = ExchangeClient::new(
        authority.clone(),
        settings.client,
        settings.credential.clone(),
    )?;
    let tools = Tools::new(&exchange, settings)?;
    let mcp = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default(),
    );
    // The metadata comes after the layer: clients read it without a token.
    Ok(Router::new()
        .nest_service("/mcp", mcp)
        .layer(guard)
        .merge(resource.metadata_router()?)
        .layer(from_fn_with_state(events.clone(), events::tell)))
}
