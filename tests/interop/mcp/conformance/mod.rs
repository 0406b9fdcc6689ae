//! The published conformance suite of MCP against a guarded server that has the tools,
//! resources and prompts which it looks for. A guard must change nothing of them.

mod content;
mod fixture;
mod rounds;

use std::path::PathBuf;
use std::sync::Arc;

use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
use entra_emulator::{Directory, Emulator, demo};
use foundry_scopes::{AppIdUri, ClientId, Cloud, ScopeName, TenantAuthority, TenantId};
use mcp_auth::{AllowedOrigin, AuthLayer, McpLayer, ProtectedResource};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use tokio::net::TcpListener;

use crate::passes;
use crate::program::{Program, interop};
use fixture::Fixture;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the conformance suite of npm; cargo xtask test"]
async fn conformance_suite() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let file = serve(&emulator).await;
    let program = Program::newer_node().node_script("mcp_conformance.mjs");
    let world = vec![("ENTRA_WORLD", file.into())];
    passes("mcp-conformance", program.with(world)).await;
}

/// Starts the server; gives the file that tells the suite where it is, and a token for it.
async fn serve(emulator: &Emulator) -> PathBuf {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let url = format!("{origin}/mcp");
    let cloud = Cloud::loopback(emulator.base_url()).unwrap();
    let authority = TenantAuthority::new(cloud, TenantId::parse(demo::TENANT).unwrap());
    let client = ClientId::parse(demo::MCP_SERVER).unwrap();
    let validator = Validator::new(
        authority.cloud().clone(),
        TenantPolicy::single(authority.tenant()),
        AcceptedAudiences::for_client(client),
    );
    let read = ScopeName::parse(demo::MCP_READ).unwrap();
    let resource = ProtectedResource::builder(&url)
        .authority(&authority)
        .identifier_uri(AppIdUri::api(client))
        .scope(read.clone())
        .facade()
        .build()
        .unwrap();
    let authenticator = Authenticator::new(validator).unwrap();
    // The suite also calls as a page of the server's own origin.
    let guard = AuthLayer::new(authenticator, resource.clone(), Requirement::scope(read))
        .unwrap()
        .allow_origins([AllowedOrigin::parse(&origin).unwrap()]);
    let mcp = StreamableHttpService::new(
        || Ok(Fixture),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default(),
    );
    let app = axum::Router::new()
        .nest_service("/mcp", mcp)
        .layer(McpLayer::new(guard))
        .merge(resource.metadata_router().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });

    let forge = emulator.forge();
    let (tenant, api) = (demo::TENANT, demo::MCP_SERVER);
    let token = forge.user_token(
        tenant,
        demo::ALICE,
        demo::MCP_CLIENT,
        api,
        &[demo::MCP_READ],
    );
    let world = json!({ "mcp_url": url, "token": token.unwrap().sign().unwrap() });
    let folder = interop().join("world/mcp-conformance");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("world.json");
    std::fs::write(&file, world.to_string()).unwrap();
    file
}
