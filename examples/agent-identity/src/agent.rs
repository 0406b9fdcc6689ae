//! The agent: its identity, what it asks tokens for, and the calls that it makes with them.

use std::error::Error;

use entra_obo::{AccessToken, AgentIdentity, AppDownstream, Downstream};
use mcp_auth::scopes::ScopeSet;
use reqwest::StatusCode;
use rmcp::ServiceExt as _;
use rmcp::model::CallToolRequestParams;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};

use crate::api;
use crate::mcp_server;
use crate::settings::Settings;

/// Addresses of what the agent calls.
#[derive(Clone)]
pub struct Places {
    pub graph: String,
    pub mcp: String,
    pub api: String,
}

/// The agent identity with everything prepared once.
#[derive(Clone)]
pub struct Agent {
    http: reqwest::Client,
    pub places: Places,
    /// On behalf of the user who calls.
    pub profile: Downstream,
    pub calendar: Downstream,
    pub mail: Downstream,
    pub trips: Downstream,
    /// On its own.
    pub bookings: AppDownstream,
    pub directory: AppDownstream,
    /// As its own user account.
    pub account: Option<AppDownstream>,
}

impl Agent {
    pub fn new(settings: &Settings, places: Places) -> Result<Self, Box<dyn Error>> {
        // The blueprint holds the credential; the agent identity acts through it.
        let identity = settings.credentials.agent(settings.agent)?;
        let graph = |scope: &str| {
            let scope = format!("https://graph.microsoft.com/{scope}");
            delegated(&identity, &scope)
        };
        let api = settings.api.identifier_uri();
        let all = ScopeSet::parse(&format!("{api}/.default"))?;
        let account = settings.account.as_ref().map(|user| {
            let scope = ScopeSet::parse(&format!("{api}/{}", api::READ))?;
            Ok::<_, Box<dyn Error>>(identity.user_account(user.clone(), scope)?)
        });
        Ok(Self {
            // A redirect would carry a token to another address.
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()?,
            places,
            profile: graph("User.Read")?,
            calendar: graph("Calendars.Read")?,
            mail: graph("Mail.Read")?,
            trips: {
                let uri = settings.mcp.identifier_uri();
                delegated(&identity, &format!("{uri}/{}", mcp_server::READ))?
            },
            bookings: identity.for_app(all)?,
            directory: identity
                .for_app(ScopeSet::parse("https://graph.microsoft.com/.default")?)?,
            account: account.transpose()?,
        })
    }

    /// Who Microsoft Graph takes the token's user for.
    pub async fn me(&self, token: &AccessToken) -> Result<Value, String> {
        self.get(&format!("{}/v1.0/me", self.places.graph), token)
            .await
    }

    /// What the API says, and whom it saw.
    pub async fn bookings(&self, token: &AccessToken) -> Result<Value, String> {
        self.get(&format!("{}/bookings", self.places.api), token)
            .await
    }

    /// Calls the tool of the MCP server.
    pub async fn trips(&self, token: &AccessToken) -> Result<Value, String> {
        let config = StreamableHttpClientTransportConfig::with_uri(self.places.mcp.as_str());
        let config = config.auth_header(token.expose().to_owned());
        let transport = StreamableHttpClientTransport::from_config(config);
        let client = ().serve(transport).await.map_err(|error| error.to_string())?;
        let call = client.call_tool(CallToolRequestParams::new("trips"));
        let result = call.await.map_err(|error| error.to_string())?;
        let _ = client.cancel().await;
        Ok(result
            .structured_content
            .unwrap_or_else(|| json!(result.content)))
    }

    async fn get(&self, url: &str, token: &AccessToken) -> Result<Value, String> {
        let request = self.http.get(url).bearer_auth(token.expose());
        let answer = request.send().await.map_err(|error| error.to_string())?;
        match answer.status() {
            StatusCode::OK => answer.json().await.map_err(|error| error.to_string()),
            status => Err(format!("{url} answered {status}")),
        }
    }
}

fn delegated(agent: &AgentIdentity, scope: &str) -> Result<Downstream, Box<dyn Error>> {
    Ok(agent.downstream(ScopeSet::parse(scope)?)?)
}
