//! A local tenant and an Orders API, for trying the broker without Azure.

use std::error::Error;

use axum::routing::get;
use axum::{Json, Router};
use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
use entra_emulator::{App, ConsentGrant, Directory, Emulator, ForgedToken, OptionalClaim, demo};
use entra_obo::ClientSecret;
use foundry_scopes::{AppIdUri, ClientId, Cloud, TenantId};
use mcp_auth::{AuthLayer, Caller};
use serde_json::{Value, json};
use tokio::net::TcpListener;

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
        let orders_url = orders_api(emulator.base_url()).await?;
        Ok(Self {
            emulator,
            orders_url,
        })
    }

    pub fn secret() -> ClientSecret {
        ClientSecret::new(demo::MCP_SERVER_SECRET)
    }

    /// `broker.local.toml`, with the emulator's address in it.
    pub fn config(&self) -> Result<Config, Box<dyn Error>> {
        let text = include_str!("../broker.local.toml");
        Config::parse(&text.replace("<entra>", self.emulator.base_url()))
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

/// An API that validates what it gets: the audience, and the user's scope or the role.
async fn orders_api(entra: &str) -> Result<String, Box<dyn Error>> {
    let client = ClientId::parse(demo::ORDERS_API)?;
    let validator = Validator::new(
        Cloud::loopback(entra)?,
        TenantPolicy::single(TenantId::parse(demo::TENANT)?),
        AcceptedAudiences::for_client(client),
    );
    let requirement = Requirement::any_of([
        Requirement::parse(demo::ORDERS_READ)?,
        Requirement::role(demo::ORDERS_ROLE),
    ]);
    let guard = AuthLayer::for_api(
        Authenticator::new(validator)?,
        AppIdUri::api(client),
        requirement,
    )?;
    let app = Router::new().route("/orders", get(orders)).layer(guard);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://127.0.0.1:{}/orders", listener.local_addr()?.port());
    tokio::spawn(async move { axum::serve(listener, app).await });
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
