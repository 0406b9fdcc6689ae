//! The guarded MCP server: who may call, what clients discover, which tools there are.

use std::error::Error;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use mcp_auth::claims::Requirement;
use mcp_auth::rmcp::StepUp;
use mcp_auth::{McpSessions, Protected};
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

/// The MCP endpoint, the metadata that lets clients sign in, and the page after consent.
pub fn application(settings: &Settings, events: &Events) -> Result<Protected, Box<dyn Error>> {
    // Who may call: users of this tenant, with a token for this server and its base scope.
    let mut mcp = settings
        .entra
        .mcp(&settings.mcp_url)?
        .configure_resource(|resource| resource.name("MCP server that calls on behalf of its user"))
        .scope(READ)?
        .tool("send_mail", WRITE)?
        // No scope helps here: an administrator gives the role, or nobody does.
        .tool("audit", Requirement::role_of_user(AUDITOR))?
        .deny_unlisted();
    for tool in ["whoami", "read_profile", "read_calendar", "ask_foundry"] {
        mcp = mcp.tool(tool, READ)?;
    }
    // Where Entra ID sends a user after consent: a page of this server, registered for it.
    // `mcp.step_up()` has consent pages of the server's own instead.
    let mut back = Url::parse(&settings.mcp_url)?;
    back.set_path(CONSENTED);
    let step_up = StepUp::builder().redirect_uri(back).build()?;
    let tools = Tools::new(&step_up, settings)?;
    // The page after consent is open and does nothing, so that nothing happens when it is opened twice.
    Ok(mcp
        .rmcp(move || Ok(tools.clone()), McpSessions::InProcess)
        .public(Router::new().route(CONSENTED, get(consented)))
        .build()?
        .probes()
        .layer(from_fn_with_state(events.clone(), events::tell)))
}

/// The page after consent.
pub const CONSENTED: &str = "/consented";

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
