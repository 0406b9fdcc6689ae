//! The agent's runtime: a guarded service that the app calls with the user's token for the
//! blueprint, and that acts on behalf of that user.

use std::error::Error;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use mcp_auth::obo::Downstream;
use mcp_auth::{Caller, OnBehalfOfError, Protected};
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::settings::Settings;

/// The blueprint's scope: calling its agents.
pub const CALL: &str = "access_agent";

/// `POST /ask` and, with permissions that may be missing, `POST /calendar` and `POST /mail`.
pub fn application(settings: &Settings, agent: Agent) -> Result<Protected, Box<dyn Error>> {
    let routes = Router::new()
        .route("/ask", post(ask))
        .route("/calendar", post(calendar))
        .route("/mail", post(mail))
        .with_state(agent);
    // Users of this tenant with a token for the blueprint, and no other.
    Ok(settings.blueprint.guard(CALL)?.protect(routes).probes())
}

/// What goes wrong behind the guard.
enum Failure {
    /// Entra ID gives no token for this user.
    Exchange(OnBehalfOfError),
    /// What was called did not answer.
    Call(String),
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Exchange(error) => error.into_response(),
            Self::Call(error) => {
                (StatusCode::BAD_GATEWAY, Json(json!({ "error": error }))).into_response()
            }
        }
    }
}

/// As the user: their profile at Microsoft Graph, and their trips at the MCP server.
async fn ask(State(agent): State<Agent>, caller: Caller) -> Result<Json<Value>, Failure> {
    let token = caller
        .on_behalf_of(&agent.profile)
        .await
        .map_err(Failure::Exchange)?;
    let me = agent.me(&token).await.map_err(Failure::Call)?;
    let token = caller
        .on_behalf_of(&agent.trips)
        .await
        .map_err(Failure::Exchange)?;
    let trips = agent.trips(&token).await.map_err(Failure::Call)?;
    let principal = caller.principal();
    Ok(Json(json!({
        "runtime_saw": {
            "user": principal.object().to_string(),
            "client": principal.client().to_string(),
            "audience": caller.token().claims().aud(),
        },
        "graph": { "id": me["id"] },
        "mcp": trips,
    })))
}

async fn calendar(State(agent): State<Agent>, caller: Caller) -> Result<Json<Value>, Failure> {
    graph_with(&agent, &agent.calendar, &caller).await
}

async fn mail(State(agent): State<Agent>, caller: Caller) -> Result<Json<Value>, Failure> {
    graph_with(&agent, &agent.mail, &caller).await
}

/// A call of Microsoft Graph with one more permission.
async fn graph_with(
    agent: &Agent,
    permission: &Downstream,
    caller: &Caller,
) -> Result<Json<Value>, Failure> {
    let token = caller
        .on_behalf_of(permission)
        .await
        .map_err(Failure::Exchange)?;
    let me = agent.me(&token).await.map_err(Failure::Call)?;
    Ok(Json(json!({ "id": me["id"] })))
}
