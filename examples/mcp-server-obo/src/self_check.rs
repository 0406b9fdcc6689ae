//! Starts the server offline and uses it as clients do; each step is a JSON line.

use std::error::Error;

use entra_emulator::{ConsentGrant, demo};
use rmcp::ServiceExt as _;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};

use crate::events::Events;
use crate::local::Local;
use crate::server::{self, READ, WRITE};

/// Fails if a step did not do what it says.
pub async fn run() -> Result<(), Box<dyn Error>> {
    let world = World::start().await?;
    let mut steps = Steps::default();

    let refusal = ().serve(StreamableHttpClientTransport::from_uri(world.url.as_str())).await;
    let challenge = refusal
        .err()
        .and_then(|e| e.auth_challenge().map(str::to_owned));
    let challenge = challenge.unwrap_or_default();
    steps.tell(
        "challenge",
        challenge.contains("resource_metadata="),
        json!(challenge),
    );

    let status = world.status_for_host("evil.example").await?;
    steps.tell("foreign_host", status == 403, json!(status));

    let alice = world.client(demo::ALICE, &[READ]).await?;
    let saw = call(&alice, "whoami", json!({})).await?;
    let object = saw.structured_content.clone().unwrap_or_default()["object"].clone();
    steps.tell("whoami", object == demo::ALICE, object);

    let profile = call(&alice, "read_profile", json!({})).await?;
    let profile = profile.structured_content.unwrap_or_default();
    steps.tell("graph_as_the_user", profile["id"] == demo::ALICE, profile);

    let answer = call(&alice, "ask_foundry", json!({ "question": "why?" })).await?;
    let answer = answer.structured_content.unwrap_or_default();
    steps.tell(
        "foundry_as_the_user",
        answer["status"] == "completed",
        answer,
    );

    let refused = call(&alice, "read_calendar", json!({})).await?;
    let error = refused.structured_content.unwrap_or_default()["error"].clone();
    steps.tell("consent_is_missing", error == "consent_required", error);
    world.consent()?;
    let events = call(&alice, "read_calendar", json!({})).await?;
    let worked = events.is_error != Some(true);
    steps.tell(
        "after_consent",
        worked,
        events.structured_content.unwrap_or_default(),
    );

    let mail = json!({ "to": "bob@contoso.example", "subject": "hello" });
    let refused = call(&alice, "send_mail", mail.clone()).await;
    let challenge = refused
        .err()
        .map(|error| format!("{error:?}"))
        .unwrap_or_default();
    let both = challenge.contains("mcp.read") && challenge.contains("mcp.write");
    steps.tell("step_up_names_all_scopes", both, json!(challenge));
    let writer = world.client(demo::ALICE, &[READ, WRITE]).await?;
    let sent = call(&writer, "send_mail", mail).await?;
    steps.tell("mail_as_the_user", sent.is_error != Some(true), Value::Null);
    steps.end()
}

struct World {
    local: Local,
    url: String,
}

impl World {
    async fn start() -> Result<Self, Box<dyn Error>> {
        let listener = mcp_auth::listen("127.0.0.1:0").await?;
        let local = Local::start(listener.local_addr()?.port(), Events::off()).await?;
        let settings = local.settings()?;
        let app = server::application(&settings, &Events::off())?;
        tokio::spawn(mcp_auth::serve(
            listener,
            app,
            mcp_auth::ServeLimits::default(),
        ));
        Ok(Self {
            local,
            url: settings.mcp_url,
        })
    }

    /// What a page gets that reaches this server under a name of its own (DNS rebinding).
    async fn status_for_host(&self, host: &str) -> Result<u16, Box<dyn Error>> {
        let token = self.token(demo::ALICE, &[READ])?;
        let http = crate::wire::client()?;
        let request = http.post(&self.url).header("host", host).bearer_auth(token);
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        let request = request.header("accept", "application/json, text/event-stream");
        Ok(request.json(&ping).send().await?.status().as_u16())
    }

    fn token(&self, user: &str, scopes: &[&str]) -> Result<String, Box<dyn Error>> {
        let forge = self.local.emulator.forge();
        let (client, server) = (demo::MCP_CLIENT, demo::MCP_SERVER);
        Ok(forge
            .user_token(demo::TENANT, user, client, server, scopes)?
            .sign()?)
    }

    /// A client with a token that has these scopes.
    async fn client(
        &self,
        user: &str,
        scopes: &[&str],
    ) -> Result<RunningService<RoleClient, ()>, Box<dyn Error>> {
        let token = self.token(user, scopes)?;
        let config =
            StreamableHttpClientTransportConfig::with_uri(self.url.as_str()).auth_header(token);
        let transport = StreamableHttpClientTransport::from_config(config);
        Ok(().serve(transport).await?)
    }

    /// Alice consents to what the calendar tool needs.
    fn consent(&self) -> Result<(), Box<dyn Error>> {
        let grant =
            ConsentGrant::delegated(demo::MCP_SERVER, crate::local::GRAPH, ["Calendars.Read"]);
        let emulator = &self.local.emulator;
        Ok(emulator.grant_consent(demo::TENANT, grant.only_for(demo::ALICE))?)
    }
}

async fn call(
    client: &RunningService<RoleClient, ()>,
    tool: &'static str,
    arguments: Value,
) -> Result<CallToolResult, Box<dyn Error>> {
    let mut params = CallToolRequestParams::new(tool);
    params.arguments = arguments.as_object().cloned();
    Ok(client.call_tool(params).await?)
}

/// What was told, and how much of it was wrong.
#[derive(Default)]
struct Steps {
    failed: usize,
}

impl Steps {
    fn tell(&mut self, step: &str, ok: bool, seen: Value) {
        self.failed += usize::from(!ok);
        println!("{}", json!({ "step": step, "ok": ok, "seen": seen }));
    }

    fn end(self) -> Result<(), Box<dyn Error>> {
        match self.failed {
            0 => Ok(()),
            failed => Err(format!("{failed} steps did not do what they say").into()),
        }
    }
}
