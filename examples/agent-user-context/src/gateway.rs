//! The gateway: it validates the user, starts turns, and trades turn contexts for call contexts.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use mcp_auth::claims::PrincipalKey;
use mcp_auth::scopes::Scope;
use mcp_auth::user_context::context::{AgentId, Issuer, SessionId, Sessions, USER_CONTEXT};
use mcp_auth::user_context::{agents_of, key_routes, trade_routes};
use mcp_auth::{Caller, EntraApp, Protected};
use serde_json::{Value, json};

/// What the gateway knows: its issuer, whose sessions are open, and where the agent is.
#[derive(Clone)]
pub struct Gateway {
    pub issuer: Issuer,
    pub sessions: Sessions,
    pub agent: AgentId,
    /// What a turn with the agent may do: what this chat is for.
    pub scopes: Vec<Scope>,
    pub agent_url: String,
    pub signed_in: Arc<Mutex<HashMap<PrincipalKey, SessionId>>>,
}

/// Users chat and sign out; agents trade; the keys are public.
pub fn application(
    entra: &EntraApp,
    gateway: &Gateway,
    users: &str,
) -> Result<Protected, Box<dyn Error>> {
    let chat = Router::new()
        .route("/chat", post(chat))
        .route("/sign-out", post(sign_out))
        .with_state(gateway.clone());
    Ok(entra
        .guard(users)?
        .protect(chat)
        .and(
            entra.guard(agents_of(&gateway.issuer))?,
            trade_routes(&gateway.issuer),
        )
        .public(key_routes(&gateway.issuer)))
}

/// A turn: the agent gets the request and a context that names the user, and no token of the user's.
async fn chat(
    State(gateway): State<Gateway>,
    caller: Caller,
    Json(question): Json<Value>,
) -> Response {
    let turn = match gateway.turn(&caller).await {
        Ok(turn) => turn,
        Err(reason) => {
            return (StatusCode::FORBIDDEN, Json(json!({ "error": reason }))).into_response();
        }
    };
    let asked = reqwest::Client::new()
        .post(format!("{}/responses", gateway.agent_url))
        .header(USER_CONTEXT, turn)
        .json(&question)
        .timeout(Duration::from_secs(30));
    match asked.send().await {
        Ok(answer) => Json(answer.json::<Value>().await.unwrap_or_default()).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// From now on no context is issued for this user's turns.
async fn sign_out(State(gateway): State<Gateway>, caller: Caller) -> StatusCode {
    let session = gateway.signed_in().remove(&caller.principal().key());
    match session {
        Some(session) if gateway.sessions.end(&session).await.is_err() => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::NO_CONTENT,
    }
}

impl Gateway {
    /// A turn context for the agent, for the user who was validated.
    async fn turn(&self, caller: &Caller) -> Result<String, &'static str> {
        let user = caller.principal().key();
        let open = self.signed_in().get(&user).copied();
        let session = match open {
            Some(session) => session,
            None => {
                let lasts = Duration::from_secs(8 * 3600);
                let opened = self.sessions.open(caller.token(), lasts).await;
                let session = opened.map_err(|_| "no_session")?;
                self.signed_in().insert(user, session);
                session
            }
        };
        let turn = self
            .issuer
            .start_turn(caller.token(), &session, self.agent, &self.scopes)
            .await;
        let turn = turn.map_err(|refusal| refusal.code())?;
        Ok(turn.expose().to_owned())
    }

    fn signed_in(&self) -> std::sync::MutexGuard<'_, HashMap<PrincipalKey, SessionId>> {
        self.signed_in
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
