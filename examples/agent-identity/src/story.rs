//! The steps: on behalf of the user, autonomously, as the agent's user account; and whom the last
//! API saw.

use std::error::Error;

use mcp_auth::{Protected, ServeLimits};
use serde_json::{Value, json};

use crate::agent::{Agent, Places};
use crate::settings::Settings;
use crate::steps::Steps;
use crate::{api, mcp_server, runtime};

/// The services, as they listen on loopback.
pub struct Running {
    http: reqwest::Client,
    pub agent: Agent,
    runtime: String,
}

impl Running {
    pub async fn start(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let api = serve(|_| api::application(settings)).await?;
        let behind = api.clone();
        let mcp =
            serve(|origin| mcp_server::application(settings, &format!("{origin}/mcp"), &behind));
        let places = Places {
            graph: settings.graph.clone(),
            mcp: format!("{}/mcp", mcp.await?),
            api,
        };
        let agent = Agent::new(settings, places)?;
        let of_runtime = agent.clone();
        let runtime = serve(|_| runtime::application(settings, of_runtime)).await?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self {
            http,
            agent,
            runtime,
        })
    }

    /// What the app does: calls the agent with the user's token.
    pub async fn call(&self, path: &str, token: &str) -> Result<(u16, Value), Box<dyn Error>> {
        let request = self.http.post(format!("{}{path}", self.runtime));
        let answer = request.bearer_auth(token).send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or_default()))
    }
}

async fn serve(
    app: impl FnOnce(&str) -> Result<Protected, Box<dyn Error>>,
) -> Result<String, Box<dyn Error>> {
    let listener = mcp_auth::listen("127.0.0.1:0").await?;
    let origin = format!("http://localhost:{}", listener.local_addr()?.port());
    let app = app(&origin)?;
    let forever = std::future::pending();
    tokio::spawn(mcp_auth::serve_until(
        listener,
        app,
        ServeLimits::default(),
        forever,
    ));
    Ok(origin)
}

/// `user` is whom the token is of.
pub async fn tell(
    steps: &mut Steps,
    settings: &Settings,
    running: &Running,
    token: &str,
    user: &str,
) -> Result<(), Box<dyn Error>> {
    let agent = settings.agent.to_string();
    let (status, answer) = running.call("/ask", token).await?;
    let saw = &answer["runtime_saw"];
    let called = status == 200 && saw["user"] == user && saw["client"] == settings.app.to_string();
    steps.tell("the_app_calls_the_agent", called, json!([status, saw]));
    let me = &answer["graph"]["id"];
    steps.tell("graph_on_behalf_of_the_user", *me == user, me.clone());
    let mcp = &answer["mcp"]["mcp_server_saw"];
    let right = mcp["object"] == user && mcp["client"] == agent;
    steps.tell("mcp_server_on_behalf_of_the_user", right, mcp.clone());
    // The MCP server exchanged again, as itself: the agent is out of sight here.
    let last = &answer["mcp"]["api"]["api_saw"];
    let right = last["object"] == user && last["client"] == settings.mcp.client_id().to_string();
    steps.tell("last_api_after_the_second_exchange", right, last.clone());

    let alone = running.agent.bookings.token().await?;
    let alone = running.agent.bookings(&alone).await?["api_saw"].clone();
    let right = alone["object"] == agent && alone["client"] == agent;
    steps.tell("autonomously", right, alone);

    let Some(account) = &running.agent.account else {
        steps.tell(
            "as_its_own_user_account",
            true,
            json!("AGENT_USER is not set: not asked for"),
        );
        return Ok(());
    };
    let token = account.token().await?;
    let saw = running.agent.bookings(&token).await?["api_saw"].clone();
    let right = saw["client"] == agent && saw["object"] != agent && saw["object"] != user;
    steps.tell("as_its_own_user_account", right, saw);
    Ok(())
}
