//! The agent's process: it has a token of its own and no key. What it does for a user it does with the turn context that
//! came with the request.
//!
//! `GET /readiness`, `POST /responses` with `{"steps": [...]}`: the calls that its model decided on. It is told nothing about
//! the user.

use std::error::Error;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use mcp_auth::EntraApp;
use mcp_auth::obo::AppDownstream;
use mcp_auth::scopes::ScopeSet;
use serde::Deserialize;
use serde_json::{Value, json};

const CONTEXT: &str = "x-client-user-context";

struct Agent {
    http: reqwest::Client,
    gateway: Api,
    orders: Api,
    payroll: Api,
    slow_tool: String,
}

/// An API, and the agent's own tokens for it.
struct Api {
    url: String,
    audience: String,
    tokens: AppDownstream,
}

/// Serves until its standard input ends; the first line of its output says where.
pub async fn run() -> Result<(), Box<dyn Error>> {
    let agent = Arc::new(Agent::from_env()?);
    let routes = Router::new()
        .route("/readiness", get(|| async { "ready" }))
        .route("/responses", post(respond))
        .with_state(agent);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let ended = async {
        let mut rest = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut tokio::io::stdin(), &mut rest).await;
    };
    Ok(axum::serve(listener, routes)
        .with_graceful_shutdown(ended)
        .await?)
}

fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|_| format!("{name} is not set").into())
}

impl Agent {
    /// The blueprint's registration as `EntraApp::from_env` reads it; the agent identity and the APIs beside it.
    fn from_env() -> Result<Self, Box<dyn Error>> {
        let blueprint = EntraApp::from_env()?;
        let agent = blueprint
            .exchange()?
            .agent(variable("AGENT_ID")?.parse()?)?;
        let api = |name: &str| -> Result<Api, Box<dyn Error>> {
            let audience = variable(&format!("{name}_AUDIENCE"))?;
            let scopes = ScopeSet::parse(&format!("{audience}/.default"))?;
            Ok(Api {
                url: variable(&format!("{name}_URL"))?,
                tokens: agent.for_app(scopes)?,
                audience,
            })
        };
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            gateway: api("GATEWAY")?,
            orders: api("ORDERS")?,
            payroll: api("PAYROLL")?,
            slow_tool: variable("SLOW_TOOL_URL")?,
        })
    }

    async fn step(
        &self,
        turn: &mut String,
        step: &str,
    ) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let (api, method, path) = match step {
            "orders.read" => (&self.orders, "GET", "/orders"),
            "orders.write" => (&self.orders, "POST", "/orders"),
            "payroll.read" => (&self.payroll, "GET", "/payroll"),
            "slow" => {
                // A tool that takes minutes; before and after it the turn is renewed.
                *turn = self.renewed(turn).await?;
                self.http.post(&self.slow_tool).send().await?;
                *turn = self.renewed(turn).await?;
                return Ok(json!("done"));
            }
            other => return Ok(json!({ "error": format!("no tool {other:?}") })),
        };
        let token = api.tokens.token().await?;
        let wanted = json!({ "audience": api.audience, "scope": step });
        let given = self.trade(turn, &wanted).await?;
        let Some(context) = given["user_context"].as_str() else {
            return Ok(given);
        };
        let request = self
            .http
            .request(method.parse()?, format!("{}{path}", api.url));
        let request = request.bearer_auth(token.expose()).header(CONTEXT, context);
        let answer = request.send().await?;
        match answer.status().is_success() {
            true => Ok(answer.text().await?.into()),
            false => Ok(answer.json().await?),
        }
    }

    async fn renewed(&self, turn: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
        let given = self.trade(turn, &json!({ "renew": true })).await?;
        let renewed = given["turn_context"].as_str();
        Ok(renewed
            .ok_or_else(|| given["error"].to_string())?
            .to_owned())
    }

    /// Asks the issuer, with the agent's own token.
    async fn trade(
        &self,
        turn: &str,
        wanted: &Value,
    ) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let token = self.gateway.tokens.token().await?;
        let request = self.http.post(format!("{}/user-context", self.gateway.url));
        let request = request
            .bearer_auth(token.expose())
            .header(CONTEXT, turn)
            .json(wanted);
        Ok(request.send().await?.json().await?)
    }
}

#[derive(Deserialize)]
struct Question {
    steps: Vec<String>,
}

async fn respond(
    State(agent): State<Arc<Agent>>,
    headers: HeaderMap,
    Json(question): Json<Question>,
) -> Json<Value> {
    let sent = headers.get(CONTEXT).and_then(|value| value.to_str().ok());
    let mut turn = sent.unwrap_or_default().to_owned();
    let mut results = Vec::new();
    for step in &question.steps {
        let result = agent.step(&mut turn, step).await;
        results.push(result.unwrap_or_else(|error| json!({ "error": error.to_string() })));
    }
    Json(json!({ "results": results }))
}
