//! A local tenant and an Orders API, for trying the broker without Azure.

use std::error::Error;

use axum::routing::get;
use axum::{Json, Router};
use entra_emulator::{App, ConsentGrant, Directory, Emulator, ForgedToken, OptionalClaim, demo};
use mcp_auth::claims::Requirement;
use mcp_auth::{Caller, EntraApp, ServeLimits};
use serde_json::{Value, json};

use crate::config::Config;

/// The scope that users' clients ask for, and the role that applications need.
pub const SCOPE: &str = "tokens.get";
pub const ROLE: &str = "Tokens.Get";
/// An application without the role.
pub const STRANGER: &str = "c0de0000-da30-4000-8000-0000000000d2";

pub struct Local {
    pub emulator: Emulator,
    pub orders_url: String,
}

impl Local {
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        let emulator = Emulator::start(directory()).await?;
        let orders = registration(&emulator, demo::ORDERS_API, None)?;
        Ok(Self {
            orders_url: orders_api(&orders).await?,
            emulator,
        })
    }

    /// The broker's registration.
    pub fn entra(&self) -> Result<EntraApp, Box<dyn Error>> {
        registration(
            &self.emulator,
            demo::MCP_SERVER,
            Some(demo::MCP_SERVER_SECRET),
        )
    }

    /// Who gets which token.
    pub fn config() -> Result<Config, Box<dyn Error>> {
        Config::parse(include_str!("../broker.local.toml"))
    }

    /// A token to try the broker with, and what to call.
    pub fn guide(&self) -> Result<Value, Box<dyn Error>> {
        Ok(json!({
            "entra": self.emulator.base_url(),
            "orders_api": self.orders_url,
            "a_token_of_alice": self.token_of(demo::ALICE)?,
        }))
    }

    /// A user's token, through a client that understands claims challenges.
    pub fn token_of(&self, user: &str) -> Result<String, Box<dyn Error>> {
        let token = self.forged(user)?;
        Ok(token.claim("xms_cc", json!(["cp1"])).sign()?)
    }

    /// The same through one that does not.
    pub fn token_without_cp1(&self, user: &str) -> Result<String, Box<dyn Error>> {
        Ok(self.forged(user)?.sign()?)
    }

    fn forged(&self, user: &str) -> Result<ForgedToken, Box<dyn Error>> {
        let forge = self.emulator.forge();
        let (client, broker) = (demo::MCP_CLIENT, demo::MCP_SERVER);
        Ok(forge.user_token(demo::TENANT, user, client, broker, &[SCOPE])?)
    }
}

/// The demo tenant; what it calls the MCP server is the broker here.
fn directory() -> Directory {
    let demo = Directory::demo().map_app(demo::MCP_SERVER, |app| {
        app.scope(SCOPE)
            .role(ROLE)
            .optional_claim(OptionalClaim::XmsCc)
    });
    let tenants = demo.tenants().cloned().map(|tenant| match tenant.id() {
        demo::TENANT => tenant
            .app(App::new(STRANGER, "Another job").secret("demo-secret-of-the-stranger"))
            .grant(ConsentGrant::delegated(
                demo::MCP_CLIENT,
                demo::MCP_SERVER,
                [SCOPE],
            ))
            .grant(ConsentGrant::app_roles(
                demo::DAEMON,
                demo::MCP_SERVER,
                [ROLE],
            )),
        _ => tenant,
    });
    tenants.fold(Directory::new(), Directory::tenant)
}

/// One registration of the local tenant, by the variables that `EntraApp::from_env` reads.
fn registration(
    emulator: &Emulator,
    client: &str,
    secret: Option<&str>,
) -> Result<EntraApp, Box<dyn Error>> {
    Ok(EntraApp::from_variables([
        ("AZURE_AUTHORITY_HOST", emulator.base_url()),
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", client),
        // An empty variable counts as absent.
        ("AZURE_CLIENT_SECRET", secret.unwrap_or_default()),
    ])?)
}

/// An API that validates what it gets: the audience, and the user's scope or the role.
async fn orders_api(entra: &EntraApp) -> Result<String, Box<dyn Error>> {
    let guard = entra.guard(Requirement::any_of([
        Requirement::parse(demo::ORDERS_READ)?,
        Requirement::role(demo::ORDERS_ROLE),
    ]))?;
    let app = guard.protect(Router::new().route("/orders", get(orders)));
    let listener = mcp_auth::listen("127.0.0.1:0").await?;
    let url = format!("http://127.0.0.1:{}/orders", listener.local_addr()?.port());
    // It ends with the process: only the broker drains.
    let forever = std::future::pending();
    tokio::spawn(mcp_auth::serve_until(
        listener,
        app,
        ServeLimits::default(),
        forever,
    ));
    Ok(url)
}

async fn orders(caller: Caller) -> Json<Value> {
    let principal = caller.principal();
    Json(json!({
        "orders": ["4711: 12 bicycles"],
        "kind": principal.kind().as_str(),
        "object": principal.object().to_string(),
    }))
}
